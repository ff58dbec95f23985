/**
 * What the passes over a project's pools have shown so far, and what it proves. Memory only: a restart forgets it, and
 * that only delays a deletion (invariant 7). No I/O and no clock here.
 *
 * List rows are the source of what a mirror shows, while detail reads of the same pools (one when a pool is first seen,
 * and then one in each `maxStaleness`) agree with them. Once rows prove to leave out what details show, details are the
 * only source.
 */
import { isApiAbsent, isPoolNotFound, upstreamError } from '../api/errors.ts';
import type { DecodeIssue, PoolFacts } from '../api/facts.ts';
import type { Answer } from '../api/upstream.ts';
import { failed, failureOf, newHealth, type Health } from './health.ts';
import type { PoolDetails, PoolLists } from './pool-pass.ts';
import { isPartialRow, sameFacts } from './row-agreement.ts';

/** What one answer said of a pool. */
interface Reading {
  readonly facts: PoolFacts;
  readonly issues: readonly DecodeIssue[];
  readonly sequence: number;
}

export interface PoolObservation extends Partial<Reading> {
  readonly poolName: string;
  readonly issues: readonly DecodeIssue[];
  /** Of the newest answer that was taken in. */
  readonly sequence: number;
  /** A detail read went through once, or none is to be had: what the pool is has been seen as whole as it can be. */
  readonly verified: boolean;
  /** The list row that was last seen. */
  readonly row?: Reading;
  /** When list row and detail read were last compared, monotonic milliseconds. */
  readonly comparedAt?: number;
  /** The detail of that time showed more than its row: the list is partial, or the pool changed between the two reads. */
  readonly suspected?: true;
  /** Row and detail of that time, where they differed. */
  readonly contradiction?: { readonly row: PoolFacts; readonly detail: PoolFacts };
  /** Complete lists in a row that lacked it, each at least a poll interval after the one before. */
  readonly absences: number;
  readonly absentAt?: number;
  /** Absent as often as asked, and the detail read said that the pool does not exist. */
  readonly gone: boolean;
  /** Of the detail reads, where they are the source and fail. */
  readonly detailHealth?: Health;
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
  /** False: discovery leaves this pool out whatever it is like, so that its details do not matter. */
  readonly mayBeSelected: (poolName: string) => boolean;
}

export class PoolObservations {
  readonly #pools = new Map<string, PoolObservation>();
  /** The list proved to leave fields out: detail reads are the source, and a changed row only triggers one. */
  listIsPartial = false;

  get(poolName: string): PoolObservation | undefined {
    return this.#pools.get(poolName);
  }

