import { describe, expect, it } from '@jest/globals';

import { firstItems, sortedMap, textSet, word } from './limits.ts';
import { byText, cutText } from './text.ts';

describe('the limits of the schemas', () => {
  it('a word is kept up to its length, a longer one is cut and told', () => {
    const cuts = new Set<string>();
    expect(word('abc', 3, 'f', cuts)).toBe('abc');
    expect(word('', 3, 'f', cuts)).toBeUndefined();
    expect(cuts.size).toBe(0);
    expect(word('abcd', 3, 'f', cuts)).toBe('ab…');
    expect([...cuts]).toEqual(['f']);
  });

  it('so are items, sets and maps', () => {
    const cuts = new Set<string>();
    const same = (value: string) => value;
    expect(firstItems(['a', 'b'], 2, 'items', cuts)).toEqual(['a', 'b']);
    expect(textSet(['b', 'a', 'b', 'abc'], 9, 3, 'set', cuts)).toEqual(['a', 'abc', 'b']);
    expect(textSet([], 9, 3, 'set', cuts)).toBeUndefined();
    const key = 'k'.repeat(256);
    expect(Object.keys(sortedMap({ [key]: '1', a: '2' }, 2, 'map', cuts, same) ?? {})).toEqual(['a', key]);
    expect(sortedMap({}, 2, 'map', cuts, same)).toBeUndefined();
    expect(cuts.size).toBe(0);
    expect(firstItems(['a', 'b'], 1, 'items', cuts)).toEqual(['a']);
    expect(textSet(['abcd', 'a', ''], 9, 3, 'set', cuts)).toEqual(['a']);
    expect(sortedMap({ [`${key}k`]: '1', b: '2', a: '3' }, 1, 'map', cuts, same)).toEqual({ a: '3' });
    expect([...cuts].sort()).toEqual(['items', 'map', 'set']);
  });

  it('an entry that is more than the limits, or no entry of an object, is left out and told', () => {
    const same = (value: string) => value;
    for (const key of ['k'.repeat(257), '__proto__']) {
      const cuts = new Set<string>();
      const map = JSON.parse(`{"a":"1","${key}":"2"}`) as Record<string, string>;
      expect(Object.entries(sortedMap(map, 9, 'map', cuts, same) ?? {})).toEqual([['a', '1']]);
      expect([...cuts]).toEqual(['map']);
    }
  });

  it('a text is not cut within a character', () => {
    expect(cutText('ab\u{1F600}cd', 4)).toBe('ab…');
    expect(cutText('ab\u{10FFFF}cd', 4)).toBe('ab…');
    expect(cutText('ab\u{10000}cd', 4)).toBe('ab…');
    expect(cutText('ab\ue000cd', 4)).toBe('ab\ue000…');
    expect(cutText('abcde', 5)).toBe('abcde');
    expect(cutText('abcdef', 5)).toBe('abcd…');
    expect(['b', 'a', 'b'].sort(byText)).toEqual(['a', 'b', 'b']);
  });
});
