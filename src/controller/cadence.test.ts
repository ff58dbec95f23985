import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { Cadence, nextWait, type TurnResult } from './cadence.ts';

function started(results: readonly TurnResult[] = []) {
  const clock = virtualClock();
  const turns: number[] = [];
  const stop = new AbortController();
  const cadence = new Cadence({
    clock,
    random: { next: () => 0 },
    intervalMs: () => 1_000,
    turn: async () => {
      turns.push(clock.monotonic());
      return results[turns.length - 1] ?? { ok: true };
    },
  });
  const done = cadence.run(stop.signal);
  return { clock, turns, stop, cadence, done };
}

describe('Cadence', () => {
  it('takes its first turn at once and the others an interval apart', async () => {
    const { clock, turns, stop, done } = started();
    await clock.advance(2_500);
    expect(turns).toEqual([0, 1_000, 2_000]);
    stop.abort();
    await done;
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits as long as the server asks', async () => {
    const { clock, turns, stop, done } = started([{ ok: false, afterMs: 5_000 }]);
    await clock.advance(5_500);
    expect(turns).toEqual([0, 5_000]);
    stop.abort();
    await done;
  });

  it('takes a turn at once when woken, and one more when woken during a turn', async () => {
    const { clock, turns, cadence, stop, done } = started();
    await clock.advance(300);
    cadence.wake();
    await clock.settle();
    expect(turns).toEqual([0, 300]);
    stop.abort();
    await done;

    let release: () => void = () => undefined;
    let count = 0;
    const slow = new Cadence({
      clock,
      random: clock,
      intervalMs: () => 1_000,
      turn: () =>
        new Promise((resolve) => {
          count += 1;
          release = () => resolve({ ok: true });
        }),
    });
    const again = new AbortController();
    const ended = slow.run(again.signal);
    await clock.settle();
    slow.wake();
    release();
    await clock.settle();
    expect(count).toBe(2);
    again.abort();
    release();
    await ended;
  });

  it('answers next() with a turn that started after the call', async () => {
    const { clock, turns, cadence, stop, done } = started([{ ok: true }, { ok: false }]);
    await clock.settle();
    const result = await cadence.next(true);
    expect(result).toEqual({ ok: false });
    expect(turns).toHaveLength(2);
    const never = cadence.next(false);
    stop.abort();
    await done;
    expect(await never).toBeUndefined();
    expect(await cadence.next(true)).toBeUndefined();
  });

  it('rejects with what nobody expected, and leaves no timer and nobody waiting', async () => {
    const clock = virtualClock();
    const oops = new Error('oops');
    const broken = new Cadence({
      clock,
      random: clock,
      intervalMs: () => 1_000,
      turn: () => Promise.reject(oops),
    });
    const waiting = broken.next(false);
    await expect(broken.run(new AbortController().signal)).rejects.toBe(oops);
    expect(await waiting).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends a back-off when woken', async () => {
    const failing = Array.from({ length: 4 }, () => ({ ok: false }));
    const { clock, turns, cadence, stop, done } = started(failing);
    await clock.advance(3_000);
    const before = turns.length;
    cadence.wake();
    await clock.settle();
    expect(turns).toHaveLength(before + 1);
    stop.abort();
    await done;
  });
});

describe('nextWait', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('is never early, never beyond eight intervals, and never before the server wishes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 3_600_000 }),
        fc.nat(100),
        fc.option(fc.integer({ min: 1, max: 900_000 }), { nil: undefined }),
        chance,
        (interval, failures, afterMs, random) => {
          const wait = nextWait(interval, failures, afterMs, random);
          expect(wait).toBeGreaterThanOrEqual(Math.max(interval, afterMs ?? 0) - 1);
          expect(wait).toBeLessThanOrEqual(Math.max(8 * interval, 1.1 * (afterMs ?? 0)) + 1);
        },
      ),
    );
  });
});
