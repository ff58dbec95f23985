import { upstreamError, type UpstreamError } from '../api/errors.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import type { KnownPool } from './pool-observations.ts';
import { countPools, heldBack } from './deletion-plan.ts';
import { Cadence, type TurnResult } from './cadence.ts';
import type { Connector } from './connection.ts';
import { failed, newHealth, succeeded, type Health, type HealthLimits } from './health.ts';
import { readDetails, readLists, resolveWorkspaces, type PoolLists } from './pool-pass.ts';
import { failureOf, type ProjectState } from './project-state.ts';
import { stretchFactor } from './stretch.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import type { Logger } from './ports.ts';
import { passOverWorkloads } from './workload-pass.ts';
import type { KnownWorkload } from './workload-observations.ts';

/** What a runner needs to know of the mirrors that its project has in the cluster. */
export interface MirrorsOfProject {
  pools(): readonly KnownPool[];
  workloads(poolName: string): ReadonlyMap<string, KnownWorkload>;
  /** Annotation modelarts-operator.dev/confirm-deletion. */
  confirmDeletion(): string | undefined;
}

export interface ProjectRunnerOptions {
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly mirrors: MirrorsOfProject;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Something was learned: look at these again. */
  readonly onPools: (poolNames: Iterable<string>) => void;
  readonly onWorkloads: (uids: Iterable<string>) => void;
}

/**
 * Reads one project: a cadence over its pools, one over the workloads of each pool, and one that looks at the Secret
 * while the others back off. Whatever happens, what was known stays; only the state's health says that it is old.
 */
export class ProjectRunner {
  readonly #options: ProjectRunnerOptions;
  readonly #pools: Cadence;
  readonly #secret: Cadence;
  readonly #poolLoops = new Map<
    string,
    { readonly cadence: Cadence; readonly stop: AbortController; readonly done: Promise<void> }
  >();
  #failures = 0;
  /** Requests that the last pass over each pool's workloads took. */
  readonly #requests = new Map<string, number>();

  constructor(options: ProjectRunnerOptions) {
    this.#options = options;
    const { clock, random, state } = options;
    const intervalMs = (): number => state.poolIntervalMs;
    this.#pools = new Cadence({ clock, random, intervalMs, turn: (signal) => this.#poolTurn(signal) });
    this.#secret = new Cadence({ clock, random, intervalMs, turn: (signal) => this.#secretTurn(signal) });
  }

  /** Runs until the signal aborts, and resolves when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all([
        this.#pools.run(signal),
        this.#secret.run(signal, this.#options.state.poolIntervalMs),
      ]);
    } finally {
      for (const { stop } of this.#poolLoops.values()) stop.abort();
      await Promise.all([...this.#poolLoops.values()].map(({ done }) => done));
      await this.#options.connector.close();
    }
  }

  /** The pools are read at once: one was declared, or is asked for. */
  wake(): void {
    this.#pools.wake();
  }

  /**
   * Resolves when everything was read by turns that started after this call: `now`, or as they come. True when all of
   * it was read. A back-off ends for `now` only.
   */
  async readAll(now: boolean): Promise<boolean> {
    const pools = await this.#pools.next(now);
    const turns = await Promise.all([...this.#poolLoops.values()].map(({ cadence }) => cadence.next(now)));
    return [pools, ...turns].every((turn) => turn?.ok === true) && !this.#unusable;
  }

  /** The same for one pool and its workloads. */
  async readPool(poolName: string, now: boolean): Promise<boolean> {
    const pools = await this.#pools.next(now);
    const turn = await this.#poolLoops.get(poolName)?.cadence.next(now);
    return pools?.ok === true && turn?.ok !== false && !this.#unusable;
  }

  get #unusable(): boolean {
    const { configuration, connectionHealth } = this.#options.state;
    return configuration !== undefined || connectionHealth.completeAt === undefined;
  }

  async #poolTurn(signal: AbortSignal): Promise<TurnResult> {
    const { state, connector } = this.#options;
    const reader = await connector.connect(signal);
    if (reader === undefined) {
      this.#announce();
      return { ok: true };
    }
    try {
      const result = await this.#readPools(reader, signal);
      if (state.authentication?.accepted === false && (await connector.refresh(signal))) this.#wakeAll();
      return result;
    } finally {
      this.#announce();
    }
  }

