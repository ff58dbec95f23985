import type { Runtime } from './runtime.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Without a failure for this long, the next one is the first again. */
  readonly resetMs: number;
}

/** Exponential delays with jitter: the n-th is between `baseMs · 2ⁿ` and twice that, the doubling capped at `maxMs`. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #runtime: Runtime;
  #failures = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(runtime: Runtime, options: BackoffOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  /** How long to wait now, in ms. */
  next(): number {
    const { baseMs, maxMs, resetMs } = this.#options;
    const now = this.#runtime.monotonic();
    if (now - this.#lastAt >= resetMs) this.#failures = 0;
    this.#lastAt = now;
    return Math.min(baseMs * 2 ** this.#failures++, maxMs) * (1 + this.#runtime.next());
  }
}
