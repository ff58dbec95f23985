/** What the passes over the workloads of a project's pools have shown so far. Memory only (invariant 7), no I/O, no clock. */
import type { StatisticsFacts } from '../api/facts.ts';
import { sumAllocated } from '../mirror/allocated.ts';
import { selectHistory, selectionHolds, type EndedRow, type HistoryLimits } from '../mirror/history.ts';
import { showsTheSame } from '../mirror/same-reading.ts';
import { SharedValues } from '../mirror/shared-values.ts';
import { isTerminal as isTerminalPhase } from '../mirror/workload-phase.ts';
import { deriveTimes } from '../mirror/workload-times.ts';
import { belongsTo, firstSeenIn, type PoolFamily } from './pool-family.ts';
import { RememberedPages } from './remembered-pages.ts';
import type { Walk, WalkedRow } from './walk.ts';

export interface WorkloadRow extends WalkedRow {
  /** Id of the pool that it belongs to. */
  readonly pool: string;
  /** Active, or within the history. Absent: ended, and its place in the history was not looked for yet. */
  readonly selected?: boolean | undefined;
  /** The mirror was found to show it. Until it reads differently there is nothing to be done about it. */
  readonly inSync?: boolean | undefined;
}

/** Most readings of a row bring nothing but their number: no new object for each of 100,000. */
type Kept = WorkloadRow & { sequence: number };

/** A workload of the pool that has a mirror, as the cache knows it. */
export interface KnownWorkload {
  readonly uid: string;
  readonly terminal: boolean;
  readonly phase?: string | undefined;
  readonly type?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startTime?: number | undefined;
  readonly completionTime?: number | undefined;
}

interface Absence {
  /** Complete walks in a row that lacked it. */
  readonly count: number;
  /** Of the last one counted, monotonic milliseconds. */
  readonly at: number;
}

export interface PoolWorkloads {
  /** By uid. */
  readonly rows: ReadonlyMap<string, WorkloadRow>;
  /** Grows with each change to the rows; that they were read again is none. */
  readonly revision: number;
  statistics?: StatisticsFacts;
  /** Statistics read before the lists of the last pass that went through. */
  baseline?: StatisticsFacts;
  /** When everything in the selection was last read, whatever the statistics said, monotonic milliseconds. */
  wholeReadAt?: number;
  /** When a walk was last begun, monotonic milliseconds. */
  walkedAt?: number;
  /** The last pass took in every active row, and each was decoded: sums over them mean something. */
  activeComplete: boolean;
  /** Missing from where it should have been, for so many passes in a row; only a walk can prove more. */
  readonly suspects: Map<string, number>;
  readonly absences: Map<string, Absence>;
  /** Statistics have not (yet) agreed that what a walk lacked is gone: none goes. */
  held: boolean;
  /** Finished mirrors that the history leaves out, known by their own times. */
  pruned: ReadonlySet<string>;
  readonly pages: RememberedPages;
}

interface KeptPool extends PoolWorkloads {
  readonly rows: Map<string, Kept>;
  revision: number;
  /** What the history was last chosen from, when, and until when (wall milliseconds) it would be chosen the same. */
  selection?: { readonly of: string; readonly at: number; readonly until: number };
  /** What is asked for together, of the rows of that revision. */
  allocated?: { readonly revision: number; readonly sum: ReturnType<typeof sumAllocated> };
}

/** A suspect of one pass alone may have moved between two lists while they were read. */
const passesBeforeWalk = 2;

export class WorkloadObservations {
  readonly #rows = new Map<string, Kept>();
  readonly #pools = new Map<string, KeptPool>();
  readonly #shared = new SharedValues();

  row(uid: string): WorkloadRow | undefined {
    return this.#rows.get(uid);
  }

  /** What is known of a pool's workloads, if anything is. */
  find(pool: string): PoolWorkloads | undefined {
    return this.#pools.get(pool);
  }

  /** The same, to be written to. */
  pool(pool: string): PoolWorkloads {
    return this.#pool(pool);
  }

