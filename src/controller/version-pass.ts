/**
 * One pass over a project's training-job versions: newest first, down to what the pass before has seen, the oldest
 * active one and, every `maxStaleness`, the history window. The first goes to the end, for any of them may be active. For `workloads.history` all versions of the project count as one pool.
 */
import type { DecodeIssue, WorkloadFacts } from '../api/facts.ts';
import type { ResolvedProjectSpec } from '../api/kinds/modelarts-project.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import { exceeds, provesAbsence } from '../mirror/guard.ts';
import { isWanted } from './job-types.ts';
import type { PoolFamily } from './pool-family.ts';
import type { Settings } from './settings.ts';
import { walkVersions, type VersionWalkOptions } from './version-walk.ts';
import type { Walk, WalkedRow } from './walk.ts';
import { isTerminal, type KnownWorkload, type WorkloadObservations } from './workload-observations.ts';

export interface VersionPass {
  readonly reader: ModelArtsReader;
  readonly workspaces: readonly string[];
  readonly observations: WorkloadObservations;
  readonly spec: ResolvedProjectSpec['workloads'];
  readonly deletion: ResolvedProjectSpec['deletion'];
  readonly settings: Settings;
  /** Mirrors of versions, by version id. */
  readonly known: ReadonlyMap<string, KnownWorkload>;
  /** When the newest version was made that was seen in each workspace, milliseconds. Kept from pass to pass. */
  readonly newest: Map<string, number>;
  /** Wall and monotonic milliseconds. */
  readonly now: number;
  readonly monotonic: number;
}

/** What the observations know all versions of a project under. */
export const everyVersion = '';

const noFamily: PoolFamily = { parentOf: () => undefined, isRead: () => false };

/**
 * A workspace that fails costs the others nothing; at the end the pass rejects with what was said about the first that
 * did. Nothing is taken in after the signal aborted.
 */
export async function passOverVersions(
  pass: VersionPass,
  signal: AbortSignal,
): Promise<readonly DecodeIssue[]> {
  const { observations, known, settings, spec, deletion, monotonic } = pass;
  observations.forgetLost(everyVersion, known, deletion.confirmations);
  const state = observations.pool(everyVersion);
  const walkDue = observations.walkDue(everyVersion, monotonic, settings.maxStalenessMs);
  const historyDue =
    state.wholeReadAt === undefined || monotonic - state.wholeReadAt >= settings.maxStalenessMs;
  if (walkDue) state.walkedAt = monotonic;
  const enough = walkDue ? undefined : newEnough(pass, historyDue && spec.mode === 'All');
  const { walks, errors } = await walkAll(pass, enough, signal);
  if (historyDue && errors.length === 0) state.wholeReadAt = monotonic;
  const all = merged(walks, errors.length > 0);
  const missing = errors.length > 0 ? [] : new Set(missingFrom(pass, walks, all));
  observations.applyRows(
    everyVersion,
    [...all.rows.values()].filter(({ facts }) => isWanted(facts.type, spec.types)),
    noFamily,
  );
  if (walkDue) await countAbsences(pass, all, signal);
  observations.suspect(everyVersion, missing);
  const limits = { ...settings.history, ...(spec.mode === 'Active' && { maxPerPool: 0 }) };
  observations.selectHistory(everyVersion, known, limits, pass.now);
  if (errors.length > 0) throw errors[0];
  return all.issues;
}

type Enough = (
  workspaceID: string,
  page: readonly WorkloadFacts[],
  rows: ReadonlyMap<string, WalkedRow>,
) => boolean;

/** `enough` absent: each to its end, oldest first, so that new ones only come after what was read. */
async function walkAll(
  { reader, workspaces, newest }: VersionPass,
  enough: Enough | undefined,
  signal: AbortSignal,
): Promise<{ walks: Walk[]; errors: unknown[] }> {
  const walks: Walk[] = [];
  const errors: unknown[] = [];
  for (const workspaceID of workspaces) {
    try {
      const options: VersionWalkOptions =
        enough === undefined
          ? { workspaceID, order: 'oldestFirst' }
          : { workspaceID, order: 'newestFirst', enough: (page, rows) => enough(workspaceID, page, rows) };
      const walk = await walkVersions(reader, options, signal);
      walks.push(walk);
      for (const { facts } of walk.rows.values())
        newest.set(workspaceID, Math.max(newest.get(workspaceID) ?? -Infinity, creationOf(facts)));
    } catch (error) {
      if (signal.aborted) throw error;
      errors.push(error);
    }
  }
  return { walks, errors };
}

