import { describe, expect, it } from '@jest/globals';

import { cleanText, Cursor } from './read.ts';
import { textTime, unixTime } from './times.ts';

/** What a reading gives, and what it notes. */
function read<T>(value: unknown, reading: (at: Cursor) => T) {
  const body = new Cursor({ at: value });
  return { gives: reading(body.at('at')), issues: body.issues };
}
const issue = (expected: string, found: string) => [{ path: 'at', expected, found }];

describe('a place in an answer', () => {
  it.each<[string, (at: Cursor) => unknown, unknown, unknown]>([
    ['a text', (at) => at.text(), 'x', 'x'],
    ['a text with blanks around', (at) => at.text(), ' x ', 'x'],
    ['a text of blanks, which is none', (at) => at.text(), '  ', undefined],
    ['a text that is a number', (at) => at.text(), 7, '7'],
    ['a text that is a truth', (at) => at.text(), false, 'false'],
    ['a text that is longer than is kept', (at) => at.text(3), 'abcdef', 'abc'],
    ['an integer', (at) => at.integer(), -7, -7],
    ['an integer as text', (at) => at.integer(), ' -7 ', -7],
    ['a count', (at) => at.count(), 0, 0],
    ['a truth', (at) => at.boolean(), true, true],
    ['a truth as text', (at) => at.boolean(), ' True ', true],
    ['an untruth as text', (at) => at.boolean(), 'FALSE', false],
    ['texts', (at) => at.texts(9), ['a', 7, ''], ['a', '7']],
    ['texts of which the first are kept', (at) => at.texts(2), ['a', 'b', 'c'], ['a', 'b']],
    ['one text for a list of it', (at) => at.texts(9), 'a', ['a']],
    ['rows', (at) => at.rows().map(({ path }) => path), [{}, {}], ['at[0]', 'at[1]']],
    ['one row for a list of it', (at) => at.rows().map(({ path }) => path), {}, ['at']],
    ['a member', (at) => at.object().at('x').value, { x: 1 }, 1],
    ['a member that every object inherits', (at) => at.at('toString').value, {}, undefined],
  ])('reads %s', (_what, reading, value, gives) => {
    expect(read(value, reading)).toEqual({ gives, issues: [] });
  });

  it.each<[string, (at: Cursor) => unknown, unknown]>([
    ['text', (at) => at.text(), undefined],
    ['integer', (at) => at.integer(), undefined],
    ['count', (at) => at.count(), undefined],
    ['boolean', (at) => at.boolean(), undefined],
    ['texts', (at) => at.texts(9), []],
    ['rows', (at) => at.rows(), []],
    ['entries', (at) => at.entries(9), []],
    ['a member of the object', (at) => at.object().at('x').value, undefined],
  ])('where nothing, null or an empty text stands, %s is absent and no issue', (_what, reading, gives) => {
    for (const value of [undefined, null, '']) expect(read(value, reading)).toEqual({ gives, issues: [] });
  });

  it.each<[string, (at: Cursor) => unknown, unknown, unknown, string, string]>([
    ['text', (at) => at.text(), {}, undefined, 'a text', 'an object'],
    ['integer', (at) => at.integer(), 1.5, undefined, 'an integer', '1.5'],
    ['integer', (at) => at.integer(), 2 ** 53, undefined, 'an integer', '9007199254740992'],
    ['integer', (at) => at.integer(), 'x7', undefined, 'an integer', '"x7"'],
    ['integer', (at) => at.integer(), '0x10', undefined, 'an integer', '"0x10"'],
    ['integer', (at) => at.integer(), '1e3', undefined, 'an integer', '"1e3"'],
    ['integer', (at) => at.integer(), '7x', undefined, 'an integer', '"7x"'],
    ['integer', (at) => at.integer(), [7], undefined, 'an integer', 'a list of 1'],
    ['count', (at) => at.count(), -1, undefined, 'a count', '-1'],
    ['boolean', (at) => at.boolean(), 'yes', undefined, 'true or false', '"yes"'],
    ['boolean', (at) => at.boolean(), 1, undefined, 'true or false', '1'],
    ['texts', (at) => at.texts(9), 7, [], 'a list of texts', '7'],
    ['rows', (at) => at.rows(), 7, [], 'a list', '7'],
    ['object', (at) => at.object().value, [], undefined, 'an object', 'a list of 0'],
    ['entries', (at) => at.entries(9), 7, [], 'an object', '7'],
  ])('%s: something else is absent, and named', (_what, reading, value, gives, expected, found) => {
    expect(read(value, reading)).toEqual({ gives, issues: issue(expected, found) });
  });

  it('names the text of a list that is none', () => {
    const { gives, issues } = read(['a', {}, 'b'], (at) => at.texts(9));
    expect(gives).toEqual(['a', 'b']);
    expect(issues).toEqual([{ path: 'at[1]', expected: 'a text', found: 'an object' }]);
  });

  it('has the first members by name, without those that name nothing', () => {
    const value = JSON.parse('{"c":1,"":2,"__proto__":3,"b\\nb":4,"a":5}') as object;
    const members = (max: number) =>
      read(value, (at) => at.entries(max).map(([name, member]) => [name, member.value])).gives;
    expect(members(9)).toEqual([
      ['a', 5],
      ['b b', 4],
      ['c', 1],
    ]);
    expect(members(2)).toEqual([
      ['a', 5],
      ['b b', 4],
    ]);
  });

  it('notes a hundred issues, and those of the whole before them in any case', () => {
    const body = new Cursor({ rows: Array(150).fill({}) });
    for (const row of body.at('rows').rows()) row.text();
    expect(body.issues).toHaveLength(100);
    body.at('rows').issueOfWhole('better rows');
    expect(body.issues).toHaveLength(101);
    expect(body.issues[0]).toEqual({ path: 'rows', expected: 'better rows', found: 'a list of 150' });
  });

  it('shows no more than the beginning of what stands there', () => {
    const { issues } = read('so, '.repeat(1_000), (at) => at.integer());
    expect(issues[0]?.found).toBe(`"${'so, '.repeat(16)}`.slice(0, 64).trim());
  });
});

