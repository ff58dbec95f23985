import type { ModelArtsReader } from '../api/upstream.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import { Cadence, type TurnResult } from './cadence.ts';
import type { Connector } from './connection.ts';
import type { MirrorKey } from './keys.ts';
import { OptionalReadings, type OptionalMirrors } from './optional-readings.ts';
import type { KnownPool } from './pool-observations.ts';
import { PoolTurn } from './pool-turn.ts';
import type { Logger } from './ports.ts';
import type { ProjectState } from './project-state.ts';
import { stretchFactor, wantedRate } from './stretch.ts';
import { WorkloadLoops } from './workload-loops.ts';
import type { KnownWorkload } from './workload-observations.ts';

/** What a runner needs to know of the mirrors that its project has in the cluster. */
export interface MirrorsOfProject extends OptionalMirrors {
  /** One a pool, however many objects show it. */
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
  readonly onMirrors: (keys: Iterable<MirrorKey>) => void;
}

/** What became of a read that was asked for. `stopped`: it will not come any more. */
export type Asked = 'complete' | 'incomplete' | 'stopped';

/**
 * Reads one project: a cadence over its pools, one over the workloads of each pool, and one that watches the others:
 * while they back off or wait, it looks at the Secret and has it said that what is known grows old. Whatever happens,
 * what was known stays; only the state's health says that it is old.
 */
export class ProjectRunner {
  readonly #options: ProjectRunnerOptions;
  readonly #turn: PoolTurn;
  readonly #pools: Cadence;
  readonly #watch: Cadence;
  readonly #workloads: WorkloadLoops;
  readonly #optional: OptionalReadings;
  /** Monotonic milliseconds. */
  #announcedAt = 0;

