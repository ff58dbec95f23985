import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Scrambler } from './recording-scrambler.ts';

const key = Buffer.alloc(32, 1);
const shape = (text: string): string =>
  text.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/[0-9]/g, '0');

describe('a scrambler', () => {
  it('gives one text always the same, and others to other keys', () => {
    const [one, again, other] = [new Scrambler(key), new Scrambler(key), new Scrambler(Buffer.alloc(32, 2))];
    const id = '0123456789abcdef0123456789abcdef';
    expect(one.id(id)).toBe(one.id(id));
    expect(one.id(id)).toBe(again.id(id));
    expect(one.id(id)).not.toBe(other.id(id));
  });

  it('keeps length and kinds of characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9._:/ -]{6,40}$/), (text) => {
        expect(shape(new Scrambler(key).id(text))).toBe(shape(text));
      }),
    );
  });

  it('makes of hexadecimal digits others, and of a number one of as many digits', () => {
    const scrambler = new Scrambler(key);
    expect(scrambler.id('7a1d2c3b-0001-4a5b-8c6d-7e8f90a1b2c3')).toMatch(
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    );
    expect(scrambler.id('20481')).toMatch(/^[1-9]\d{4}$/);
  });

  it('never gives two texts one name, however short', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,3}$/), { maxLength: 200 }), (texts) => {
        const scrambler = new Scrambler(key);
        expect(new Set(texts.map((text) => scrambler.id(text))).size).toBe(texts.length);
      }),
    );
  });

  it('gives private addresses for addresses, each the same one', () => {
    const scrambler = new Scrambler(key);
    const [a, b, c] = scrambler.addresses('192.0.2.1, 192.0.2.2,192.0.2.1').split(/,\s*/);
    for (const one of [a, b, c]) expect(one).toMatch(/^10(\.\d{1,3}){3}$/);
    expect(c).toBe(a);
    expect(b).not.toBe(a);
  });

  it('keeps what means nobody', () => {
    const scrambler = new Scrambler(key);
    expect([scrambler.id(''), scrambler.id('0')]).toEqual(['', '0']);
  });
});
