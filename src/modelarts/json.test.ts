import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseObject } from './json.ts';

describe('parseObject', () => {
  it.each([
    ['empty', ''],
    ['empty', ' \n'],
    ['not JSON', '<html></html>'],
    ['not JSON', '{"a":'],
    ['not a JSON object', '[]'],
    ['not a JSON object', 'null'],
    ['not a JSON object', '"text"'],
  ])('says that a text is %s', (fault, text) => {
    expect(parseObject(text)).toEqual({ ok: false, fault });
  });

  it.each([
    ['a name without quotes', '{ versions: [] }'],
    ['a value without quotes', '{"azs": [{"az" : az-7c}]}'],
    ['a comma at the end', '{"versions": [1,]}'],
  ])('D18: a printed sample with %s is no JSON', (_what, text) => {
    expect(parseObject(text)).toEqual({ ok: false, fault: 'not JSON' });
  });

  it('D28: keeps integers that a number cannot hold as text, and others as numbers', () => {
    expect(
      parseObject('{"id":9223372036854775807,"list":[ -9007199254740993],"n":9007199254740991,"x":1.5}'),
    ).toEqual({
      ok: true,
      value: { id: '9223372036854775807', list: ['-9007199254740993'], n: 9007199254740991, x: 1.5 },
    });
  });

  it('survives any depth and any text', () => {
    const deep = (digits: string) => '{"a":'.repeat(10_000) + digits + '}'.repeat(10_000);
    expect(parseObject(deep('1')).ok).toBe(true);
    expect(() => parseObject(deep('12345678901234567890'))).not.toThrow();
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void parseObject(any)));
  });
});
