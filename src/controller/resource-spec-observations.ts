/**
 * What the reads of a project's resource specifications have shown so far, and what it proves. Memory only: a restart
 * forgets it, and that only delays a deletion (invariant 7). No I/O and no clock here.
 */
import type { CountedListFacts, ResourceSpecFacts } from '../api/facts.ts';
import { guardDeletions } from '../mirror/guard.ts';
import { highestSample, recordSample, type Sample } from '../mirror/high-water.ts';
import type { ProjectWorld } from '../mirror/world.ts';

export interface SpecIdentity {
  readonly jobType: string;
  readonly specID: string;
}

export interface SpecObservation extends SpecIdentity {
  readonly facts?: ResourceSpecFacts;
  /** Whole lists in a row that lacked it, each at least an interval after the one before. */
  readonly absences: number;
  /** Monotonic milliseconds. */
  readonly absentAt?: number;
}

export interface SpecGuard {
  /** The mirrors that there are. */
  readonly known: readonly SpecIdentity[];
  readonly confirmations: number;
  readonly maxPercent: number;
  /** Annotation modelarts-operator.dev/confirm-deletion. */
  readonly confirmation: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly intervalMs: number;
}

/** Deletions are measured against the highest number of mirrors of the last hour, or of as many reads as confirm one. */
const hour = 3_600_000;

export class ResourceSpecObservations {
  readonly #specs = new Map<string, SpecObservation>();
  #counts = new Map<string, readonly Sample[]>();
  /** Deletions that are held back. */
  blocked?: NonNullable<ProjectWorld['blocked']>;

  get(identity: SpecIdentity): SpecObservation | undefined {
    return this.#specs.get(specKey(identity));
  }

  values(): Iterable<SpecObservation> {
    return this.#specs.values();
  }

  isHeldBack(identity: SpecIdentity): boolean {
    return this.blocked?.ids.includes(specKey(identity)) === true;
  }

  /** Takes in the list of one type of job. Only a whole one shows that something is missing. */
  apply(
    jobType: string,
    list: CountedListFacts<ResourceSpecFacts>,
    { known, now, intervalMs }: Pick<SpecGuard, 'known' | 'now' | 'intervalMs'>,
  ): void {
    const listed = new Set<string>();
    for (const facts of list.items) {
      const identity = { jobType, specID: facts.id };
      listed.add(specKey(identity));
      this.#specs.set(specKey(identity), { ...identity, facts, absences: 0 });
    }
    const whole = list.unidentified === 0 && (list.total === undefined || list.total === list.received);
    if (!whole) return;
    for (const identity of [...known, ...this.#specs.values()]) {
      if (identity.jobType !== jobType || listed.has(specKey(identity))) continue;
      listed.add(specKey(identity));
      this.#countAbsence(identity, now, intervalMs);
    }
  }

  /** Decides which of the missing may go, and forgets those that have no mirror any more. */
  guard({ known, confirmations, maxPercent, confirmation, now, intervalMs }: SpecGuard): void {
    const windowMs = Math.max(hour, intervalMs * (confirmations + 1));
    const numbers = new Map([...this.#counts.keys(), ''].map((scope) => [scope, 0]));
    for (const { jobType } of known)
      for (const scope of ['', jobType]) numbers.set(scope, (numbers.get(scope) ?? 0) + 1);
    this.#counts = new Map(
      [...numbers].map(([scope, value]) => [
        scope,
        recordSample(this.#counts.get(scope) ?? [], { at: now, value }, windowMs),
      ]),
    );
    const byScope = new Map(
      [...this.#counts].map(([scope, samples]) => [scope, highestSample(samples, now, windowMs)]),
    );
    const missing = known.filter((identity) => (this.get(identity)?.absences ?? 0) >= confirmations);
    const total = byScope.get('') ?? 0;
    const { blocked } = guardDeletions({
      candidates: missing.map((identity) => ({
        id: specKey(identity),
        scope: identity.jobType,
        announced: false,
      })),
      highest: { total, byScope },
      maxPercent,
      confirmation,
    });
    if (blocked === undefined) delete this.blocked;
    else this.blocked = { ...blocked, total, what: 'resource specifications' };
    const mirrored = new Set(known.map(specKey));
    for (const [key, { absences }] of this.#specs)
      if (absences >= confirmations && !mirrored.has(key)) this.#specs.delete(key);
  }

  #countAbsence(identity: SpecIdentity, now: number, apartMs: number): void {
    const { jobType, specID } = identity;
    const before = this.get(identity);
    if (before?.absentAt !== undefined && now - before.absentAt < apartMs) return;
    this.#specs.set(specKey(identity), {
      jobType,
      specID,
      ...(before?.facts && { facts: before.facts }),
      absences: (before?.absences ?? 0) + 1,
      absentAt: now,
    });
  }
}

/** As people see it in messages: `train/4`. Types of jobs hold no `/`. */
function specKey({ jobType, specID }: SpecIdentity): string {
  return `${jobType}/${specID}`;
}
