import { LeaderElector, LeaseLost } from './leader-elector.ts';
import type { Lease, LeaseObject } from './lease.ts';
import type { Runtime } from './runtime.ts';
import { sleep } from './runtime.ts';
import { divide, type SeenShard } from './shard-division.ts';

/** The time for which a shard is held. */
export interface ShardTerm {
  /** Aborts when the term ends. The lease is renewed until the work has returned. */
  readonly signal: AbortSignal;
  /** See LeaderElector. */
  readonly admit: (deadlineMs: number) => void;
}

export interface ShardElectorOptions {
  /** One a shard, each with the same identity and `requestAnnotation`. */
  readonly leases: readonly Lease[];
  /** What the leases were given as theirs. */
  readonly identity: string;
  /** The records of all shards that there are. */
  readonly list: (deadlineMs: number) => Promise<readonly LeaseObject[]>;
  readonly runtime: Runtime;
  /** Works on a shard, as LeaderElector's `lead`. Called again for each term. */
  readonly lead: (shard: number, term: ShardTerm) => Promise<void>;
  /** Called when a term begins and ends. Must not throw. */
  readonly onLeading?: (shard: number, leading: boolean) => void;
  /** Told of a shard that is about to be handed over, and to whom. Must not throw. */
  readonly onYield?: (shard: number, to: string) => void;
  /** Told of a term that ended unasked; the shard is contended for again. Must not throw. */
  readonly onLost?: (shard: number, why: LeaseLost) => void;
  /** Told of each attempt that failed; `shard` is undefined where all were looked at. Must not throw. */
  readonly onError?: (error: unknown, shard: number | undefined) => void;
  /** See LeaderElector. */
  readonly renewDeadlineMs?: number;
  /** Between two looks at all leases, up to 1.2 times this; and see LeaderElector. */
  readonly retryPeriodMs?: number;
}

interface Term {
  readonly stop: AbortController;
  readonly elector: LeaderElector;
  readonly ended: Promise<void>;
  leaving: boolean;
}

/** So many looks a freed shard is left to who should have it. */
const graceLooks = 2.5;

/**
 * Contends for all shards at once and holds its fair part of them, each under a lease of its own with LeaderElector's
 * rules. Whoever takes part sees the same leases, and decides by `divide`.
 */
export class ShardElector {
  readonly #options: ShardElectorOptions;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #terms = new Map<number, Term>();
  readonly #failed = new AbortController();

  constructor(options: ShardElectorOptions) {
    this.#options = options;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
  }

  /** The shards that this process surely holds. */
  held(): number[] {
    return [...this.#terms].filter(([, { elector }]) => elector.isLeader()).map(([shard]) => shard);
  }

  /**
   * Takes part until `signal` aborts; then all work has ended and all leases are released. Rejects with what the work of
   * a shard threw, after the others have ended, too.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options;
    const until = AbortSignal.any([signal, this.#failed.signal]);
    while (!until.aborted) {
      await this.#turn(until);
      const ms = this.#retryPeriodMs * (1 + 0.2 * runtime.next());
      await sleep(runtime, ms, until).catch(() => undefined);
    }
    const terms = [...this.#terms.values()];
    for (const { stop } of terms) stop.abort(until.reason);
    await Promise.all(terms.map(({ ended }) => ended));
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason;
  }

  /** Looks at all leases, and does what follows. Takes nothing without having seen what the others hold. */
  async #turn(until: AbortSignal): Promise<void> {
    const { leases, list, identity } = this.#options;
    try {
      const records = new Map((await list(this.#callMs)).map((record) => [record.metadata.name, record]));
      leases.forEach((lease, shard) => {
        const record = records.get(lease.name);
        // What is held is renewed all the time; its own renewals know more than the list.
        if (record && !this.#terms.has(shard)) lease.observe(record);
      });
    } catch (error) {
      this.#options.onError?.(error, undefined);
      return;
    }
    const seen = leases.map((lease, shard) => this.#seen(lease, shard));
    const todo = divide(identity, seen, graceLooks * this.#retryPeriodMs);
    for (const shard of todo.yield) this.#yield(shard);
    await Promise.all([
      ...todo.take.map((shard) => this.#take(shard, until)),
      ...todo.request.map((shard) => this.#tried(shard, (lease) => lease.request(this.#callMs))),
    ]);
  }

  #seen(lease: Lease, shard: number): SeenShard {
    const { requestedBy } = lease;
    const term = this.#terms.get(shard);
    if (term) {
      return { holder: this.#options.identity, freeMs: 0, requestedBy, leaving: term.leaving };
    }
    // Held in this process's name without a term, it was lost: nobody works on it.
    const since = lease.mine ? this.#options.runtime.monotonic() : lease.freeSince;
    return {
      holder: since === undefined ? lease.holder : '',
      freeMs: since === undefined ? 0 : this.#options.runtime.monotonic() - since,
      requestedBy,
      leaving: false,
    };
  }

  #yield(shard: number): void {
    const term = this.#terms.get(shard);
    const to = this.#options.leases[shard]?.requestedBy ?? '';
    if (!term) return;
    term.leaving = true;
    this.#options.onYield?.(shard, to);
    term.stop.abort(new Error(`the shard goes to "${to}"`));
  }

  async #take(shard: number, until: AbortSignal): Promise<void> {
    const taken = await this.#tried(shard, (lease) => lease.acquireOrRenew(this.#callMs));
    if (taken !== true) return;
    const term = this.#begin(shard);
    this.#terms.set(shard, term);
    // Then the elector gives it back at once.
    if (until.aborted) term.stop.abort(until.reason);
  }

  #begin(shard: number): Term {
    const { leases, runtime, lead, onLeading, onLost, onError } = this.#options;
    const stop = new AbortController();
    const elector: LeaderElector = new LeaderElector({
      lease: leases[shard] as Lease,
      runtime,
      lead: (signal) => lead(shard, { signal, admit: elector.admit }),
      onLeading: (leading) => onLeading?.(shard, leading),
      onError: (error) => onError?.(error, shard),
      renewDeadlineMs: this.#renewDeadlineMs,
      retryPeriodMs: this.#retryPeriodMs,
    });
    const ended = elector
      .hold(stop.signal)
      .catch((error: unknown) => {
        if (error instanceof LeaseLost) onLost?.(shard, error);
        else this.#failed.abort(error);
      })
      .finally(() => this.#terms.delete(shard));
    return { stop, elector, ended, leaving: false };
  }

  async #tried<T>(shard: number, attempt: (lease: Lease) => Promise<T>): Promise<T | undefined> {
    try {
      return await attempt(this.#options.leases[shard] as Lease);
    } catch (error) {
      this.#options.onError?.(error, shard);
      return undefined;
    }
  }

  get #callMs(): number {
    return this.#renewDeadlineMs / 2;
  }
}
