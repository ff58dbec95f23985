import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { AdaptiveLimit, type CallReport } from './adaptive-limit.ts';
import { CallGate } from './call-gate.ts';
import { sleep } from './runtime.ts';

const calls = (limit: AdaptiveLimit, count: number, over: Partial<CallReport> = {}): number => {
  for (let i = 0; i < count; i++)
    limit.observe({ durationMs: 5, refused: false, inFlight: limit.limit, ...over });
  return limit.limit;
};

describe('an adaptive limit', () => {
  it.each<[string, Partial<CallReport>, number, (limit: number) => boolean]>([
    ['grows while calls take as long as usual', {}, 2000, (limit) => limit === 32],
    ['does not grow by calls that need no more', { inFlight: 1 }, 2000, (limit) => limit === 16],
    ['does not mind calls that are somewhat slower', { durationMs: 7 }, 500, (limit) => limit > 16],
    ['shrinks when calls are much slower', { durationMs: 50 }, 300, (limit) => limit < 10],
    ['shrinks at the first refusal', { refused: true }, 1, (limit) => limit === 11],
    [
      'takes the refusals of one moment for one',
      { refused: true, inFlight: 16 },
      16,
      (limit) => limit === 11,
    ],
    ['shrinks on when refusals go on', { refused: true }, 200, (limit) => limit === 1],
  ])('%s', (_what, over, count, holds) => {
    const limit = new AdaptiveLimit({ initial: 16, most: 32 });
    calls(limit, 100, { inFlight: 1 });
    const after = calls(limit, count, over);
    expect([after, holds(after)]).toEqual([after, true]);
  });

  it('comes back when a bad time is over', () => {
    const limit = new AdaptiveLimit({ initial: 16, most: 32 });
    calls(limit, 500);
    expect(calls(limit, 100, { refused: true })).toBeLessThan(4);
    expect(calls(limit, 2000)).toBe(32);
  });

  it('stays within its bounds, whatever happens, and never grows by a refusal', () => {
    const report = fc.record({
      durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      refused: fc.boolean(),
      inFlight: fc.nat({ max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 500 }), (reports) => {
        const limit = new AdaptiveLimit({ initial: 16, least: 2, most: 32 });
        for (const one of reports) {
          const before = limit.limit;
          limit.observe(one);
          expect(limit.limit).toBeGreaterThanOrEqual(2);
          expect(limit.limit).toBeLessThanOrEqual(32);
          if (one.refused) expect(limit.limit).toBeLessThanOrEqual(before);
        }
      }),
    );
  });
});

/**
 * A server that does so much at once; what is more waits, and above `refusesAbove` is refused. Many callers, four seconds.
 */
async function fourSeconds(
  limited: (inFlight: number) => { readonly limit: number; observe(report: CallReport): void },
  server: { readonly atOnce: number; readonly serviceMs: number; readonly refusesAbove?: number },
): Promise<{ readonly done: number; readonly refused: number }> {
  const clock = virtualClock();
  const limit = limited(8);
  const gate = new CallGate(() => limit.limit);
  const busyUntil = new Array<number>(server.atOnce).fill(0);
  const counts = { done: 0, refused: 0 };
  const stop = new AbortController();
  const caller = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const leave = await gate.enter();
      const began = clock.monotonic();
      const refused = gate.inFlight > (server.refusesAbove ?? Infinity);
      const slot = busyUntil.indexOf(Math.min(...busyUntil));
      const end = refused ? began + 5 : Math.max(began, busyUntil[slot]!) + server.serviceMs;
      if (!refused) busyUntil[slot] = end;
      await sleep(clock, end - began);
      counts[refused ? 'refused' : 'done']++;
      limit.observe({ durationMs: clock.monotonic() - began, refused, inFlight: gate.inFlight });
      leave();
    }
  };
  const callers = Array.from({ length: 40 }, caller);
  await clock.advance(4_000);
  stop.abort();
  await clock.advance(1_000);
  await Promise.all(callers);
  return counts;
}

describe('callers under an adaptive limit', () => {
  const adaptive = (initial: number): AdaptiveLimit => new AdaptiveLimit({ initial, most: 32 });
  const fixed = (limit: number) => () => ({ limit, observe: () => undefined });

  it.each([2, 24])(
    'get as much done as under the best fixed one: a server for %d at once',
    async (atOnce) => {
      const server = { atOnce, serviceMs: 10 };
      const best = await fourSeconds(fixed(32), server);
      const got = await fourSeconds(adaptive, server);
      expect(got.done / best.done).toBeGreaterThan(0.93);
    },
  );

  it('are seldom refused by a server that takes only so many', async () => {
    const server = { atOnce: 8, serviceMs: 10, refusesAbove: 12 };
    const blind = await fourSeconds(fixed(32), server);
    const got = await fourSeconds(adaptive, server);
    expect(blind.refused / (blind.done + blind.refused)).toBeGreaterThan(0.5);
    expect(got.refused / (got.done + got.refused)).toBeLessThan(0.15);
    expect(got.done).toBeGreaterThan(0.9 * 4_000 * (8 / 10));
  });
});
