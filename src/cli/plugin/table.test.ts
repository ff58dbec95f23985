import { describe, expect, it } from '@jest/globals';

import { fieldLines, tableLines, type Column } from './table.ts';
import { coloured, cutTo, harmless, plain, widthOf } from './terminal-text.ts';

describe('text for a terminal', () => {
  it.each([
    ['a line', 'a\n b\tc', 'a b c'],
    ['what steers a terminal', 'a\u001b[31mred\u0007', 'a\ufffd[31mred\ufffd'],
    ['what turns the direction of text', 'a\u202eb', 'a\ufffdb'],
    ['letters of any script', '训练 é', '训练 é'],
  ])('harmless: %s', (_what, text, shown) => {
    expect(harmless(text)).toBe(shown);
  });

  it.each([
    ['abc', 3],
    ['训练', 4],
    ['e\u0301', 1],
    ['', 0],
  ])('the width of %j', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['训练任务', 5, '训练…'],
    ['any', 0, '…'],
  ])('%j in %i columns', (text, columns, shown) => {
    expect(cutTo(text, columns)).toBe(shown);
  });

  it('colours only where it says something, and ends each colour', () => {
    expect(coloured('x', 'bad')).toBe('\u001b[31mx\u001b[39m');
    expect(coloured('x', undefined)).toBe('x');
    expect(coloured('', 'bad')).toBe('');
    expect(plain('x', 'bad')).toBe('x');
  });
});

describe('a table', () => {
  interface Row {
    readonly name: string;
    readonly count?: number;
    readonly note?: string;
  }
  const columns: readonly Column<Row>[] = [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'COUNT', cell: ({ count }) => count },
    { header: 'NOTE', cell: ({ note = '' }) => ({ text: note, tone: 'bad' }), optional: true },
  ];

  it('lines its columns up by what they take on a terminal', () => {
    expect(tableLines(columns, [{ name: '训练', count: 0 }, { name: 'a' }], { paint: plain })).toEqual([
      'NAME   COUNT',
      '训练   0',
      'a',
    ]);
  });

  it('shows an optional column where it has something', () => {
    expect(tableLines(columns, [{ name: 'a', note: 'well' }], { paint: plain })[0]).toBe(
      'NAME   COUNT   NOTE',
    );
  });

  it.each([5, 8, 11, 14, 16, 40])('takes no more than %i columns, colours not counted', (width) => {
    const rows = [{ name: 'long-name', count: 12, note: 'a long note about it' }];
    const shown = tableLines(columns, rows, { paint: coloured, width }).map((line) =>
      line.replaceAll(/\u001b\[\d+m/g, ''),
    );
    for (const line of shown) expect(widthOf(line)).toBeLessThanOrEqual(width);
    expect(shown[1]).toMatch(/^long/);
  });

  it('leaves out fields without a value', () => {
    expect(
      fieldLines(
        [
          ['Name', 'a'],
          ['Count', undefined],
          ['Longer', 0],
        ],
        plain,
      ),
    ).toEqual(['Name:     a', 'Longer:   0']);
  });
});
