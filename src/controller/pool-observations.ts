/**
 * What the passes over a project's pools have shown so far, and what it proves. Memory only: a restart forgets it, and
 * that only delays a deletion (invariant 7). No I/O and no clock here.
 */
import { isPoolNotFound } from '../api/errors.ts';
import type { DecodeIssue, PoolFacts } from '../api/facts.ts';
import type { PoolDetails, PoolLists } from './pool-pass.ts';
import { isPartialRow, sameFacts } from './row-agreement.ts';

export interface PoolObservation {
  readonly poolName: string;
  readonly facts?: PoolFacts;
  readonly issues: readonly DecodeIssue[];
  /** Of the answer that `facts` came from. */
  readonly sequence: number;
  /** The list row that was last seen, for noticing changes where the list is partial. */
  readonly row?: PoolFacts;
  /** When list row and detail read were last compared, monotonic milliseconds. */
  readonly verifiedAt?: number;
  /** Complete lists in a row that lacked it, each at least a poll interval after the one before. */
  readonly absences: number;
  readonly absentAt?: number;
  /** Absent as often as asked, and the detail read said that the pool does not exist. */
  readonly gone: boolean;
  /** The detail read of the last pass, where one was made and failed otherwise. */
  readonly detailError?: unknown;
}

/** A pool that has a mirror, as far as absence is concerned. */
export interface KnownPool {
  readonly poolName: string;
  /** The workspace that its mirror names; absent while unknown. */
  readonly workspaceID?: string;
  /** The phase that its mirror shows. */
  readonly phase?: string;
  /** A person wrote it: it is read whether lists show it or not. */
  readonly declared: boolean;
}

export interface PoolPassInput {
  readonly now: number;
  readonly pollIntervalMs: number;
  readonly maxStalenessMs: number;
  readonly confirmations: number;
  readonly known: readonly KnownPool[];
}

export class PoolObservations {
  readonly #pools = new Map<string, PoolObservation>();
  /** The list proved to leave fields out: detail reads are the source, and a changed row only triggers one. */
  listIsPartial = false;

  get(poolName: string): PoolObservation | undefined {
    return this.#pools.get(poolName);
  }

  values(): Iterable<PoolObservation> {
    return this.#pools.values();
  }

  /** Takes in the lists of a pass and answers which pools must now be read by their detail call. */
  applyLists(lists: PoolLists, input: PoolPassInput): readonly string[] {
    const details = new Set<string>();
    const listed = new Set<string>();
    for (const read of lists.values()) {
      if (!read.ok) continue;
      for (const row of read.answer.value.items) {
        listed.add(row.id);
        const issues = read.answer.issues.filter(({ item }) => item === row.id);
        if (this.#applyRow(row, issues, read.answer.sequence, input)) details.add(row.id);
      }
    }
    const known = new Map(input.known.map((pool) => [pool.poolName, pool]));
    for (const { poolName, facts } of this.#pools.values()) {
      if (!known.has(poolName)) known.set(poolName, { poolName, declared: false, ...workspaceOf(facts) });
    }
    for (const pool of known.values()) {
      if (listed.has(pool.poolName)) continue;
      const absences = this.#countAbsence(pool, lists, input);
      if (pool.declared || absences >= input.confirmations || pool.workspaceID === undefined)
        details.add(pool.poolName);
    }
    return [...details].sort();
  }

  /** Takes in the detail reads that `applyLists` asked for. */
  applyDetails(details: PoolDetails, input: PoolPassInput): void {
    for (const [poolName, read] of details) {
      const before = this.#pools.get(poolName) ?? unseen(poolName);
      if (read.ok) {
        const { value, issues, sequence } = read.answer;
        if (before.row && isPartialRow(before.row, value)) this.listIsPartial = true;
        if (sequence < before.sequence) continue;
        const { detailError: _healed, absentAt: _absentAt, ...rest } = before;
        this.#pools.set(poolName, {
          ...rest,
          facts: value,
          issues,
          sequence,
          verifiedAt: input.now,
          absences: 0,
          gone: false,
        });
      } else if (isPoolNotFound(read.error)) {
        // A declared pool that was never seen has no list to be absent from: its detail read alone says so.
        const neverSeen = input.known.some(
          (pool) => pool.poolName === poolName && pool.declared && pool.workspaceID === undefined,
        );
        this.#pools.set(poolName, { ...before, gone: neverSeen || before.absences >= input.confirmations });
      } else {
        this.#pools.set(poolName, { ...before, gone: false, detailError: read.error });
      }
    }
  }

  /** Nothing is left of a pool whose mirror is gone too. */
  forget(poolName: string): void {
    this.#pools.delete(poolName);
  }

  /** True when the row calls for a detail read. */
  #applyRow(row: PoolFacts, issues: readonly DecodeIssue[], sequence: number, input: PoolPassInput): boolean {
    const before = this.#pools.get(row.id) ?? unseen(row.id);
    if (sequence < before.sequence) return false;
    const changed = before.row === undefined || !sameFacts(before.row, row);
    const keepDetail = this.listIsPartial && before.facts !== undefined;
    const { absentAt: _absentAt, detailError: _detailError, ...rest } = before;
    this.#pools.set(row.id, {
      ...rest,
      row,
      ...(keepDetail ? {} : { facts: row, issues, sequence }),
      absences: 0,
      gone: false,
    });
    const due = before.verifiedAt === undefined || input.now - before.verifiedAt >= input.maxStalenessMs;
    return due || (this.listIsPartial && changed);
  }

  /** Only a complete list of the pool's own workspace counts, and only once a poll interval. */
  #countAbsence(pool: KnownPool, lists: PoolLists, input: PoolPassInput): number {
    const before = this.#pools.get(pool.poolName) ?? unseen(pool.poolName);
    // A mirror that never got a status does not say its workspace: it came from one of the lists, so all must lack it.
    const own = pool.workspaceID === undefined ? [...lists.values()] : [lists.get(pool.workspaceID)];
    if (!own.every((read) => read?.ok === true && read.answer.value.unidentified === 0))
      return before.absences;
    if (before.absentAt !== undefined && input.now - before.absentAt < input.pollIntervalMs)
      return before.absences;
    const absences = before.absences + 1;
    this.#pools.set(pool.poolName, { ...before, absences, absentAt: input.now });
    return absences;
  }
}

const unseen = (poolName: string): PoolObservation => ({
  poolName,
  issues: [],
  sequence: -1,
  absences: 0,
  gone: false,
});

const workspaceOf = (facts: PoolFacts | undefined): { workspaceID?: string } =>
  facts === undefined ? {} : { workspaceID: facts.workspaceID };