  async #readPools(reader: ModelArtsReader, signal: AbortSignal): Promise<TurnResult> {
    const { state, mirrors, clock } = this.#options;
    const known = mirrors.pools();
    let workspaces: readonly string[];
    try {
      workspaces = await resolveWorkspaces(reader, state.view.spec.discovery.workspaces, signal);
    } catch (error) {
      return this.#connectionFailed(error, signal);
    }
    const own = known.flatMap(({ workspaceID, declared }) =>
      workspaceID === undefined || declared ? [] : [workspaceID],
    );
    const lists = await readLists(reader, [...new Set([...workspaces, ...own])].sort(), signal);
    this.#noteLists(lists);
    const { maxStalenessMs } = state.settings;
    const { confirmations } = state.view.spec.deletion;
    const input = {
      now: clock.monotonic(),
      pollIntervalMs: state.poolIntervalMs,
      maxStalenessMs,
      confirmations,
      known,
    };
    const details = await readDetails(reader, state.pools.applyLists(lists, input), signal);
    state.pools.applyDetails(details, { ...input, now: clock.monotonic() });
    state.apiFeatures = { ...state.apiFeatures, poolList: state.pools.listIsPartial ? 'Partial' : 'Full' };
    this.#guardDeletions();
    this.#followPools(signal);
    this.#fitBudget(lists.size);
    return this.#result(
      [...lists.values()].flatMap((read) => (read.ok ? [] : [read.error])),
      lists.size,
    );
  }

  /** One failed workspace of several is a partial failure; only when all fail does the project back off. */
  #result(errors: readonly unknown[], reads: number): TurnResult {
    this.#failures = errors.length === reads && reads > 0 ? this.#failures + 1 : 0;
    const afterMs = Math.max(0, ...errors.map((error) => upstreamError(error)?.retryAfterMs ?? 0));
    const ok = errors.length === 0;
    return { ok: this.#failures === 0, ...(afterMs > 0 && !ok && { afterMs }) };
  }

  #connectionFailed(error: unknown, signal: AbortSignal): TurnResult {
    const { state, clock } = this.#options;
    const upstream = upstreamError(error);
    if (signal.aborted || upstream === undefined) throw error;
    state.connectionHealth = failed(
      state.connectionHealth,
      clock.monotonic(),
      failureOf(upstream),
      this.#poolLimits(),
    );
    this.#noteAuthentication(upstream);
    return this.#result([error], 1);
  }

  #noteLists(lists: PoolLists): void {
    const { state, clock } = this.#options;
    const now = clock.monotonic();
    for (const workspace of state.listHealth.keys())
      if (!lists.has(workspace)) state.listHealth.delete(workspace);
    for (const [workspace, read] of lists) {
      const before = state.listHealth.get(workspace) ?? newHealth(now);
      state.listHealth.set(
        workspace,
        this.#next(before, read.ok ? undefined : read.error, this.#poolLimits()),
      );
    }
    const reads = [...lists.values()];
    const refused = reads.flatMap((read) => (read.ok ? [] : [read.error]));
    if (refused.length < reads.length || reads.length === 0) {
      state.connectionHealth = succeeded(state.connectionHealth, now);
      state.authentication = { accepted: true };
      delete state.refusedSecretVersion;
      this.#options.connector.accepted();
    } else {
      const error = upstreamError(refused[0]);
      if (error === undefined) return;
      state.connectionHealth = failed(state.connectionHealth, now, failureOf(error), this.#poolLimits());
      this.#noteAuthentication(error);
    }
  }

  /** A credential was judged only where an answer says so: a timeout leaves what was known. */
  #noteAuthentication(error: UpstreamError): void {
    const { state, connector } = this.#options;
    const message = error.message;
    if (error.kind === 'Unauthorized') {
      state.authentication = { accepted: false, reason: 'Unauthorized', message };
      const version = connector.refused();
      if (version !== undefined) state.refusedSecretVersion = version;
    } else if (error.kind === 'Forbidden') {
      state.authentication = { accepted: false, reason: 'Forbidden', message };
    } else if (error.kind === 'NotFound' && error.what === 'project') {
      state.authentication = { accepted: false, reason: 'ProjectNotFound', message };
    }
  }

  #next(before: Health, error: unknown, limits: HealthLimits): Health {
    const now = this.#options.clock.monotonic();
    if (error === undefined) return succeeded(before, now);
    const upstream = upstreamError(error);
    return upstream === undefined ? before : failed(before, now, failureOf(upstream), limits);
  }

  #guardDeletions(): void {
    const { state, mirrors, clock } = this.#options;
    const { confirmations, maxPercent } = state.view.spec.deletion;
    const known = mirrors.pools();
    const now = clock.monotonic();
    state.poolCounts = countPools(state.poolCounts, known, now);
    const blocked = heldBack({
      known,
      isMissing: (poolName) => (state.pools.get(poolName)?.absences ?? 0) >= confirmations,
      counts: state.poolCounts,
      maxPercent,
      confirmation: mirrors.confirmDeletion(),
      now,
    });
    if (blocked === undefined) delete state.blocked;
    else state.blocked = blocked;
    this.#forgetGone(new Set(known.map(({ poolName }) => poolName)));
  }

  /** Of a pool that has no mirror any more, nothing needs to be known once it is gone or no list is read that has it. */
  #forgetGone(mirrored: ReadonlySet<string>): void {
    const { state } = this.#options;
    for (const { poolName, gone, facts } of [...state.pools.values()]) {
      const listed = facts !== undefined && state.listHealth.has(facts.workspaceID);
      if (mirrored.has(poolName) || (listed && !gone)) continue;
      state.pools.forget(poolName);
      state.workloads.forgetPool(poolName);
    }
  }

  /** Starts reading the workloads of pools that are new in the selection, and stops for those that left it. */
  #followPools(signal: AbortSignal): void {
    const { state, mirrors } = this.#options;
    const declared = new Set(mirrors.pools().flatMap((pool) => (pool.declared ? [pool.poolName] : [])));
    const wanted = new Set<string>();
    for (const { poolName, facts, gone } of state.pools.values()) {
      if (facts && !gone && (declared.has(poolName) || state.selection.selects(facts))) wanted.add(poolName);
    }
    for (const [poolName, loop] of this.#poolLoops) {
      if (wanted.has(poolName)) continue;
      loop.stop.abort();
      this.#poolLoops.delete(poolName);
      this.#requests.delete(poolName);
      state.poolHealth.delete(poolName);
    }
    for (const poolName of wanted) if (!this.#poolLoops.has(poolName)) this.#startPool(poolName, signal);
  }

  #startPool(poolName: string, parent: AbortSignal): void {
    const { clock, random, state } = this.#options;
    const stop = new AbortController();
    const signal = AbortSignal.any([parent, stop.signal]);
    const cadence = new Cadence({
      clock,
      random,
      intervalMs: () => state.workloadIntervalMs,
      turn: (turnSignal) => this.#workloadTurn(poolName, turnSignal),
    });
    this.#poolLoops.set(poolName, { cadence, stop, done: cadence.run(signal) });
  }

  async #workloadTurn(poolName: string, signal: AbortSignal): Promise<TurnResult> {
    const { state, connector, mirrors, clock } = this.#options;
    const reader = connector.current();
    if (reader === undefined) return { ok: true };
    const limits = { intervalMs: state.workloadIntervalMs, maxStalenessMs: state.settings.maxStalenessMs };
    const before = state.poolHealth.get(poolName) ?? newHealth(clock.monotonic());
    const { workloads: spec, deletion } = state.view.spec;
    try {
      const result = await passOverWorkloads(
        {
          reader,
          pool: poolName,
          observations: state.workloads,
          spec,
          deletion,
          settings: state.settings,
          known: mirrors.workloads(poolName),
          parentOf: (pool) => state.pools.get(pool)?.facts?.parent,
          now: clock.now(),
          monotonic: clock.monotonic(),
        },
        signal,
      );
      state.poolHealth.set(poolName, succeeded(before, clock.monotonic(), result.issues));
      this.#requests.set(poolName, result.requests);
      state.lastSyncAt = clock.now();
      this.#options.onWorkloads(result.touched);
      return { ok: true };
    } catch (error) {
      const upstream = upstreamError(error);
      if (signal.aborted || upstream === undefined) throw error;
      state.poolHealth.set(poolName, failed(before, clock.monotonic(), failureOf(upstream), limits));
      return { ok: false, ...(upstream.retryAfterMs !== undefined && { afterMs: upstream.retryAfterMs }) };
    } finally {
      this.#options.onPools([poolName]);
    }
  }

  #fitBudget(lists: number): void {
    const { state } = this.#options;
    const { settings } = state;
    let workloadPass = 0;
    for (const requests of this.#requests.values()) workloadPass += requests;
    state.stretch = stretchFactor(
      {
        requestsPerSecond: state.view.spec.rateLimit.requestsPerSecond,
        poolPass: lists,
        poolIntervalMs: settings.poolIntervalMs,
        workloadPass,
        workloadIntervalMs: settings.workloadIntervalMs,
      },
      state.stretch,
    );
  }

  /** While the pools back off, a mended Secret is still noticed within an interval, and ends the back-off. */
  async #secretTurn(signal: AbortSignal): Promise<TurnResult> {
    const unwell = this.#failures > 0 || this.#options.state.configuration !== undefined;
    if (unwell && (await this.#options.connector.refresh(signal))) this.#wakeAll();
    return { ok: true };
  }

  #wakeAll(): void {
    this.#pools.wake();
    for (const { cadence } of this.#poolLoops.values()) cadence.wake();
  }

  /** Every pool may look different after a pass: by what was read, or by what could not be. */
  #announce(): void {
    const names = new Set(this.#options.mirrors.pools().map(({ poolName }) => poolName));
    for (const { poolName } of this.#options.state.pools.values()) names.add(poolName);
    this.#options.onPools(names);
  }

  #poolLimits(): HealthLimits {
    const { state } = this.#options;
    return { intervalMs: state.poolIntervalMs, maxStalenessMs: state.settings.maxStalenessMs };
  }
}
