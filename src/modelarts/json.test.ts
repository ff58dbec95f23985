import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBody } from './json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseBody(bytes(text));

describe('parseBody', () => {
  it('drops a byte order mark', () => {
    expect(parse('\uFEFF{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
  });

  it.each([
    ['empty', ''],
    ['empty', ' \n'],
    ['not JSON', '<html></html>'],
    ['not JSON', '{"versions": [1,]}'],
    ['not JSON', '{"a":'],
    ['not a JSON object', '[]'],
    ['not a JSON object', 'null'],
    ['not a JSON object', '"text"'],
  ])('says that a body is %s', (fault, text) => {
    expect(parse(text)).toEqual({ ok: false, fault });
  });

  it('says that a body is not UTF-8', () => {
    expect(parseBody(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual({ ok: false, fault: 'not UTF-8' });
  });

  it('D28: keeps integers that a number cannot hold as text, and others as numbers', () => {
    expect(
      parse('{"id":9223372036854775807,"list":[ -9007199254740993],"n":9007199254740991,"x":1.5}'),
    ).toEqual({
      ok: true,
      value: { id: '9223372036854775807', list: ['-9007199254740993'], n: 9007199254740991, x: 1.5 },
    });
  });

  it('survives any depth and any bytes', () => {
    const deep = (digits: string) => '{"a":'.repeat(10_000) + digits + '}'.repeat(10_000);
    expect(parse(deep('1')).ok).toBe(true);
    expect(() => parse(deep('12345678901234567890'))).not.toThrow();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void parseBody(any)));
  });
});
