import { describe, expect, it } from '@jest/globals';

import { firstOf, storedLength } from './text.ts';

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
  ])('of %j is %d', (text, length) => expect(storedLength(text)).toBe(length));

  it('some of many items end with that there are more', () => {
    expect(firstOf(['a', 'b'], 2)).toBe('a, b');
    expect(firstOf(['a', 'b', 'c'], 2)).toBe('a, b, and more');
  });
});
