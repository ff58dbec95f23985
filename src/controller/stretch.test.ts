import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stretchFactor, wantedRate } from './stretch.ts';

/** So many requests each 15 s for the workloads, and one each 30 s for the pools. */
const load = (workloadPass: number) => ({
  allowed: 5,
  planned: wantedRate({ poolPass: 1, poolIntervalMs: 30_000, workloadPass, workloadIntervalMs: 15_000 }),
});

describe('invariant 6 (Polite): intervals that do not fit the budget', () => {
  it('leaves those alone that fit', () => {
    expect(stretchFactor(load(30), 1)).toBe(1);
  });

  it('stretches evenly so that planned reads stay within the budget', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (requests) => {
        const factor = stretchFactor(load(requests), 1);
        const perSecond = 1 / (30 * factor) + requests / (15 * factor);
        expect(perSecond).toBeLessThanOrEqual(5);
        expect(factor).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('stretches those of a small project as far as those of a large one that shares its budget', () => {
    const [large, small] = [load(60), load(30)];
    const all = large.planned + small.planned;
    const factors = [large, small].map((mine) => stretchFactor({ ...mine, planned: all }, 1));
    expect(stretchFactor(small, 1)).toBe(1);
    expect(factors[0]).toBeGreaterThan(1.25);
    expect(factors[1]).toBe(factors[0]);
  });

  it('does not waver with a load that does', () => {
    const first = stretchFactor(load(120), 1);
    expect(first).toBeGreaterThan(1);
    expect(stretchFactor(load(118), first)).toBe(first);
  });

  it('does not waver at the edge of the budget either', () => {
    const edge = 58;
    expect(stretchFactor(load(edge), 1)).toBe(1);
    const above = stretchFactor(load(edge + 3), 1);
    expect(above).toBeGreaterThan(1);
    expect(stretchFactor(load(edge), above)).toBe(above);
    expect(stretchFactor(load(1), above)).toBe(1);
  });
});