/** Says when a walk from the newest on has gone far enough. */
function newEnough(pass: VersionPass, historyDue: boolean): Enough {
  const { observations, settings, newest, now } = pass;
  const seenBefore = new Map(newest);
  const { suspects } = observations.pool(everyVersion);
  // One that was looked for in vain before is left to the whole walk, or a long list would be read at every pass.
  const soughtFor = new Set([...activeIDs(pass)].filter((id) => !suspects.has(id)));
  return (workspaceID, page, rows) => {
    for (const { uid } of page) soughtFor.delete(uid);
    const reached = creationOf(page.at(-1));
    if (reached > (seenBefore.get(workspaceID) ?? -Infinity)) return false;
    for (const id of soughtFor) if (reached >= creationOf(observations.row(id)?.facts)) return false;
    if (!historyDue || reached < now - settings.history.ttlMs) return true;
    let ended = 0;
    for (const row of rows.values()) if (isTerminal(row)) ended++;
    return ended >= settings.history.maxPerPool;
  };
}

/** Versions that stand in the part of the lists that was read, and were not there. */
function* missingFrom(pass: VersionPass, walks: readonly Walk[], all: Walk): Iterable<string> {
  const { observations, known } = pass;
  for (const id of observations.pool(everyVersion).suspects.keys()) if (!all.rows.has(id)) yield id;
  // How far back every workspace was read: what is younger should have been seen.
  const reached = Math.max(...walks.map(reachOf));
  for (const { facts } of observations.rowsOf(everyVersion))
    if (!all.rows.has(facts.uid) && creationOf(facts) > reached) yield facts.uid;
  for (const { uid, startTime = -Infinity } of known.values()) {
    // Of a mirror from before a restart only the start is known; it is later than the creation, so a guess at most.
    const within = reached === -Infinity || startTime > reached;
    if (within && !all.rows.has(uid) && observations.row(uid) === undefined) yield uid;
  }
}

function reachOf({ complete, rows }: Walk): number {
  let oldest = complete ? -Infinity : Infinity;
  for (const { facts } of rows.values()) oldest = Math.min(oldest, creationOf(facts));
  return oldest;
}

/** An absence counts only where every workspace was read to its end. */
async function countAbsences(pass: VersionPass, all: Walk, signal: AbortSignal): Promise<void> {
  const { observations, known, settings, deletion, monotonic } = pass;
  const state = observations.pool(everyVersion);
  // Nothing goes while the totals are asked for again, nor where they are not answered.
  state.held = true;
  const ids = new Set([...known.keys(), ...state.rows.keys()]);
  observations.countAbsences(everyVersion, all, ids, monotonic, settings.versionIntervalMs);
  const gone = observations.confirmedAbsences(everyVersion, deletion.confirmations);
  // Also of those without a mirror in the cache: it may have been made already, and be seen only later.
  const going = gone.length;
  state.held = going > 0 && !(await totalsAgree(pass, all, going, signal));
}

/**
 * Totals read after the walk contradict it where they count a version more than it showed. Where more than `maxPercent`
 * would go they must agree to the version.
 */
async function totalsAgree(
  { reader, workspaces, known, deletion }: VersionPass,
  all: Walk,
  going: number,
  signal: AbortSignal,
): Promise<boolean> {
  let sum = 0;
  for (const workspaceID of workspaces) {
    const query = { workspaceID, order: 'newestFirst', offset: 0, limit: 1 } as const;
    const { total } = (await reader.listTrainingJobVersions(query, signal)).value;
    signal.throwIfAborted();
    if (total === undefined) return false;
    sum += total;
  }
  return provesAbsence({ total: sum, found: all.rows.size }, exceeds(going, known.size, deletion.maxPercent));
}

function merged(walks: readonly Walk[], failed: boolean): Walk {
  return {
    rows: new Map(walks.flatMap(({ rows }) => [...rows])),
    complete: !failed && walks.every(({ complete }) => complete),
    unidentified: walks.reduce((sum, walk) => sum + walk.unidentified, 0),
    issues: walks.flatMap(({ issues }) => issues),
    requests: walks.reduce((sum, walk) => sum + walk.requests, 0),
  };
}

/** What is known to be active, from rows and (after a restart) from mirrors. */
function activeIDs({ observations, known }: VersionPass): Set<string> {
  const ids = new Set<string>();
  for (const row of observations.rowsOf(everyVersion)) if (!isTerminal(row)) ids.add(row.facts.uid);
  for (const { uid, terminal } of known.values())
    if (!terminal && observations.row(uid) === undefined) ids.add(uid);
  return ids;
}

/** Milliseconds; -Infinity (older than everything) where it is not known, so that nothing is cut short because of it. */
function creationOf(facts: Pick<WorkloadFacts, 'creationTime'> | undefined): number {
  return facts?.creationTime ?? -Infinity;
}