  #pool(pool: string): KeptPool {
    let state = this.#pools.get(pool);
    if (!state) {
      state = {
        rows: new Map(),
        revision: 0,
        activeComplete: false,
        suspects: new Map(),
        absences: new Map(),
        held: false,
        pruned: new Set(),
        pages: new RememberedPages(),
      };
      this.#pools.set(pool, state);
    }
    return state;
  }

  /** The rows of one pool. */
  rowsOf(pool: string): Iterable<WorkloadRow> {
    return this.find(pool)?.rows.values() ?? [];
  }

  /** What the placed jobs among a pool's rows ask for together; undefined where that is not known. */
  allocatedIn(pool: string): ReturnType<typeof sumAllocated> {
    const state = this.#pools.get(pool);
    if (!state) return undefined;
    if (state.allocated?.revision !== state.revision) {
      const facts = Array.from(state.rows.values(), (row) => row.facts);
      state.allocated = { revision: state.revision, sum: sumAllocated(facts) };
    }
    return state.allocated.sum;
  }

  /** The greatest place in a pool's queue, 0 when nothing queues; undefined while ModelArts has not said it. */
  lastInQueue(pool: string): number | undefined {
    if (this.find(pool)?.wholeReadAt === undefined) return undefined;
    let last = 0;
    let queued = false;
    for (const { facts } of this.rowsOf(pool)) {
      last = Math.max(last, facts.queuePosition ?? 0);
      queued ||= facts.status === 'Queue';
    }
    return queued && last === 0 ? undefined : last;
  }

  forgetPool(pool: string): void {
    for (const uid of this.find(pool)?.rows.keys() ?? []) this.#rows.delete(uid);
    this.#pools.delete(pool);
  }

  /** Forgets what was noted about workloads of which nothing is left: no mirror, and no row that is not proven gone. */
  forgetLost(pool: string, known: ReadonlyMap<string, unknown>, confirmations: number): void {
    for (const uid of this.confirmedAbsences(pool, confirmations))
      if (!known.has(uid)) this.forget(pool, uid);
    const state = this.pool(pool);
    const isLeft = (uid: string): boolean => known.has(uid) || state.rows.has(uid);
    for (const uid of state.suspects.keys()) if (!isLeft(uid)) state.suspects.delete(uid);
    for (const uid of state.absences.keys()) if (!isLeft(uid)) state.absences.delete(uid);
  }

  /**
   * Takes in rows that were read for `pool`, and answers the uids of those that a mirror does not show as it is. A row
   * never gives way to an older reading of itself.
   */
  applyRows(
    pool: string,
    rows: Iterable<WalkedRow>,
    family: PoolFamily,
    known: ReadonlyMap<string, KnownWorkload> = new Map(),
  ): Set<string> {
    const different = new Set<string>();
    for (const row of rows) {
      // The text that its mirror's record holds anyway, where it has one.
      const { uid } = known.get(row.facts.uid) ?? row.facts;
      const before = this.#rows.get(uid);
      this.#isThere(pool, uid);
      if (before) this.#isThere(before.pool, uid);
      if (before && before.sequence > row.sequence) {
        different.add(uid);
        continue;
      }
      const owner = before
        ? belongsTo(row.facts, pool, before.pool, family)
        : firstSeenIn(row.facts, pool, family);
      if (before && before.pool !== owner) this.#drop(before.pool, uid);
      if (
        before?.inSync === true &&
        before.pool === owner &&
        showsTheSame(known.get(uid) ?? {}, before, row)
      ) {
        // The facts that the mirror was compared with stay, so that a slow drift adds up.
        before.sequence = row.sequence;
        continue;
      }
      const selected = isTerminal(row) ? before?.selected : true;
      const facts = this.#shared.leanFacts(row.facts, uid);
      this.#keep({ ...row, facts, pool: owner, selected, inSync: undefined });
      different.add(uid);
    }
    return different;
  }

  /** Notes whether the mirror of a workload shows the row that is known of it. */
  compared(uid: string, inSync: boolean): void {
    const row = this.#rows.get(uid);
    if (row && (row.inSync ?? false) !== inSync) this.#keep({ ...row, inSync });
  }

  /** One shape for all rows: there may be 100,000, and a spread leaves room for fields that never come. */
  #keep({ facts, readAt, sequence, pool, selected, inSync }: WorkloadRow): void {
    const row: Kept = { facts, readAt, sequence, pool, selected, inSync };
    const state = this.#pool(pool);
    this.#rows.set(facts.uid, row);
    state.rows.set(facts.uid, row);
    state.revision++;
  }

  #drop(pool: string, uid: string): void {
    const state = this.#pool(pool);
    if (state.rows.delete(uid)) state.revision++;
  }

  #isThere(pool: string, uid: string): void {
    const state = this.find(pool);
    state?.suspects.delete(uid);
    state?.absences.delete(uid);
  }

  /** Notes what a pass should have shown and did not. */
  suspect(pool: string, missing: Iterable<string>): void {
    const { suspects } = this.pool(pool);
    for (const uid of missing) suspects.set(uid, (suspects.get(uid) ?? 0) + 1);
  }

  /** An absence waits for its proof, and the last walk is long enough ago. */
  walkDue(pool: string, now: number, maxStalenessMs: number): boolean {
    const { suspects, walkedAt } = this.pool(pool);
    if (walkedAt !== undefined && now - walkedAt < maxStalenessMs) return false;
    for (const passes of suspects.values()) if (passes >= passesBeforeWalk) return true;
    return false;
  }

  /** Counts what a complete, unfiltered walk lacked; anything less proves nothing. */
  countAbsences(pool: string, walk: Walk, known: Iterable<string>, now: number, apartMs: number): void {
    const state = this.pool(pool);
    if (!walk.complete || walk.unidentified > 0) return;
    for (const uid of known) {
      if (walk.rows.has(uid)) continue;
      const before = state.absences.get(uid);
      if (before && now - before.at < apartMs) continue;
      state.absences.set(uid, { count: (before?.count ?? 0) + 1, at: now });
    }
  }

  confirmedAbsences(pool: string, confirmations: number): readonly string[] {
    const absences = [...(this.find(pool)?.absences ?? [])];
    return absences.filter(([, { count }]) => count >= confirmations).map(([uid]) => uid);
  }

  /** Nothing is left of a workload whose mirror is gone too. */
  forget(pool: string, uid: string): void {
    this.#drop(pool, uid);
    const state = this.pool(pool);
    state.suspects.delete(uid);
    state.absences.delete(uid);
    // It may have been seen in another pool since.
    if (this.#rows.get(uid)?.pool === pool) this.#rows.delete(uid);
  }

  /**
   * Chooses anew which finished workloads of a pool are within its history, over rows and mirrors together: newest by
   * completion. Answers the uids whose place changed: none, without a look at them, where nothing they depend on did.
   * Rows that are neither chosen nor mirrored are dropped, so that memory is bounded by the selection.
   */
  selectHistory(
    pool: string,
    known: ReadonlyMap<string, KnownWorkload>,
    limits: HistoryLimits,
    now: number,
  ): Set<string> {
    const state = this.#pool(pool);
    const { maxPerPool, ttlMs, minRetentionMs } = limits;
    const from = (): string => [state.revision, known.size, maxPerPool, ttlMs, minRetentionMs].join();
    const { of, at = 0, until = 0 } = state.selection ?? {};
    if (of === from() && now >= at && now < until) return new Set();
    const finished: EndedRow[] = [];
    for (const row of this.rowsOf(pool))
      if (isTerminal(row)) finished.push(endedRow(row, known.get(row.facts.uid)));
    for (const { uid, terminal, completionTime } of known.values()) {
      if (terminal && !state.rows.has(uid))
        finished.push({ uid, completedAt: completionTime, mirrored: true });
    }
    const kept = selectHistory(finished, limits, now);
    const changed = new Set<string>();
    const pruned = new Set<string>();
    for (const { uid, mirrored } of finished) {
      const row = this.#rows.get(uid);
      const selected = kept.has(uid);
      if (!row) {
        if (!selected) pruned.add(uid);
      } else if (!selected && !mirrored) {
        this.forget(pool, uid);
      } else if (row.selected !== selected) {
        this.#keep({ ...row, selected, inSync: false });
        changed.add(uid);
      }
    }
    for (const uid of pruned) if (!state.pruned.has(uid)) changed.add(uid);
    state.pruned = pruned;
    state.selection = { of: from(), at: now, until: selectionHolds(finished, limits, now) };
    return changed;
  }
}

export function isTerminal(row: WalkedRow): boolean {
  return row.facts.isDeleted || isTerminalPhase(row.facts.status);
}

function endedRow({ facts, readAt }: WorkloadRow, known: KnownWorkload | undefined): EndedRow {
  const { completion } = deriveTimes(facts, 'ended', known ?? {}, readAt);
  return {
    uid: facts.uid,
    completedAt: completion,
    createdAt: facts.creationTime,
    mirrored: known !== undefined,
  };
}
