/**
 * One pass over the workloads of one pool: statistics first, then the lists that they make necessary (architecture §5).
 * What was read goes into the observations; the answer says what to look at again.
 */
import { isDeepStrictEqual } from 'node:util';

import {
  terminalStatuses,
  type DecodeIssue,
  type StatisticsFacts,
  type WorkloadFacts,
} from '../api/facts.ts';
import type { ResolvedProjectSpec } from '../api/kinds/modelarts-project.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import { exceeds, provesAbsence } from '../mirror/guard.ts';
import type { PoolFamily } from './pool-family.ts';
import { planReading, type ReadingPlan } from './reading-plan.ts';
import { isWanted, onlyType, onlyTypes } from './job-types.ts';
import type { Settings } from './settings.ts';
import { walkWorkloads, type Walk } from './walk.ts';
import { isTerminal, type KnownWorkload, type WorkloadObservations } from './workload-observations.ts';
import { WorkloadTally } from './workload-tally.ts';

export interface WorkloadPass {
  readonly reader: ModelArtsReader;
  readonly pool: string;
  readonly observations: WorkloadObservations;
  readonly spec: ResolvedProjectSpec['workloads'];
  readonly deletion: ResolvedProjectSpec['deletion'];
  readonly settings: Settings;
  /** Mirrors of this pool's workloads, by uid. */
  readonly known: ReadonlyMap<string, KnownWorkload>;
  readonly family: PoolFamily;
  /** Wall and monotonic milliseconds. */
  readonly now: number;
  readonly monotonic: number;
  /**
   * Gets, as each list ends, the active workloads of it that are to be reconciled: the rest of the pass says nothing about
   * them, and may take many requests. Default: they are among those that are touched.
   */
  readonly onActive?: ((uids: readonly string[]) => void) | undefined;
}

export interface WorkloadPassResult {
  readonly issues: readonly DecodeIssue[];
  /**
   * Identities to reconcile: read and not known to be shown as they are, gone, or moved in or out of the history. When
   * everything is read whatever the statistics say, all that was read. Without what `onActive` got.
   */
  readonly touched: ReadonlySet<string>;
  readonly requests: number;
  /** The pool was read as it was before: nothing that is shown of it or its workloads follows from this pass. */
  readonly quiet: boolean;
  /** What ended the pass early. What was read before that stands. */
  readonly failure?: { readonly error: unknown };
}

/** Rejects only when the signal aborts; nothing is taken in after that. */
export async function passOverWorkloads(
  pass: WorkloadPass,
  signal: AbortSignal,
): Promise<WorkloadPassResult> {
  const { pool, observations, spec, settings, known } = pass;
  observations.forgetLost(pool, known, pass.deletion.confirmations);
  const { revision, statistics, activeComplete } = observations.pool(pool);
  const tally = new WorkloadTally(pass);
  let failure: { readonly error: unknown } | undefined;
  try {
    await read(pass, tally, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    failure = { error };
  }
  if (failure === undefined || tally.touched.size > 0) {
    const limits = { ...settings.history, ...(spec.mode === 'Active' && { maxPerPool: 0 }) };
    for (const uid of observations.selectHistory(pool, known, limits, pass.now)) tally.touched.add(uid);
  }
  // Of a long history that was read, most has no place in the selection.
  for (const uid of tally.touched)
    if (!known.has(uid) && observations.row(uid) === undefined) tally.touched.delete(uid);
  const state = observations.pool(pool);
  state.pages.take(tally.lists, tally.whole, (uid) => observations.row(uid));
  const { issues, touched, requests } = tally;
  const quiet =
    failure === undefined &&
    issues.length === 0 &&
    touched.size === 0 &&
    state.revision === revision &&
    state.activeComplete === activeComplete &&
    isDeepStrictEqual(state.statistics, statistics);
  return { issues, touched, requests, quiet, ...(failure && { failure }) };
}

async function read(pass: WorkloadPass, tally: WorkloadTally, signal: AbortSignal): Promise<void> {
  const { reader, pool, observations, spec, settings, monotonic } = pass;
  const state = observations.pool(pool);
  const answer = await reader.getStatistics(pool, signal);
  signal.throwIfAborted();
  tally.requests += 1;
  tally.issues.push(...answer.issues);
  if (spec.mode !== 'None') {
    const statistics = onlyTypes(answer.value, spec.types);
    const active = activeUids(pass);
    const plan = planReading({
      statistics,
      ...(state.baseline && { baseline: state.baseline }),
      activeNow: active.statuses,
      due: state.wholeReadAt === undefined || monotonic - state.wholeReadAt >= settings.maxStalenessMs,
      uncounted: hasUncounted(pass, statistics),
      wantsHistory: spec.mode === 'All',
      walkDue: observations.walkDue(pool, monotonic, settings.maxStalenessMs),
    });
    if (plan.do === 'walk') await fullWalk(pass, tally, signal);
    else await readLists(pass, plan, active.uids, statistics, tally, signal);
    state.baseline = statistics;
  }
  // Not before: counts and the sum over rows are shown together, and so must be of the same pass.
  state.statistics = answer.value;
}

async function readLists(
  pass: WorkloadPass,
  plan: Extract<ReadingPlan, { do: 'lists' }>,
  active: ReadonlySet<string>,
  statistics: StatisticsFacts,
  tally: WorkloadTally,
  signal: AbortSignal,
): Promise<void> {
  const { reader, pool, observations, settings } = pass;
  const state = observations.pool(pool);
  const type = onlyType(pass.spec.types);
  const missing = new Set(active);
  let complete = true;
  for (const status of plan.active) {
    const query = { ...type, status, order: 'oldestFirst' } as const;
    const before = state.pages.of(status);
    const walk = await walkWorkloads(reader, pool, { query, before }, signal);
    tally.add(status, walk, plan.whole);
    complete &&= isWhole(walk);
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
        before: state.pages.of(status),
        enough: (page, rows) => {
          for (const { uid } of page) soughtFor.delete(uid);
          const covered = rows.size >= settings.history.maxPerPool;
          const reached = creationOf(page.at(-1));
          return covered && (soughtFor.size === 0 || (oldest !== undefined && reached < oldest));
        },
      },
      signal,
    );
    tally.add(status, walk, plan.whole);
    for (const uid of walk.rows.keys()) {
      missing.delete(uid);
      soughtFor.delete(uid);
    }
    for (const uid of missingFromHistory(pass, status, walk)) missing.add(uid);
  }
  tally.whole = plan.whole;
  if (plan.whole) state.wholeReadAt = pass.monotonic;
  observations.suspect(pool, missing);
}

