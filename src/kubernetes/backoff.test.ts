import { describe, expect, it } from '@jest/globals';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { Backoff } from './backoff.ts';

const options = { baseMs: 100, maxMs: 1_000, resetMs: 5_000 };

function setUp(chance: number) {
  const clock = virtualClock();
  const backoff = new Backoff({ ...clock, next: () => chance }, options);
  return { clock, next: (times: number) => Array.from({ length: times }, () => backoff.next()) };
}

describe('Backoff', () => {
  it('doubles from the base to the limit', () => {
    expect(setUp(0).next(6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('adds up to as much again by chance, also at the limit', () => {
    expect(setUp(0.5).next(5)).toEqual([150, 300, 600, 1_200, 1_500]);
  });

  it('begins anew after a quiet time, counted from the last failure', async () => {
    const { clock, next } = setUp(0);
    next(3);
    await clock.advance(options.resetMs - 1);
    expect(next(1)).toEqual([800]);
    await clock.advance(options.resetMs - 1);
    expect(next(1)).toEqual([1_000]);
    await clock.advance(options.resetMs);
    expect(next(2)).toEqual([100, 200]);
  });
});
