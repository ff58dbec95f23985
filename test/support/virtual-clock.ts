import type { Runtime } from '../../src/runtime/clock.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

export interface VirtualClock extends Runtime {
  /**
   * Moves time on by `ms`, running each timer when it is due, in order, and letting everything that is waiting on
   * promises run after each.
   */
  advance(ms: number): Promise<void>;
  /** Lets everything that waits on promises (not on timers or sockets) run. */
  settle(): Promise<void>;
  /** Moves time from one due timer to the next until `condition` holds; throws when `limitMs` of virtual time passed first. */
  advanceUntil(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Lets the wall clock jump, as an administrator or NTP would; the monotonic one stays. */
  jumpWallClock(ms: number): void;
  /** How many timers are pending: 0 shows that nothing was left behind. */
  readonly pendingTimers: number;
}

export interface VirtualClockOptions {
  /** Wall clock at the start, ms since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startMs?: number;
  /** Seed of `next()`. Default 1. */
  readonly seed?: number;
}

/** Time that stands still until the test moves it, and chance that repeats. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const timers = new Set<Timer>();
  const random = seededRandom(options.seed ?? 1);
  let elapsed = 0;
  let wall = options.startMs ?? Date.UTC(2026, 0, 1);
  let order = 0;

  const moveTo = (time: number): void => {
    wall += time - elapsed;
    elapsed = time;
  };
  const nextTimer = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  };
  const settle = async (): Promise<void> => {
    // setImmediate runs after all microtasks; some chains hop over nextTick or a stream, hence a few rounds.
    for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
  };
  const runNext = async (until: number): Promise<boolean> => {
    const timer = nextTimer();
    if (!timer || timer.due > until) return false;
    timers.delete(timer);
    moveTo(Math.max(elapsed, timer.due));
    timer.callback();
    await settle();
    return true;
  };

  return {
    now: () => wall,
    monotonic: () => elapsed,
    timer: (ms, callback) => {
      const timer = { due: elapsed + Math.max(0, ms), order: order++, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    next: random,
    advance: async (ms) => {
      const until = elapsed + ms;
      await settle();
      while (await runNext(until));
      moveTo(until);
      await settle();
    },
    settle,
    advanceUntil: async (condition, limitMs = 3_600_000) => {
      const until = elapsed + limitMs;
      await settle();
      while (!condition()) {
        if (!(await runNext(until)))
          throw new Error(`the condition did not come true within ${limitMs} virtual ms`);
      }
    },
    jumpWallClock: (ms) => {
      wall += ms;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}

/** mulberry32: small, and good enough to vary a test. Yields numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