describe('cleanText', () => {
  it.each([
    ['as it is', 'as it is', 8],
    ['one\r\n\ttwo', 'one two', 99],
    [' around ', 'around', 99],
    ['exact', 'exact', 5],
    ['longer', 'long', 4],
    ['\u{1F600}\u{1F600}\u{1F600}', '\u{1F600}\u{1F600}', 2],
    ['half \ud83d', 'half \ufffd', 99],
    [`${' '.repeat(12)}late`, '', 3],
  ])('%j becomes %j', (text, clean, max) => expect(cleanText(text, max)).toBe(clean));
});

describe('times', () => {
  const shown = (ms: number | undefined) =>
    ms === undefined ? undefined : new Date(ms).toISOString().replace('.000Z', 'Z');

  it.each([
    [undefined, undefined],
    [0, undefined],
    [-1, undefined],
    [1, '1970-01-01T00:00:01Z'],
    [1e11 - 1, '5138-11-16T09:46:39Z'],
    [1e11, '1973-03-03T09:46:40Z'],
    [253402300799000, '9999-12-31T23:59:59Z'],
    [253402300800000, undefined],
    [8.64e15 + 1, undefined],
  ])('the Unix time %j is %j', (value, time) => expect(shown(unixTime(value))).toBe(time));

  it.each([
    [undefined, undefined],
    ['2025-01-02T03:04:05Z', '2025-01-02T03:04:05Z'],
    [' 2025-01-02t03:04:05.999z ', '2025-01-02T03:04:05Z'],
    ['2025-01-02 03:04:05-02:30', '2025-01-02T05:34:05Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['1969-12-31T23:59:59Z', undefined],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
    ['9999-12-31T23:59:59-01:00', undefined],
    ['2025-13-02T03:04:05Z', undefined],
    ['on 2025-01-02T03:04:05Z', undefined],
    ['2025-01-02T03:04:05Z or so', undefined],
    ['2025-01-02T03:04:05', undefined],
    ['2025-01-02', undefined],
  ])('the text %j is %j', (value, time) => expect(shown(textTime(value))).toBe(time));
});
