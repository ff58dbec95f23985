import { describe, expect, it } from '@jest/globals';
import { RequestCost } from './request-cost.ts';

describe('RequestCost', () => {
  it('is the mean over its span, and so stands still while one pass in each span is a dear one', () => {
    const cost = new RequestCost(() => 20);
    expect(cost.mean).toBe(0);
    const means = new Set<number>();
    for (let pass = 0; pass < 200; pass++) {
      cost.add(pass % 20 === 0 ? 10 : 2);
      if (pass >= 20) means.add(cost.mean);
    }
    expect([...means]).toEqual([2.4]);
  });

  it('follows a span that shrinks, and never holds more than it needs', () => {
    let span = 1e9;
    const cost = new RequestCost(() => span);
    for (let pass = 0; pass < 1_000; pass++) cost.add(pass < 990 ? 1 : 5);
    expect(cost.mean).toBe(1.4);
    span = 0;
    cost.add(7);
    expect(cost.mean).toBe((7 * 5 + 7) / 8);
  });

  it('does not waver by more than two steps of the intervals where chance says which pass is a dear one', () => {
    const cost = new RequestCost(() => 1);
    const means: number[] = [];
    for (let pass = 0; pass < 200; pass++) {
      cost.add(pass % 2 === 0 || pass % 7 === 0 ? 6 : 3);
      if (pass >= 20) means.push(cost.mean);
    }
    expect(Math.max(...means) / Math.min(...means)).toBeLessThan(1.25);
  });
});