  constructor(options: ProjectRunnerOptions) {
    this.#options = options;
    const { clock, random, state, connector, log, mirrors } = options;
    const intervalMs = (): number => state.poolIntervalMs;
    this.#pools = new Cadence({ clock, random, intervalMs, turn: (signal) => this.#poolTurn(signal) });
    this.#watch = new Cadence({ clock, random, intervalMs, turn: (signal) => this.#watchTurn(signal) });
    this.#turn = new PoolTurn({
      state,
      connector,
      clock,
      known: () => mirrors.pools(),
      confirmDeletion: () => mirrors.confirmDeletion(),
      onGone: (poolNames) => this.#lookAtWorkloadsOf(poolNames),
    });
    this.#workloads = new WorkloadLoops({
      state,
      connector,
      clock,
      random,
      log,
      known: (poolName) => mirrors.workloads(poolName),
      onWorkloads: options.onWorkloads,
      onPass: (poolName, quiet) => this.#passed(poolName, quiet),
      onRefused: (signal) => {
        connector.refused();
        return this.#lookAtSecret(signal);
      },
    });
    this.#optional = new OptionalReadings(options);
  }

  /** Runs until the signal aborts, and resolves when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    // What a project can do without waits for the first turn over its pools, which connects.
    const connected = this.#pools.next(false);
    try {
      await Promise.all([
        this.#pools.run(signal),
        this.#watch.run(signal, this.#options.state.poolIntervalMs),
        connected.then(() => this.#optional.run(signal)),
      ]);
    } finally {
      await this.#workloads.stop();
      await this.#options.connector.close();
    }
  }

  /** The pools are read at once: one was declared, or is asked for. */
  wake(): void {
    this.#pools.wake();
  }

  /**
   * Resolves when everything was read by turns that started after this call: `now`, or as they come. A back-off ends
   * for `now` only.
   */
  async readAll(now: boolean): Promise<Asked> {
    const pools = await this.#pools.next(now);
    const others = await Promise.all([this.#workloads.readAll(now), this.#optional.readAll(now)]);
    return this.#asked([pools, ...others.flat()]);
  }

  /** The same for one pool and its workloads. */
  async readPool(poolName: string, now: boolean): Promise<Asked> {
    const { state } = this.#options;
    const pools = await this.#pools.next(now);
    const turns = await this.#workloads.read(poolName, now);
    const seen = state.pools.get(poolName);
    const list = seen?.facts && state.listHealth.get(seen.facts.workspaceID);
    const well = seen?.detailHealth === undefined && (list === undefined || list.failures === 0);
    // Another workspace that fails is not this pool's trouble.
    const own = pools && { ok: pools.ok && well };
    return this.#asked([own, ...turns]);
  }

  #asked(turns: readonly (TurnResult | undefined)[]): Asked {
    if (turns.includes(undefined)) return 'stopped';
    const { configuration, connectionHealth } = this.#options.state;
    const unusable = configuration !== undefined || connectionHealth.completeAt === undefined;
    const complete = turns.every((turn) => turn?.ok === true && turn.complete !== false);
    return complete && !unusable ? 'complete' : 'incomplete';
  }

  async #poolTurn(signal: AbortSignal): Promise<TurnResult> {
    const { connector, state, log } = this.#options;
    try {
      await connector.refresh(signal);
      const failedBefore = this.#turn.failures > 0;
      const result = await connector.use(async (reader) => {
        const taken = await this.#turn.take(reader, signal);
        this.#fitBudget(reader);
        return taken;
      });
      // Nothing to read with: the Secret is looked at again in an interval.
      if (result === undefined) return { ok: true };
      this.#followPools(signal);
      // Those that backed off with the rest need not wait to see that it is over.
      if (failedBefore && result.ok) {
        this.#workloads.wakeAll();
        this.#optional.wakeFailed();
      }
      if (state.authentication?.accepted === false) await this.#lookAtSecret(signal);
      return result;
    } catch (error) {
      if (signal.aborted) throw error;
      log.error('Reading the pools of a project failed unexpectedly.', { project: this.#name, error });
      return this.#turn.fail(error);
    } finally {
      if (!signal.aborted) this.#announce();
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
    this.#workloads.follow(wanted, signal);
    this.#noteSync();
  }

  /** The budget is the credential's: projects that share it lengthen their intervals by the same factor. */
  #fitBudget(reader: ModelArtsReader): void {
    const { state } = this.#options;
    const { settings } = state;
    let pools = 0;
    for (const { facts } of state.pools.values()) if (facts && state.selection.selects(facts)) pools += 1;
    const wanted = wantedRate({
      // Besides the lists, each pool's detail once in `maxStaleness`.
      poolPass: state.listHealth.size + (pools * settings.poolIntervalMs) / settings.maxStalenessMs,
      poolIntervalMs: settings.poolIntervalMs,
      workloadPass: this.#workloads.requestsPerPass,
      workloadIntervalMs: settings.workloadIntervalMs,
    });
    state.stretch = stretchFactor(reader.plan(wanted), state.stretch);
  }

  #passed(poolName: string, quiet: boolean): void {
    this.#noteSync();
    // What follows from the passing of time alone is looked at once an interval (#announce).
    if (!quiet) this.#options.onPools([poolName]);
  }

  /** All that is read was read, and the last time without a failure. */
  #noteSync(): void {
    const { state, clock } = this.#options;
    const lists = [...state.listHealth.values()];
    if (state.connectionHealth.failures > 0 || lists.some(({ failures }) => failures > 0)) return;
    if (this.#workloads.allRead) state.lastSyncAt = clock.now();
  }

  /** While the pools back off, a mended Secret is still noticed within an interval, and ends the back-off. */
  async #watchTurn(signal: AbortSignal): Promise<TurnResult> {
    const { state, clock } = this.#options;
    if (this.#turn.failures > 0) await this.#lookAtSecret(signal);
    if (clock.monotonic() - this.#announcedAt >= state.poolIntervalMs) this.#announce();
    return { ok: true };
  }

  async #lookAtSecret(signal: AbortSignal): Promise<void> {
    if (!(await this.#options.connector.refresh(signal))) return;
    this.#pools.wake();
    this.#workloads.wakeAll();
    this.#optional.wake();
  }

  /** What the mirrors of a lost pool's workloads show must go, and no pass will touch them any more. */
  #lookAtWorkloadsOf(poolNames: readonly string[]): void {
    const { state, mirrors, onWorkloads } = this.#options;
    for (const poolName of poolNames) {
      const rows = [...state.workloads.rowsOf(poolName)].map(({ facts }) => facts.uid);
      onWorkloads(new Set([...rows, ...mirrors.workloads(poolName).keys()]));
    }
  }

  /** Every pool may look different after a pass: by what was read, or by what could not be. */
  #announce(): void {
    const { state, mirrors, clock, onPools } = this.#options;
    this.#announcedAt = clock.monotonic();
    const names = new Set(mirrors.pools().map(({ poolName }) => poolName));
    for (const { poolName } of state.pools.values()) names.add(poolName);
    onPools(names);
  }

  get #name(): string {
    const { namespace, name } = this.#options.state.view;
    return `${namespace}/${name}`;
  }
}
