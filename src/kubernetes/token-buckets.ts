import type { Clock } from './runtime.ts';

export interface TokenBucketsOptions {
  readonly clock: Clock;
  /** How many at once, after a long quiet. */
  readonly burst: number;
  /** One more after each such time. */
  readonly refillMs: number;
  /** Of how many keys the state is kept; the one longest unused goes first, and starts full again. */
  readonly maxKeys: number;
}

/** A token bucket for each key. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
  }

  /** Takes a token of `key`'s; false when there is none. */
  take(key: string): boolean {
    const { clock, burst, refillMs, maxKeys } = this.#options;
    const now = clock.monotonic();
    const old = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, old.tokens + (now - old.at) / refillMs);
    const taken = tokens >= 1;
    // Set anew, so that the map's order is the order of use.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: taken ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > maxKeys) this.#buckets.delete(this.#buckets.keys().next().value as string);
    return taken;
  }
}
