import { describe, expect, it } from '@jest/globals';

import { byText, cutToStored, firstOf, storedLength } from './text.ts';

describe('the length of a stored text', () => {
  it.each([
    ['a', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
    ['<', 6],
    ['\u007f', 6],
    ['\u001f', 6],
    ['"', 2],
    ['\\', 2],
    ['" "', 5],
  ])('of %j is %d', (text, length) => expect(storedLength(text)).toBe(length));

  it('is what a text is cut to, and one that just fits stays whole', () => {
    expect(cutToStored('abcd', 4)).toBe('abcd');
    expect(cutToStored('abcde', 4)).toBe('a…');
  });

  it('some of many items end with that there are more', () => {
    expect(firstOf(['a', 'b'], 2)).toBe('a, b');
    expect(firstOf(['a', 'b', 'c'], 2)).toBe('a, b, and more');
  });

  it('two texts are in the order of their code units, or are equal', () => {
    expect([byText('a', 'b'), byText('b', 'a'), byText('a', 'a')]).toEqual([-1, 1, 0]);
  });
});
