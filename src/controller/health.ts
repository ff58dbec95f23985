/**
 * How the reading of one thing (a project's pools, one pool's workloads) stands, as a value: every attempt makes a new
 * one, and `readState` says what a mirror may claim because of it (invariant 4).
 */
import { upstreamError } from '../api/errors.ts';
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
  /** Of the last failure, monotonic. */
  readonly failedAt?: number;
  /** Of the first complete read after the last failure, or of the first at all. */
  readonly wellSince?: number;
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
/** A read that is under way may take so long before it counts as one that does not come. */
const msForARead = 60_000;

export function newHealth(now: number): Health {
  return { startedAt: now, failures: 0, issues: [] };
}

export function succeeded(before: Health, now: number, issues: readonly DecodeIssue[] = []): Health {
  const { startedAt, failures, wellSince } = before;
  return {
    startedAt,
    completeAt: now,
    wellSince: failures === 0 && wellSince !== undefined ? wellSince : now,
    failures: 0,
    issues,
  };
}

export function failed(before: Health, now: number, failure: Failure, limits: HealthLimits): Health {
  const next: Health = {
    ...before,
    failures: before.failures + 1,
    failingSince: before.failingSince ?? now,
    failedAt: now,
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
  const stale = isStale(health, now, limits);
  if (health.failure) {
    const announce = isAnnounced(health, now);
    return { is: 'failing', ...(health.said?.failure ?? health.failure), announce, stale };
  }
  if (health.completeAt === undefined) return { is: 'pending' };
  // No read has failed, but none has ended either: one waits for its turn or for a slow answer.
  if (isStale(health, now - msForARead, limits))
    return { is: 'failing', ...noAnswer, announce: false, stale: true };
  if (health.issues.length > 0) return { is: 'partial', issues: health.issues, announce: true, stale };
  return { is: 'complete' };
}

/**
 * It is open whether a part fails by itself or with the whole: the whole was not read since the part began to fail, or
 * works again and the part was not read after that. Said at once, every outage would be said twice, and its end too.
 */
export function isUnjudged(part: Health, whole: Health): boolean {
  const { failingSince, failedAt } = part;
  if (failingSince === undefined || failedAt === undefined) return false;
  const { completeAt, wellSince, failures } = whole;
  if (completeAt === undefined || wellSince === undefined || failures > 0) return true;
  return completeAt < failingSince || failedAt < wellSince;
}

/** As `readState`, of a part of what `whole` is the health of: what is open is not said yet. */
export function readPartState(part: Health, whole: Health, now: number, limits: HealthLimits): ReadState {
  const read = readState(part, now, limits);
  return read.is === 'failing' && isUnjudged(part, whole) ? { ...read, announce: false } : read;
}

/** Nothing was read whole for so long that nothing is known any more. */
export function isStale(health: Health, now: number, limits: HealthLimits): boolean {
  return now - (health.completeAt ?? health.startedAt) > staleAfter(limits);
}

const noAnswer: Failure = { reason: 'Unreachable', message: 'A read has been under way for too long.' };

/** Milliseconds without a complete read after which nothing is known any more. */
export function staleAfter(limits: HealthLimits): number {
  return Math.max(limits.maxStalenessMs, 3 * limits.intervalMs);
}

/**
 * The one that users should hear of: what is failing and said, then stale, then failing, then partial. Where any of
 * them is stale, the whole is.
 */
export function worst(states: readonly ReadState[]): ReadState {
  const [first = { is: 'pending' } as const] = [...states].sort((a, b) => severity(b) - severity(a));
  const stale = states.some((state) => (state.is === 'failing' || state.is === 'partial') && state.stale);
  return first.is === 'failing' && stale ? { ...first, stale } : first;
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

/**
 * An error as the reason and message of a condition. What is no error of ModelArts is a bug, most likely met by an
 * answer that nobody expected; the log names it.
 */
export function failureOf(error: unknown): Failure {
  const upstream = upstreamError(error);
  if (upstream === undefined) {
    return {
      reason: 'InvalidResponse',
      message: "The answer could not be made sense of; the operator's log names the error.",
    };
  }
  const { kind, message } = upstream;
  return { reason: kind === 'NotAllowed' ? 'BadRequest' : kind, message };
}
