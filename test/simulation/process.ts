import type { Runtime } from '../../src/runtime/clock.ts';
import { drawsOf } from './draws.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * A process on a machine of its own: it sees time through its own clocks, can be stopped for a while as by SIGSTOP or a
 * long collection of garbage, and can be killed between any two of its awaits. Whatever reaches it, timers and answers
 * alike, goes through `deliver`.
 */
export class SimProcess {
  readonly name: string;
  readonly runtime: Runtime;
  readonly #scheduler: Scheduler;
  #alive = true;
  #pausedUntil = 0;
  #skewMs = 0;

  constructor(options: { readonly scheduler: Scheduler; readonly name: string; readonly seed: number }) {
    const { scheduler, name, seed } = options;
    this.name = name;
    this.#scheduler = scheduler;
    const { next } = drawsOf(seed, `chance of ${name}`);
    this.runtime = {
      now: () => Math.floor(scheduler.wall + this.#skewMs),
      monotonic: () => scheduler.now,
      timer: (ms, callback) => this.deliver(ms, 'timer', callback),
      next,
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** Calls back after `ms`, or later when it is stopped then, or never when it is dead. The result cancels. */
  deliver(ms: number, what: string, callback: () => void): () => void {
    let cancelled = false;
    let cancel = (): void => undefined;
    const arrive = (): void => {
      if (!this.#alive || cancelled) return;
      if (this.#scheduler.now < this.#pausedUntil)
        cancel = this.#scheduler.at(this.#pausedUntil, `${this.name} later ${what}`, arrive);
      else callback();
    };
    cancel = this.#scheduler.after(ms, `${this.name} ${what}`, arrive);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  kill(): void {
    this.#alive = false;
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#scheduler.now + ms);
  }

  /** Sets how far the wall clock is off. The monotonic one never is. */
  skew(ms: number): void {
    this.#skewMs = ms;
  }
}
