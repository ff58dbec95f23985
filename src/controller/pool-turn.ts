import { upstreamError } from '../api/errors.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import type { Clock } from '../runtime/clock.ts';
import type { TurnResult } from './cadence.ts';
import type { Connector } from './connection.ts';
import { failed, failureOf, newHealth, succeeded, type HealthLimits } from './health.ts';
import { readDetails, readLists, resolveWorkspaces, type PoolLists } from './pool-pass.ts';
import type { KnownPool, PoolPassInput } from './pool-observations.ts';
import type { ProjectState } from './project-state.ts';

export interface PoolTurnOptions {
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly clock: Clock;
  /** Pools that have a mirror. */
  readonly known: () => readonly KnownPool[];
  /** Annotation modelarts-operator.dev/confirm-deletion. */
  readonly confirmDeletion: () => string | undefined;
  /** These pools are gone: what was known of their workloads is to be looked at again. */
  readonly onGone: (poolNames: readonly string[]) => void;
}

/** One reading of all pools of a project: what was read goes into the state, and how it went into its health. */
export class PoolTurn {
  readonly #options: PoolTurnOptions;
  #failures = 0;

  constructor(options: PoolTurnOptions) {
    this.#options = options;
  }

  /** Turns in a row in which nothing could be read. */
  get failures(): number {
    return this.#failures;
  }

  /** Rejects when the signal aborts, or with a bug. */
  async take(reader: ModelArtsReader, signal: AbortSignal): Promise<TurnResult> {
    const { state, known } = this.#options;
    let workspaces: readonly string[];
    try {
      workspaces = await resolveWorkspaces(reader, state.view.spec.discovery.workspaces, signal);
    } catch (error) {
      if (signal.aborted || upstreamError(error) === undefined) throw error;
      return this.fail(error);
    }
    // Only the list of its own workspace shows that a pool is gone, whoever asked for its mirror.
    const own = known().flatMap(({ workspaceID }) => (workspaceID === undefined ? [] : [workspaceID]));
    const lists = await readLists(reader, [...new Set([...workspaces, ...own])].sort(), signal);
    signal.throwIfAborted();
    this.#noteLists(lists);
    const wanted = state.pools.applyLists(lists, this.#input());
    const details = await readDetails(reader, wanted, signal);
    signal.throwIfAborted();
    const gone = state.pools.applyDetails(details, this.#input());
    const reads = [...lists.values()];
    if (reads.some(({ ok }) => ok))
      state.apiFeatures = { ...state.apiFeatures, poolList: state.pools.listIsPartial ? 'Partial' : 'Full' };
    this.#guardDeletions();
    this.#options.onGone(gone);
    return this.#result(
      reads.flatMap((read) => (read.ok ? [] : [read.error])),
      lists.size,
    );
  }

  /** Nothing could be read, for this reason. */
  fail(error: unknown): TurnResult {
    const { state, clock } = this.#options;
    state.connectionHealth = failed(
      state.connectionHealth,
      clock.monotonic(),
      failureOf(error),
      this.#limits(),
    );
    this.#noteAuthentication(error);
    return this.#result([error], 1);
  }

  #input(): PoolPassInput {
    const { state, clock, known } = this.#options;
    return {
      now: clock.monotonic(),
      pollIntervalMs: state.poolIntervalMs,
      maxStalenessMs: state.settings.maxStalenessMs,
      confirmations: state.view.spec.deletion.confirmations,
      known: known(),
      mayBeSelected: (poolName) => state.mayBeSelected(poolName),
    };
  }

  /** One failed workspace of several is a partial failure; only when all fail does the project back off. */
  #result(errors: readonly unknown[], reads: number): TurnResult {
    this.#failures = errors.length === reads && reads > 0 ? this.#failures + 1 : 0;
    const afterMs = Math.max(0, ...errors.map((error) => upstreamError(error)?.retryAfterMs ?? 0));
    return {
      ok: this.#failures === 0,
      complete: errors.length === 0,
      ...(afterMs > 0 && { afterMs }),
    };
  }

  #noteLists(lists: PoolLists): void {
    const { state, clock, connector } = this.#options;
    const now = clock.monotonic();
    for (const workspace of state.listHealth.keys())
      if (!lists.has(workspace)) state.listHealth.delete(workspace);
    for (const [workspace, read] of lists) {
      const before = state.listHealth.get(workspace) ?? newHealth(now);
      // What belongs to a pool is told by that pool; what belongs to none can only be told here.
      const health = read.ok
        ? succeeded(
            before,
            now,
            read.answer.issues.filter(({ item }) => item === undefined),
          )
        : failed(before, now, failureOf(read.error), this.#limits());
      state.listHealth.set(workspace, health);
    }
    const reads = [...lists.values()];
    const failures = reads.flatMap((read) => (read.ok ? [] : [read.error]));
    if (failures.length < reads.length || reads.length === 0) {
      state.connectionHealth = succeeded(state.connectionHealth, now);
      state.authentication = { accepted: true };
      delete state.refusedSecretVersion;
      connector.accepted();
    } else {
      state.connectionHealth = failed(state.connectionHealth, now, failureOf(failures[0]), this.#limits());
      this.#noteAuthentication(failures[0]);
    }
  }

  /** A credential was judged only where an answer says so: a timeout leaves what was known. */
  #noteAuthentication(error: unknown): void {
    const { state, connector } = this.#options;
    const upstream = upstreamError(error);
    if (upstream === undefined) return;
    const { kind, what, message } = upstream;
    // What was said first stays while it is so: the next refusal is told in other words, and would be a write of its own.
    const refuse = (reason: 'Unauthorized' | 'Forbidden' | 'ProjectNotFound'): void => {
      const before = state.authentication;
      if (before?.accepted !== false || before.reason !== reason)
        state.authentication = { accepted: false, reason, message };
    };
    if (kind === 'Unauthorized') {
      refuse('Unauthorized');
      connector.refused();
    } else if (kind === 'Forbidden') {
      refuse('Forbidden');
    } else if (kind === 'NotFound' && what === 'project') {
      refuse('ProjectNotFound');
    }
  }

  #guardDeletions(): void {
    const { state, known, confirmDeletion, clock } = this.#options;
    const { confirmations, maxPercent } = state.view.spec.deletion;
    const mirrored = known();
    const blocked = state.guard.review({
      known: mirrored,
      isMissing: (poolName) => (state.pools.get(poolName)?.absences ?? 0) >= confirmations,
      maxPercent,
      confirmation: confirmDeletion(),
      now: clock.monotonic(),
    });
    if (blocked === undefined) delete state.blocked;
    else state.blocked = blocked;
    this.#forgetGone(new Set(mirrored.map(({ poolName }) => poolName)));
  }

  /** Of a pool that has no mirror any more, nothing needs to be known once it is gone or no list is read that has it. */
  #forgetGone(mirrored: ReadonlySet<string>): void {
    const { state } = this.#options;
    for (const { poolName, gone, facts } of [...state.pools.values()]) {
      const listed = facts !== undefined && state.listHealth.has(facts.workspaceID);
      if (mirrored.has(poolName) || (listed && !gone)) continue;
      state.pools.forget(poolName);
      state.workloads.forgetPool(poolName);
      state.poolHandledReconcileAt.delete(poolName);
    }
  }

  #limits(): HealthLimits {
    const { state } = this.#options;
    return { intervalMs: state.poolIntervalMs, maxStalenessMs: state.settings.maxStalenessMs };
  }
}
