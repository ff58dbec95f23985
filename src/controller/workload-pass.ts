/**
 * One pass over the workloads of one pool: statistics first, then the lists that they make necessary (architecture §5).
 * What was read goes into the observations; the answer says what to look at again.
 */
import { terminalStatuses, type DecodeIssue, type StatisticsFacts } from '../api/facts.ts';
import type { ResolvedProjectSpec } from '../api/kinds/modelarts-project.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import { planReading, type ReadingPlan } from './reading-plan.ts';
import type { Settings } from './settings.ts';
import { walkWorkloads, type Walk } from './walk.ts';
import { isTerminal, type KnownWorkload, type WorkloadObservations } from './workload-observations.ts';

export interface WorkloadPass {
  readonly reader: ModelArtsReader;
  readonly pool: string;
  readonly observations: WorkloadObservations;
  readonly spec: ResolvedProjectSpec['workloads'];
  readonly deletion: ResolvedProjectSpec['deletion'];
  readonly settings: Settings;
  /** Mirrors of this pool's workloads, by uid. */
  readonly known: ReadonlyMap<string, KnownWorkload>;
  readonly parentOf: (pool: string) => string | undefined;
  /** Wall and monotonic milliseconds. */
  readonly now: number;
  readonly monotonic: number;
}

export interface WorkloadPassResult {
  readonly issues: readonly DecodeIssue[];
  /** Identities to reconcile: read, gone, or moved in or out of the history. */
  readonly touched: ReadonlySet<string>;
  readonly requests: number;
}

/** Rejects with what upstream said; what was read before that stands. */
export async function passOverWorkloads(
  pass: WorkloadPass,
  signal: AbortSignal,
): Promise<WorkloadPassResult> {
  const { reader, pool, observations, spec, settings } = pass;
  const state = observations.pool(pool);
  const statistics = await reader.getStatistics(pool, signal);
  const tally = new Tally(statistics.issues);
  if (spec.mode !== 'None') {
    const selected = onlyTypes(statistics.value, spec.types);
    const active = activeUids(pass);
    const plan = planReading({
      statistics: selected,
      ...(state.baseline && { baseline: state.baseline }),
      activeNow: active.statuses,
      historyDue:
        state.historyReadAt === undefined || pass.monotonic - state.historyReadAt >= settings.maxStalenessMs,
      wantsHistory: spec.mode === 'All',
      walkDue: observations.walkDue(pool, pass.monotonic, settings.maxStalenessMs),
    });
    if (plan.do === 'walk') await fullWalk(pass, tally, signal);
    else await readLists(pass, plan, active.uids, selected, tally, signal);
    state.baseline = selected;
  }
  // Not before: counts and the sum over rows are shown together, and so must be of the same pass.
  state.statistics = statistics.value;
  const historyPolicy = { ...settings.history, ...(spec.mode === 'Active' && { maxPerPool: 0 }) };
  for (const uid of observations.selectHistory(pool, pass.known, historyPolicy, pass.now))
    tally.touched.add(uid);
  return { issues: tally.issues, touched: tally.touched, requests: tally.requests };
}

/** What a pass has come to so far. */
class Tally {
  readonly issues: DecodeIssue[];
  readonly touched = new Set<string>();
  requests = 1;

  constructor(issues: readonly DecodeIssue[]) {
    this.issues = [...issues];
  }

  add(pass: WorkloadPass, walk: Walk): void {
    this.requests += walk.requests;
    this.issues.push(...walk.issues);
    pass.observations.applyRows(pass.pool, walk.rows, pass.parentOf);
    for (const uid of walk.rows.keys()) this.touched.add(uid);
  }
}