/** Finished ones that stand in the part of the list that was read, and were not there. */
function* missingFromHistory(
  { pool, observations, known }: WorkloadPass,
  status: string,
  walk: Walk,
): Iterable<string> {
  let reached = -Infinity;
  if (!walk.complete) {
    const created = [...walk.rows.values()].map(({ facts }) => creationOf(facts));
    reached = created.reduce((least, time) => Math.min(least, time), Infinity);
  }
  for (const { facts } of observations.rowsOf(pool)) {
    if (facts.status === status && !walk.rows.has(facts.uid) && creationOf(facts) > reached) yield facts.uid;
  }
  for (const { uid, phase, startTime = -Infinity } of known.values()) {
    // Of a mirror from before a restart only the start is known; it is later than the creation, so a guess at most.
    const within = walk.complete || startTime > reached;
    if (phase === status && within && observations.row(uid) === undefined) yield uid;
  }
}

/** Everything, unfiltered: proves absences, and serves where the statistics cannot say what to ask for. */
async function fullWalk(pass: WorkloadPass, tally: WorkloadTally, signal: AbortSignal): Promise<void> {
  const { reader, pool, observations, settings, deletion, known } = pass;
  const state = observations.pool(pool);
  // Before it is made: one that fails half way is not begun again at every pass.
  state.walkedAt = pass.monotonic;
  const walk = await walkWorkloads(
    reader,
    pool,
    { query: { order: 'oldestFirst' }, beyondShortPages: true, before: state.pages.of('') },
    signal,
  );
  // Nothing goes while the statistics are asked, nor where they do not answer.
  state.held = true;
  tally.add('', walk, true);
  if (walk.complete) state.wholeReadAt = pass.monotonic;
  state.activeComplete = isWhole(walk);
  const all = new Set([...known.keys(), ...state.rows.keys()]);
  observations.countAbsences(pool, walk, all, pass.monotonic, settings.workloadIntervalMs);
  const gone = observations.confirmedAbsences(pool, deletion.confirmations);
  for (const uid of gone) tally.touched.add(uid);
  // Also of those without a mirror in the cache: it may have been made already, and be seen only later.
  const going = gone.length;
  state.held = going > 0 && !(await statisticsAgree(pass, walk, going, tally, signal));
}

/**
 * Statistics read after the walk contradict it where they count a job more than it showed: that may be any of those that
 * are missing from it. Where more than `maxPercent` would go they must agree to the job.
 */
async function statisticsAgree(
  { reader, pool, known, deletion }: WorkloadPass,
  walk: Walk,
  going: number,
  tally: WorkloadTally,
  signal: AbortSignal,
): Promise<boolean> {
  tally.requests += 1;
  const { total } = (await reader.getStatistics(pool, signal)).value;
  signal.throwIfAborted();
  return provesAbsence({ total, found: walk.rows.size }, exceeds(going, known.size, deletion.maxPercent));
}

/** Every row was read, and each decoded whole. */
function isWhole(walk: Walk): boolean {
  return walk.complete && walk.unidentified === 0 && walk.issues.length === 0;
}

/** What is known to be active, from rows and (after a restart) from mirrors. */
function activeUids(pass: WorkloadPass): { uids: ReadonlySet<string>; statuses: ReadonlySet<string> } {
  const { observations, pool, known } = pass;
  const uids = new Set<string>();
  const statuses = new Set<string>();
  for (const row of observations.rowsOf(pool)) {
    if (isTerminal(row)) continue;
    uids.add(row.facts.uid);
    if (row.facts.status !== undefined) statuses.add(row.facts.status);
  }
  for (const { uid, terminal, type, phase } of known.values()) {
    if (terminal || !isWanted(type, pass.spec.types) || observations.row(uid) !== undefined) continue;
    uids.add(uid);
    if (phase !== undefined) statuses.add(phase);
  }
  return { uids, statuses };
}

/** A type that no row of the statistics names: what they count says nothing about it. */
function hasUncounted({ observations, pool }: WorkloadPass, statistics: StatisticsFacts): boolean {
  const counted = new Set(statistics.byType.map(({ type }) => type));
  for (const { facts } of observations.rowsOf(pool))
    if (facts.type !== undefined && !counted.has(facts.type)) return true;
  return false;
}

function oldestCreation(observations: WorkloadObservations, uids: Iterable<string>): number | undefined {
  let oldest = Infinity;
  for (const uid of uids) {
    const created = creationOf(observations.row(uid)?.facts);
    oldest = Math.min(oldest, created);
  }
  return Number.isFinite(oldest) ? oldest : undefined;
}

/** Milliseconds; 0 (older than everything) where it is not known, so that nothing is cut short because of it. */
const creationOf = (facts: Pick<WorkloadFacts, 'creationTime'> | undefined): number =>
  facts?.creationTime ?? 0;
