import type { Clock, Random } from '../runtime/clock.ts';

/** What one turn asks of the next: come back at the usual time, or not before `afterMs`. */
export interface TurnResult {
  readonly ok: boolean;
  /** False: a part could not be read, though the turn as a whole is well. */
  readonly complete?: boolean;
  /** The server's wish (Retry-After), milliseconds. */
  readonly afterMs?: number;
}

export interface CadenceOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Asked before each wait, because it may be stretched (invariant 6). Milliseconds. */
  readonly intervalMs: () => number;
  /** Must not reject but by the signal's reason: a turn that fails says so in its result. */
  readonly turn: (signal: AbortSignal) => Promise<TurnResult>;
}

/** Failures in a row double the wait up to this many intervals. */
const maxBackoffIntervals = 8;
/** Turns come up to this part of the interval late, so that many projects do not ask at once; never early. */
const jitter = 0.1;

/**
 * One thing that is done again and again: one turn at a time, an interval apart, backing off while it fails, at once
 * when woken. A wake during a turn means one more turn after it: what was asked for then may have been missed.
 */
export class Cadence {
  readonly #options: CadenceOptions;
  #failures = 0;
  #woken = false;
  #ended = false;
  #wakeUp: (() => void) | undefined;
  /** Those who wait for a turn that has not started yet. */
  #waiting: ((result: TurnResult | undefined) => void)[] = [];

  constructor(options: CadenceOptions) {
    this.#options = options;
  }

  /** Ends the wait, and the back-off with it. */
  wake(): void {
    this.#failures = 0;
    this.#woken = true;
    this.#wakeUp?.();
  }

  /**
   * Resolves with the result of the first turn that starts after this call, undefined where it stopped first. That turn
   * is `now`, or comes when it comes.
   */
  next(now: boolean): Promise<TurnResult | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (now) this.wake();
    });
  }

  /** Runs until the signal aborts; the first turn starts after `firstMs`. Resolves when the last turn has ended. */
  async run(signal: AbortSignal, firstMs = 0): Promise<void> {
    let waitMs = firstMs;
    try {
      while (!signal.aborted) {
        if (waitMs > 0) await this.#wait(waitMs, signal);
        if (!signal.aborted) waitMs = await this.#turn(signal);
      }
    } finally {
      this.#ended = true;
      this.#answer(this.#waiting.splice(0), undefined);
    }
  }

  /** One turn; answers how long to wait for the next. */
  async #turn(signal: AbortSignal): Promise<number> {
    this.#woken = false;
    const waiting = this.#waiting.splice(0);
    let result: TurnResult | undefined;
    try {
      result = await this.#options.turn(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#answer(waiting, result);
    }
    this.#failures = result?.ok === true ? 0 : this.#failures + 1;
    return nextWait(this.#options.intervalMs(), this.#failures, result?.afterMs, this.#options.random.next());
  }

  #answer(
    waiting: readonly ((result: TurnResult | undefined) => void)[],
    result: TurnResult | undefined,
  ): void {
    for (const resolve of waiting) resolve(result);
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#woken || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#wakeUp = undefined;
        resolve();
      };
      const cancel = this.#options.clock.timer(ms, done);
      signal.addEventListener('abort', done, { once: true });
      this.#wakeUp = done;
    });
  }
}

/**
 * Milliseconds to the next turn. `chance` is in [0, 1). A wish of the server is a lower bound and gets jitter only on
 * top; a back-off has full jitter above one interval.
 */
export function nextWait(
  intervalMs: number,
  failures: number,
  afterMs: number | undefined,
  chance: number,
): number {
  const base =
    failures <= 1
      ? intervalMs * (1 + jitter * chance)
      : intervalMs + chance * intervalMs * (Math.min(2 ** (failures - 1), maxBackoffIntervals) - 1);
  return Math.round(afterMs === undefined ? base : Math.max(base, afterMs * (1 + jitter * chance)));
}
