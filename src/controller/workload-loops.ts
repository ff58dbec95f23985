import { upstreamError } from '../api/errors.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import { Cadence, type TurnResult } from './cadence.ts';
import type { Connector } from './connection.ts';
import { failed, failureOf, newHealth, readState, succeeded, type Failure } from './health.ts';
import type { Logger } from './ports.ts';
import type { ProjectState } from './project-state.ts';
import { RequestCost } from './request-cost.ts';
import { passOverWorkloads } from './workload-pass.ts';
import type { KnownWorkload } from './workload-observations.ts';

export interface WorkloadLoopsOptions {
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Mirrors of a pool's workloads, by uid. */
  readonly known: (poolName: string) => ReadonlyMap<string, KnownWorkload>;
  /** These workloads look different, or may. */
  readonly onWorkloads: (uids: Iterable<string>) => void;
  /** A pass over this pool has ended, well or not. `quiet`: nothing that is shown follows from it. */
  readonly onPass: (poolName: string, quiet: boolean) => void;
  /** The credential was refused. */
  readonly onRefused: (signal: AbortSignal) => Promise<void>;
}

interface Loop {
  readonly cadence: Cadence;
  readonly stop: AbortController;
  readonly cost: RequestCost;
}

/** One cadence over the workloads of each pool that is read; a pool that cannot be read stops no other. */
export class WorkloadLoops {
  readonly #options: WorkloadLoopsOptions;
  readonly #loops = new Map<string, Loop>();
  /** Of all loops that have not ended, those that were told to stop among them. */
  readonly #running = new Set<Promise<void>>();

  constructor(options: WorkloadLoopsOptions) {
    this.#options = options;
  }

  isRead(poolName: string): boolean {
    return this.#loops.has(poolName);
  }

  /** Requests of one pass over all pools together, on average. */
  get requestsPerPass(): number {
    let sum = 0;
    for (const { cost } of this.#loops.values()) sum += cost.mean;
    return sum;
  }

  /** Every pool was read, and the last pass over each went through. */
  get allRead(): boolean {
    const { poolHealth } = this.#options.state;
    return [...this.#loops.keys()].every((poolName) => {
      const health = poolHealth.get(poolName);
      return health?.completeAt !== undefined && health.failures === 0;
    });
  }

  /** Begins with pools that are new among these, and ends with those that are no longer. */
  follow(wanted: ReadonlySet<string>, signal: AbortSignal): void {
    const { state } = this.#options;
    for (const [poolName, { stop }] of this.#loops) {
      if (wanted.has(poolName)) continue;
      stop.abort(new Error('the pool is no longer read'));
      this.#loops.delete(poolName);
      state.poolHealth.delete(poolName);
      state.workloads.forgetPool(poolName);
    }
    for (const poolName of wanted) if (!this.#loops.has(poolName)) this.#start(poolName, signal);
  }

  /** Stops all and resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    for (const { stop } of this.#loops.values()) stop.abort(new Error('the project is no longer read'));
    await Promise.all(this.#running);
  }

  wakeAll(): void {
    for (const { cadence } of this.#loops.values()) cadence.wake();
  }

  /** Resolves when each pool was read by a pass that started after this call; undefined where it stopped before. */
  readAll(now: boolean): Promise<readonly (TurnResult | undefined)[]> {
    return Promise.all([...this.#loops.values()].map(({ cadence }) => cadence.next(now)));
  }

  /** The same for one pool; of one that is not read there is nothing to wait for. */
  async read(poolName: string, now: boolean): Promise<readonly (TurnResult | undefined)[]> {
    const loop = this.#loops.get(poolName);
    return loop === undefined ? [] : [await loop.cadence.next(now)];
  }

  #start(poolName: string, parent: AbortSignal): void {
    const { clock, random, state } = this.#options;
    const stop = new AbortController();
    const cost = new RequestCost(() => state.settings.maxStalenessMs / state.workloadIntervalMs);
    const cadence = new Cadence({
      clock,
      random,
      intervalMs: () => state.workloadIntervalMs,
      turn: (signal) => this.#turn(poolName, cost, signal),
    });
    this.#loops.set(poolName, { cadence, stop, cost });
    const running = cadence
      .run(AbortSignal.any([parent, stop.signal]))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #turn(poolName: string, cost: RequestCost, signal: AbortSignal): Promise<TurnResult> {
    const { state, connector, clock } = this.#options;
    const before = state.poolHealth.get(poolName) ?? newHealth(clock.monotonic());
    const result = await connector.use((reader) =>
      passOverWorkloads(
        {
          reader,
          pool: poolName,
          observations: state.workloads,
          spec: state.view.spec.workloads,
          deletion: state.view.spec.deletion,
          settings: state.settings,
          known: this.#options.known(poolName),
          family: {
            parentOf: (pool) => state.pools.get(pool)?.facts?.parent,
            isRead: (pool) => this.isRead(pool),
          },
          now: clock.now(),
          monotonic: clock.monotonic(),
          onActive: this.#options.onWorkloads,
        },
        signal,
      ),
    );
    signal.throwIfAborted();
    if (result === undefined) return { ok: true };
    cost.add(result.requests);
    const limits = { intervalMs: state.workloadIntervalMs, maxStalenessMs: state.settings.maxStalenessMs };
    const now = clock.monotonic();
    const { failure } = result;
    const health = failure
      ? failed(before, now, this.#failureOf(poolName, failure.error), limits)
      : succeeded(before, now, result.issues);
    state.poolHealth.set(poolName, health);
    this.#options.onWorkloads(result.touched);
    const wasWell = readState(before, now, limits).is === 'complete';
    this.#options.onPass(poolName, result.quiet && wasWell);
    if (!failure) return { ok: true };
    const upstream = upstreamError(failure.error);
    if (upstream?.kind === 'Unauthorized') await this.#options.onRefused(signal);
    const afterMs = upstream?.retryAfterMs;
    return { ok: false, ...(afterMs !== undefined && { afterMs }) };
  }

  #failureOf(poolName: string, error: unknown): Failure {
    const { log, state } = this.#options;
    if (upstreamError(error) === undefined)
      log.error('Reading the workloads of a pool failed unexpectedly.', {
        project: `${state.view.namespace}/${state.view.name}`,
        pool: poolName,
        error,
      });
    return failureOf(error);
  }
}