async function readLists(
  pass: WorkloadPass,
  plan: Extract<ReadingPlan, { do: 'lists' }>,
  active: ReadonlySet<string>,
  statistics: StatisticsFacts,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const { reader, pool, observations, settings } = pass;
  const state = observations.pool(pool);
  const type = onlyType(pass);
  const missing = new Set(active);
  let complete = true;
  for (const status of plan.active) {
    const walk = await walkWorkloads(
      reader,
      pool,
      { query: { ...type, status, order: 'oldestFirst' } },
      signal,
    );
    tally.add(pass, walk);
    complete &&= walk.complete && walk.unidentified === 0 && walk.issues.length === 0;
    for (const uid of walk.rows.keys()) missing.delete(uid);
  }
  state.activeComplete = complete;
  // A job that left every active list ended, or is gone: its end is looked for wherever something has ended at all.
  // One that was looked for in vain before is left to the walk, or a long history would be read at every pass.
  const soughtFor = new Set([...missing].filter((uid) => !state.suspects.has(uid)));
  const history = new Set(plan.history);
  if (soughtFor.size > 0) {
    for (const status of terminalStatuses) if ((statistics.byStatus[status] ?? 0) > 0) history.add(status);
  }
  for (const status of terminalStatuses.filter((word) => history.has(word))) {
    const oldest = oldestCreation(observations, soughtFor);
    const walk = await walkWorkloads(
      reader,
      pool,
      {
        query: { ...type, status, order: 'newestFirst' },
        enough: (page, rows) => {
          for (const uid of rows.keys()) soughtFor.delete(uid);
          const reached = creationOf(page.at(-1)?.creationTime);
          const covered = rows.size >= settings.history.maxPerPool;
          return covered && (soughtFor.size === 0 || (oldest !== undefined && reached < oldest));
        },
      },
      signal,
    );
    tally.add(pass, walk);
    for (const uid of walk.rows.keys()) {
      missing.delete(uid);
      soughtFor.delete(uid);
    }
    if (walk.complete) {
      for (const row of observations.rowsOf(pool)) {
        if (row.facts.status === status && !walk.rows.has(row.facts.uid)) missing.add(row.facts.uid);
      }
    }
  }
  if (plan.historyRead) state.historyReadAt = pass.monotonic;
  observations.suspect(pool, missing);
}

/** Everything, unfiltered: proves absences, and serves where the statistics cannot say what to ask for. */
async function fullWalk(pass: WorkloadPass, tally: Tally, signal: AbortSignal): Promise<void> {
  const { reader, pool, observations, settings, deletion, known } = pass;
  const state = observations.pool(pool);
  const walk = await walkWorkloads(reader, pool, { query: { order: 'oldestFirst' } }, signal);
  tally.add(pass, walk);
  state.walkedAt = pass.monotonic;
  state.historyReadAt = pass.monotonic;
  state.activeComplete = walk.complete && walk.unidentified === 0 && walk.issues.length === 0;
  const all = new Set([...known.keys(), ...state.uids]);
  observations.countAbsences(pool, walk, all, pass.monotonic, settings.workloadIntervalMs);
  const gone = observations.confirmedAbsences(pool, deletion.confirmations);
  for (const uid of gone) {
    tally.touched.add(uid);
    if (!known.has(uid)) observations.forget(pool, uid);
  }
  const mirrored = gone.filter((uid) => known.has(uid)).length;
  if (mirrored > 1 && mirrored * 100 > known.size * deletion.maxPercent) {
    tally.requests += 1;
    const after = await reader.getStatistics(pool, signal);
    state.held = after.value.total !== walk.rows.size;
  } else {
    state.held = false;
  }
}

/** What is known to be active, from rows and (after a restart) from mirrors. */
function activeUids(pass: WorkloadPass): { uids: ReadonlySet<string>; statuses: ReadonlySet<string> } {
  const uids = new Set<string>();
  const statuses = new Set<string>();
  for (const row of pass.observations.rowsOf(pass.pool)) {
    if (isTerminal(row)) continue;
    uids.add(row.facts.uid);
    if (row.facts.status !== undefined) statuses.add(row.facts.status);
  }
  const { types } = pass.spec;
  for (const { uid, terminal, type } of pass.known.values()) {
    if (types && type !== undefined && !types.includes(type)) continue;
    const row = pass.observations.row(uid);
    if (!terminal && (row === undefined || !isTerminal(row))) uids.add(uid);
  }
  return { uids, statuses };
}

/** One type can be asked for; of several, everything is read and the rest left out by the selection. */
function onlyType(pass: WorkloadPass): { type?: string } {
  const [type, ...more] = pass.spec.types ?? [];
  return type !== undefined && more.length === 0 ? { type } : {};
}

function onlyTypes(statistics: StatisticsFacts, types: readonly string[] | undefined): StatisticsFacts {
  if (!types || types.length !== 1) return statistics;
  const byType = statistics.byType.filter(({ type }) => types.includes(type));
  const total = byType.reduce((sum, row) => sum + row.total, 0);
  return { total, byStatus: byType[0]?.byStatus ?? {}, byType };
}

function oldestCreation(observations: WorkloadObservations, uids: Iterable<string>): number | undefined {
  let oldest = Infinity;
  for (const uid of uids) {
    const created = creationOf(observations.row(uid)?.facts.creationTime);
    oldest = Math.min(oldest, created);
  }
  return Number.isFinite(oldest) ? oldest : undefined;
}

/** Milliseconds; 0 (older than everything) where it is not known, so that nothing is cut short because of it. */
const creationOf = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time));
