/**
 * How the reading of one thing (a project's pools, one pool's workloads) stands, as a value: every attempt makes a new
 * one, and `readState` says what a mirror may claim because of it (invariant 4).
 */
import type { DecodeIssue } from '../api/facts.ts';
import type { SyncReason } from '../api/reasons.ts';
import type { ReadState } from '../mirror/world.ts';

export interface Failure {
  readonly reason: SyncReason;
  /** For users; nothing in it may change from one failure to the next of the same kind. */
  readonly message: string;
}

export interface Health {
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Of the last complete read, monotonic; absent before the first. */
  readonly completeAt?: number;
  readonly issues: readonly DecodeIssue[];
  /** Failures in a row. */
  readonly failures: number;
  readonly failingSince?: number;
  readonly failure?: Failure;
  /** What is being said while it fails, and since when: a changed reason alone is held back for `maxStaleness`. */
  readonly said?: { readonly failure: Failure; readonly at: number };
}

export interface HealthLimits {
  readonly intervalMs: number;
  readonly maxStalenessMs: number;
}

/** A failure is said after this many in a row and not before this long: whichever is later. */
const failuresBeforeSaid = 3;
const msBeforeSaid = 60_000;

export function newHealth(now: number): Health {
  return { startedAt: now, failures: 0, issues: [] };
}

export function succeeded(_before: Health, now: number, issues: readonly DecodeIssue[] = []): Health {
  return { startedAt: _before.startedAt, completeAt: now, failures: 0, issues };
}

export function failed(before: Health, now: number, failure: Failure, limits: HealthLimits): Health {
  const next: Health = {
    ...before,
    failures: before.failures + 1,
    failingSince: before.failingSince ?? now,
    failure,
  };
  if (!isAnnounced(next, now)) return next;
  const said = before.said;
  if (said && (same(said.failure, failure) || now - said.at < limits.maxStalenessMs)) return next;
  return { ...next, said: { failure, at: now } };
}

/** Authentication is said at once: nobody but a person can mend it. */
function isAnnounced(health: Health, now: number): boolean {
  if (health.failure === undefined || health.failingSince === undefined) return false;
  if (health.said !== undefined || health.failure.reason === 'Unauthorized') return true;
  return health.failures >= failuresBeforeSaid && now - health.failingSince >= msBeforeSaid;
}

const same = (a: Failure, b: Failure): boolean => a.reason === b.reason && a.message === b.message;

export function readState(health: Health, now: number, limits: HealthLimits): ReadState {
  const stale = now - (health.completeAt ?? health.startedAt) > staleAfter(limits);
  if (health.failure) {
    const announce = isAnnounced(health, now);
    return { is: 'failing', ...(health.said?.failure ?? health.failure), announce, stale };
  }
  if (health.completeAt === undefined) return { is: 'pending' };
  if (health.issues.length > 0) return { is: 'partial', issues: health.issues, announce: true, stale };
  return { is: 'complete' };
}

/** Milliseconds without a complete read after which nothing is known any more. */
export function staleAfter(limits: HealthLimits): number {
  return Math.max(limits.maxStalenessMs, 3 * limits.intervalMs);
}

/** The one that users should hear of: what is failing and said, then stale, then failing, then partial. */
export function worst(states: readonly ReadState[]): ReadState {
  return [...states].sort((a, b) => severity(b) - severity(a))[0] ?? { is: 'pending' };
}

function severity(state: ReadState): number {
  switch (state.is) {
    case 'suspended':
      return 6;
    case 'failing':
      return state.announce ? 5 : state.stale ? 4 : 3;
    case 'partial':
      return 2;
    case 'pending':
      return 1;
    case 'complete':
      return 0;
  }
}
