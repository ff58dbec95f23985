export interface AdaptiveLimitOptions {
  readonly initial: number;
  /** Default 1. */
  readonly least?: number;
  readonly most: number;
}

/** How a call ended. */
export interface CallReport {
  readonly durationMs: number;
  /** The server said that it is overloaded, or did not answer. */
  readonly refused: boolean;
  /** Calls that were under way when it ended, this one included. */
  readonly inFlight: number;
}

/** Calls that a decision rests upon, at least. */
const fewestSamples = 10;
/** After so many decisions better times are the usual ones, and worse ones: late, or a queue would soon look usual. */
const learning = { better: 10, worse: 500 };
/** Slower than usual by less than this is no sign of a queue. */
const tolerance = 2;
/** One decision changes the limit by no more than this part of what it wants. */
const smoothing = 0.2;
/** What is left of the limit after a refusal. */
const afterRefusal = 0.7;

/**
 * How many calls may be under way at once, learnt from how long they take: more while they take as long as usual, fewer
 * when they are slower (they wait in the server's queue, and more of them would only wait longer) and at once when one is
 * refused. After Gradient2 of Netflix' concurrency-limits, whose grandfather is TCP Vegas; the cut is TCP's. It follows
 * calls, not time: when nothing is asked, nothing changes.
 */
export class AdaptiveLimit {
  readonly #least: number;
  readonly #most: number;
  #limit: number;
  #usualMs: number | undefined;
  #samples = 0;
  #sumMs = 0;
  #peak = 0;
  /** Calls under way when the limit was cut: what they say was known by then. */
  #outdated = 0;

  constructor({ initial, least = 1, most }: AdaptiveLimitOptions) {
    this.#least = least;
    this.#most = most;
    this.#limit = this.#bounded(initial);
  }

  /** A whole number, at least 1. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  observe({ durationMs, refused, inFlight }: CallReport): void {
    if (this.#outdated > 0) {
      this.#outdated--;
      return;
    }
    if (refused) {
      this.#limit = this.#bounded(this.#limit * afterRefusal);
      this.#outdated = Math.max(0, inFlight - 1);
      this.#begin();
      return;
    }
    this.#samples++;
    this.#sumMs += durationMs;
    this.#peak = Math.max(this.#peak, inFlight);
    if (this.#samples >= Math.max(fewestSamples, this.#limit)) this.#decide();
  }

  #decide(): void {
    const meanMs = this.#sumMs / this.#samples;
    const usualMs = this.#learn(meanMs);
    // Calls that did not need the limit say nothing about what lies beyond it.
    if (this.#peak * 2 >= this.limit) {
      const gradient = meanMs <= 0 ? 1 : Math.min(1, Math.max(0.5, (tolerance * usualMs) / meanMs));
      // The root lets it grow, and is what may queue.
      const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
      this.#limit = this.#bounded(this.#limit + smoothing * (wanted - this.#limit));
    }
    this.#begin();
  }

  #learn(meanMs: number): number {
    const before = this.#usualMs ?? meanMs;
    const usualMs = before + (meanMs - before) / (meanMs < before ? learning.better : learning.worse);
    this.#usualMs = usualMs;
    return usualMs;
  }

  #begin(): void {
    this.#samples = 0;
    this.#sumMs = 0;
    this.#peak = 0;
  }

  #bounded(limit: number): number {
    return Math.min(this.#most, Math.max(this.#least, limit));
  }
}
