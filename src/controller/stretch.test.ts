import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stretchFactor, type PlannedLoad } from './stretch.ts';

const load = (workloadPass: number): PlannedLoad => ({
  requestsPerSecond: 5,
  poolPass: 1,
  poolIntervalMs: 30_000,
  workloadPass,
  workloadIntervalMs: 15_000,
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
