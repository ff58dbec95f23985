import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['1s', 1000],
    ['30s', 30_000],
    ['5m', 300_000],
    ['168h', 604_800_000],
    ['1h30m', 5_400_000],
    ['1h5s', 3_605_000],
    ['90m15s', 5_415_000],
    ['0s', 0],
  ])('%s is %d ms', (value, milliseconds) => {
    expect(parseDuration(value)).toBe(milliseconds);
  });

  it.each(['', '30', '1.5h', '500ms', '-5s', '+5s', '5 m', '30m1h', '1d', '1h1h', 's', ' 5s', '5s\n', '5S'])(
    '%j is not a duration',
    (value) => {
      expect(parseDuration(value)).toBeUndefined();
    },
  );

  it('adds up its parts', () => {
    const part = fc.integer({ min: 0, max: 99_999 });
    fc.assert(
      fc.property(part, part, part, (hours, minutes, seconds) => {
        expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(
          (hours * 3600 + minutes * 60 + seconds) * 1000,
        );
      }),
    );
  });
});
