import type { Lease } from './lease.ts';
import type { Runtime } from './runtime.ts';
import { sleep } from './runtime.ts';

/** A write was refused because the lease is not held, or ends before the write must have. */
export class NotLeader extends Error {
  override readonly name = 'NotLeader';
}

/** Leadership ended without being asked to: another process took the lease, or it could not be renewed in time. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface LeaderElectorOptions {
  readonly lease: Lease;
  readonly runtime: Runtime;
  /**
   * Runs while this process leads, and returns soon after its signal aborts (with LeaseLost, or the reason of `run`'s
   * own signal). The lease is renewed until it has returned, so that what it still has to write is covered.
   */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  /** Called when leadership begins and ends, for `leader_election_master_status`. Must not throw. */
  readonly onLeading?: (leading: boolean) => void;
  /** Told of each attempt that failed. Must not throw. */
  readonly onError?: (error: unknown) => void;
  /** How long renewing may fail before leadership is given up. Less than the lease's duration. Default 10,000 ms. */
  readonly renewDeadlineMs?: number;
  /** Between attempts; to acquire, up to 2.2 times this. Default 2,000 ms. */
  readonly retryPeriodMs?: number;
}

/** client-go's JitterFactor. */
const jitterFactor = 1.2;

/** Leads while it holds a lease, by client-go's timing rules (lease 15 s, renew deadline 10 s, retry period 2 s). */
export class LeaderElector {
  readonly #lease: Lease;
  readonly #options: LeaderElectorOptions;
  readonly #runtime: Runtime;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  #leading = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#lease = options.lease;
    this.#runtime = options.runtime;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
  }

  isLeader(): boolean {
    return this.#leading && this.#runtime.monotonic() < this.#lease.validUntil;
  }

  /** Until when this process surely leads, in ms of the monotonic clock. */
  get validUntil(): number {
    return this.#leading ? this.#lease.validUntil : Number.NEGATIVE_INFINITY;
  }

  /** Throws NotLeader unless the lease outlives a call that may take `deadlineMs`. For ResourceClient's `admitWrite`. */
  readonly admit = (deadlineMs: number): void => {
    const leftMs = this.validUntil - this.#runtime.monotonic();
    if (leftMs >= deadlineMs) return;
    throw new NotLeader(
      leftMs > 0
        ? `the lease ends in ${Math.round(leftMs)} ms, before a write that may take ${deadlineMs} ms`
        : 'this process does not hold the lease',
    );
  };

  /**
   * Waits for the lease, leads, and releases it when `signal` aborts or `lead` returns: then it resolves (or rejects with
   * what `lead` threw). Rejects with LeaseLost when leadership was lost; `lead` has returned by then.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (await this.#acquire(signal)) await this.hold(signal);
  }

  /** As `run`, with the lease that was taken just now. */
  async hold(signal: AbortSignal): Promise<void> {
    // Stopped while the lease was being taken: nobody need be told of a leadership that ends before it begins.
    if (signal.aborted) return this.#release();
    this.#setLeading(true);
    const leadership = new AbortController();
    const stop = (): void => leadership.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const finished = new AbortController();
    const work = this.#lead(leadership.signal).finally(() => finished.abort());
    // Looked at below, after the lease was released; until then a failure must not count as unhandled.
    work.catch(() => undefined);
    try {
      await this.#renewUntil(finished.signal);
    } catch (lost) {
      this.#setLeading(false);
      leadership.abort(lost);
      await work.catch(() => undefined);
      throw lost;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#setLeading(false);
    }
    await this.#release();
    return work;
  }

  /** A lease that could not be released runs out by itself. */
  async #release(): Promise<void> {
    await this.#lease
      .release(this.#renewDeadlineMs)
      .catch((error: unknown) => this.#options.onError?.(error));
  }

  /** Async, so that a throw is a rejection. */
  async #lead(signal: AbortSignal): Promise<void> {
    await this.#options.lead(signal);
  }

  /** False when `signal` aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#try(this.#renewDeadlineMs / 2)) return true;
      const ms = this.#retryPeriodMs * (1 + jitterFactor * this.#runtime.next());
      await sleep(this.#runtime, ms, signal).catch(() => undefined);
    }
    return false;
  }

  /** Resolves when `finished` aborts; rejects with LeaseLost. */
  async #renewUntil(finished: AbortSignal): Promise<void> {
    let giveUpAt = this.#runtime.monotonic() + this.#retryPeriodMs + this.#renewDeadlineMs;
    for (;;) {
      await sleep(this.#runtime, this.#retryPeriodMs, finished).catch(() => undefined);
      if (finished.aborted) return;
      const leftMs = giveUpAt - this.#runtime.monotonic();
      if (leftMs > 0 && (await this.#try(Math.min(leftMs, this.#renewDeadlineMs / 2)))) {
        giveUpAt = this.#runtime.monotonic() + this.#retryPeriodMs + this.#renewDeadlineMs;
        continue;
      }
      if (finished.aborted) return;
      if (!this.#lease.mine) throw new LeaseLost(`the lease was taken by "${this.#lease.holder}"`);
      if (this.#runtime.monotonic() >= giveUpAt) {
        throw new LeaseLost(`the lease could not be renewed for ${this.#renewDeadlineMs} ms`);
      }
    }
  }

  /** Never cut short by a stop: whether the lease was taken must be known, to release it. */
  async #try(deadlineMs: number): Promise<boolean> {
    try {
      return await this.#lease.acquireOrRenew(deadlineMs);
    } catch (error) {
      this.#options.onError?.(error);
      return false;
    }
  }

  #setLeading(leading: boolean): void {
    if (this.#leading === leading) return;
    this.#leading = leading;
    this.#options.onLeading?.(leading);
  }
}
