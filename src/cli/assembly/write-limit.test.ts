import { describe, expect, it } from '@jest/globals';

import { AdaptiveLimit } from '../../kubernetes/adaptive-limit.ts';
import { learning } from './write-limit.ts';

/** The limit after some attempts: `seen` as many times, with as many under way as the limit allows. */
function limitAfter(...seen: readonly (readonly [string, string, string, number, number])[]): number {
  const limit = new AdaptiveLimit({ initial: 16, most: 32 });
  const observe = learning(limit, {
    get inFlight() {
      return limit.limit;
    },
  });
  for (const [method, resource, code, durationMs, times] of seen)
    for (let n = 0; n < times; n++) observe({ method, resource, code, durationMs });
  return limit.limit;
}

describe('what the limit of writes learns from', () => {
  it('is not renewals, next to which every write is slow', () => {
    const renewals = ['PUT', 'leases', '200', 2, 2_000] as const;
    const writes = ['PUT', 'modelartsworkloads', '200', 20, 400] as const;
    expect(limitAfter(writes)).toBeGreaterThan(16);
    expect(limitAfter(renewals, writes)).toBe(limitAfter(writes));
  });

  it('is not reads', () => {
    expect(limitAfter(['GET', 'modelartsworkloads', '429', 1, 50])).toBe(16);
  });

  it.each(['429', '500', '503', '<error>'])('is a write that was answered with %s', (code) => {
    expect(limitAfter(['POST', 'events', code, 1, 1])).toBeLessThan(16);
  });

  it.each(['404', '409', '422'])('is no refusal of what was written (%s)', (code) => {
    expect(limitAfter(['POST', 'modelartspools', code, 1, 1])).toBe(16);
  });
});
