import { describe, expect, it } from '@jest/globals';

import { withoutSteering } from './steering.ts';

describe('characters that steer', () => {
  const shown = (text: string): string => withoutSteering(text, (run) => `<${run.length}>`);

  it.each([
    ['a line break', 'a\r\nb', 'a<2>b'],
    ['an escape sequence', 'a\u001b[31mb', 'a<1>[31mb'],
    ['control characters beyond ASCII', 'a\u0085\u009bb', 'a<2>b'],
    ["Unicode's own line breaks", 'a\u2028\u2029b', 'a<2>b'],
    ['every turn of direction', '\u061c\u200e\u200f\u202a\u202e\u2066\u2069', '<7>'],
  ])('are put otherwise, a run at a time: %s', (_title, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('are not those that only cannot be seen', () => {
    const text = 'a\u200bb\u{1f469}\u200d\u{1f4bb}\u00a0';
    expect(shown(text)).toBe(text);
  });
});
