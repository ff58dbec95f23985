import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JSONMeter } from './json-meter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const within = { bytes: 1024, depth: 3, values: 10 };
const measure = (text: string) => new JSONMeter(within).add(bytes(text));

describe('JSONMeter', () => {
  it.each([
    ['{"a":[{"b":1}]}', undefined],
    ['{"a":[{"b":[]}]}', 'nested more than 3 deep'],
    ['{"a":"[[[[{{{{"}', undefined],
    ['{"a":"\\"[[[["}', undefined],
    ['{"a":"\\\\","b":[[[]]]}', 'nested more than 3 deep'],
    ['{"a":[1,2,3,4,5,6,7,8]}', undefined],
    ['{"a":[1,2,3,4,5,6,7,8,9,10]}', 'of more than 10 values'],
    ['{"a":[{},{},{},{},{},{}]}', 'of more than 10 values'],
    ['{"a":",,,,,,,,,,,,,,,,,,,"}', undefined],
    [`{"a":"${'x'.repeat(1024)}"}`, 'of more than 0 MiB'],
    ['}}}}]]]', undefined],
  ])('says of %j: %s', (text, expected) => expect(measure(text)).toBe(expected));

  it('says the same however a text is cut', () => {
    const word = fc.constantFrom('{', '}', '[', ']', ',', '"', '\\', '\\"', '\\\\', 'ä', '1');
    const text = fc.array(word, { maxLength: 40 }).map((words) => bytes(words.join('')));
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 60 })), (whole, cuts) => {
        const meter = new JSONMeter(within);
        const ends = [...cuts.sort((a, b) => a - b), whole.length];
        const said = ends.map((end, i) => meter.add(whole.subarray(ends[i - 1] ?? 0, end)));
        expect(said.find((excess) => excess !== undefined)?.slice(0, 6)).toBe(
          new JSONMeter(within).add(whole)?.slice(0, 6),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