  /** Another pool has its nodes from this one. */
  isParent(poolName: string): boolean {
    for (const { facts, gone } of this.#pools.values()) if (facts?.parent === poolName && !gone) return true;
    return false;
  }

  values(): Iterable<PoolObservation> {
    return this.#pools.values();
  }

  /** Takes in the lists of a pass and answers which pools must now be read by their detail call. */
  applyLists(lists: PoolLists, input: PoolPassInput): readonly string[] {
    const details = new Set<string>();
    const listed = new Set<string>();
    const known = new Map(input.known.map((pool) => [pool.poolName, pool]));
    for (const read of lists.values()) {
      if (!read.ok) continue;
      for (const facts of read.answer.value.items) {
        listed.add(facts.id);
        const matters = known.get(facts.id)?.declared === true || input.mayBeSelected(facts.id);
        if (this.#applyRow(readingOfRow(facts, read.answer), matters, input)) details.add(facts.id);
      }
    }
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

  /** Takes in the detail reads that `applyLists` asked for, and answers which pools were found to be gone by them. */
  applyDetails(details: PoolDetails, input: PoolPassInput): readonly string[] {
    const gone: string[] = [];
    let firsts = 0;
    for (const [poolName, read] of details) {
      const before = this.#pools.get(poolName) ?? unseen(poolName);
      if (read.ok) {
        // Those first seen together need not all be read again together.
        const share = before.comparedAt === undefined ? firsts++ / details.size : 0;
        this.#applyDetail(before, read.answer, input.now - share * input.maxStalenessMs);
      } else if (isPoolNotFound(read.error)) {
        // A declared pool that was never seen has no list to be absent from: its detail read alone says so.
        const neverSeen = input.known.some(
          (pool) => pool.poolName === poolName && pool.declared && pool.workspaceID === undefined,
        );
        const isGone = neverSeen || before.absences >= input.confirmations;
        this.#pools.set(poolName, { ...withoutFailure(before), gone: isGone });
        if (isGone) gone.push(poolName);
      } else {
        this.#noteFailure(before, read.error, input);
      }
    }
    return gone;
  }

  /** Nothing is left of a pool whose mirror is gone too. */
  forget(poolName: string): void {
    this.#pools.delete(poolName);
  }

  /** True when the row calls for a detail read. */
  #applyRow(row: Reading, matters: boolean, input: PoolPassInput): boolean {
    const before = this.#pools.get(row.facts.id) ?? unseen(row.facts.id);
    if (row.sequence < before.sequence) return false;
    const changed = before.row === undefined || !sameFacts(before.row.facts, row.facts);
    const { comparedAt, suspected = false } = before;
    if (suspected && !changed) this.listIsPartial = true;
    // A row that was never compared may leave out what decides about the pool: its detail is read first.
    const isSource = this.listIsPartial
      ? before.facts === undefined && !matters
      : !suspected && (comparedAt !== undefined || !matters);
    const { absentAt: _absentAt, ...rest } = isSource ? withoutFailure(before) : before;
    this.#pools.set(row.facts.id, { ...rest, row, ...(isSource && row), absences: 0, gone: false });
    if (!matters) return false;
    const due = comparedAt === undefined || input.now - comparedAt >= input.maxStalenessMs;
    if (suspected && changed) return true;
    return due || (this.listIsPartial && (changed || before.detailHealth !== undefined));
  }

  #applyDetail(before: PoolObservation, answer: Answer<PoolFacts>, comparedAt: number): void {
    const { value, issues, sequence } = answer;
    if (sequence < before.sequence) return;
    const { contradiction, suspected, absentAt: _absentAt, ...rest } = withoutFailure(before);
    const row = before.row?.facts;
    const differs = row !== undefined && !sameFacts(row, value);
    const showsMore = row !== undefined && isPartialRow(row, value);
    // Once, it may have changed between the two reads; where neither changes and they still differ, it did not.
    const again =
      differs &&
      contradiction !== undefined &&
      sameFacts(row, contradiction.row) &&
      sameFacts(value, contradiction.detail);
    if (again || (suspected === true && showsMore)) this.listIsPartial = true;
    this.#pools.set(before.poolName, {
      ...rest,
      facts: value,
      issues,
      sequence,
      verified: true,
      comparedAt,
      absences: 0,
      gone: false,
      ...(differs && { contradiction: { row, detail: value } }),
      ...(showsMore && { suspected: true }),
    });
  }

  /** Where the list shows the pool it goes on being the source, and the comparison waits for its next time. */
  #noteFailure(before: PoolObservation, error: unknown, input: PoolPassInput): void {
    const { row, absences, facts, suspected } = before;
    const rowsHold = !this.listIsPartial && suspected !== true;
    if (row !== undefined && absences === 0 && (rowsHold || facts === undefined)) {
      this.#pools.set(before.poolName, {
        ...withoutFailure(before),
        ...row,
        gone: false,
        verified: before.verified || isWithheld(error),
        comparedAt: input.now,
      });
      return;
    }
    const limits = { intervalMs: input.pollIntervalMs, maxStalenessMs: input.maxStalenessMs };
    const health = before.detailHealth ?? newHealth(input.now);
    this.#pools.set(before.poolName, {
      ...before,
      gone: false,
      detailHealth: failed(health, input.now, failureOf(error), limits),
    });
  }

  /** Only a complete list of the pool's own workspace counts, and only once a poll interval. */
  #countAbsence(pool: KnownPool, lists: PoolLists, input: PoolPassInput): number {
    const before = this.#pools.get(pool.poolName) ?? unseen(pool.poolName);
    // A mirror that never got a status does not say its workspace: it came from one of the lists, so all must lack it.
    const own = pool.workspaceID === undefined ? [...lists.values()] : [lists.get(pool.workspaceID)];
    if (own.length === 0 || !own.every((read) => read?.ok === true && read.answer.value.unidentified === 0))
      return before.absences;
    if (before.absentAt !== undefined && input.now - before.absentAt < input.pollIntervalMs)
      return before.absences;
    const absences = before.absences + 1;
    this.#pools.set(pool.poolName, { ...before, absences, absentAt: input.now });
    return absences;
  }
}

/** The details of pools are not for this credential, or not offered: trying again will not bring them. */
function isWithheld(error: unknown): boolean {
  return upstreamError(error)?.kind === 'Forbidden' || isApiAbsent(error);
}

const unseen = (poolName: string): PoolObservation => ({
  poolName,
  issues: [],
  sequence: -1,
  verified: false,
  absences: 0,
  gone: false,
});

function withoutFailure(observation: PoolObservation): Omit<PoolObservation, 'detailHealth'> {
  const { detailHealth: _healed, ...rest } = observation;
  return rest;
}

/** Paths are given from the pool down, as a detail read has them: what is wrong must not look new from read to read. */
function readingOfRow(
  facts: PoolFacts,
  answer: { issues: readonly DecodeIssue[]; sequence: number },
): Reading {
  const issues = answer.issues
    .filter(({ item }) => item === facts.id)
    .map((issue) => ({ ...issue, path: issue.path.replace(/^items\[\d+\]\./, '') }));
  return { facts, issues, sequence: answer.sequence };
}

const workspaceOf = (facts: PoolFacts | undefined): { workspaceID?: string } =>
  facts === undefined ? {} : { workspaceID: facts.workspaceID };
