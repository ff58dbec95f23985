import { describe, expect, it } from '@jest/globals';

import { parseLabelSelector } from './label-selector.ts';

describe('label selectors', () => {
  const matches = (text: string, labels: Record<string, string>) => {
    const parsed = parseLabelSelector(text);
    return parsed.ok ? parsed.selector.matches(labels) : parsed.message;
  };
  it.each<[string, Record<string, string>, boolean]>([
    ['  ', {}, true],
    [' a=b , c ', { a: 'b', c: '' }, true],
    ['a=', { a: '' }, true],
    ['a=', { a: 'x' }, false],
    ['a!=', { a: '' }, false],
    ['a!=', { a: 'x' }, true],
    ['a!=b', { a: 'b' }, false],
    ['a!=b', { a: '' }, true],
    ['a!=b', {}, true],
    ['a notin (b, c)', {}, true],
    ['a notin (b, c)', { a: 'c' }, false],
    ['a notin (b, c)', { a: 'd' }, true],
    ['a in (b)', {}, false],
  ])('%j on %j: %j', (text, labels, is) => expect(matches(text, labels)).toBe(is));

  it.each(['a in (b, !)', 'a=b, !!', 'a in ()x'])('%j is none, and says how to write one', (text) => {
    expect(matches(text, {})).toMatch(/Write requirements such as a=b/);
  });
});
