import type { WorkloadFacts } from '../api/facts.ts';
import { deriveTimes, type KnownTimes } from './workload-times.ts';
import { phaseClass } from './workload-phase.ts';

/** One row of a list, with the Date of the answer that carried it, milliseconds. */
interface Reading {
  readonly facts: WorkloadFacts;
  readonly readAt: number;
}

/** They count on with the clock, and are shown only as the times that follow from them. */
const durations: ReadonlySet<string> = new Set(['runningSeconds', 'pendingSeconds']);

/**
 * Whether a mirror that is in sync with one reading of its workload is so with a later one. `known`: the times that the
 * mirror shows.
 */
export function showsTheSame(known: KnownTimes, before: Reading, after: Reading): boolean {
  if (!isSame(before.facts, after.facts, durations)) return false;
  const is = phaseClass(after.facts.status ?? '');
  const was = deriveTimes(before.facts, is, known, before.readAt);
  const now = deriveTimes(after.facts, is, known, after.readAt);
  return was.creation === now.creation && was.start === now.start && was.completion === now.completion;
}

/** JSON values, field by field. An absent field and one that is undefined are the same; lists keep their order. */
function isSame(a: unknown, b: unknown, without?: ReadonlySet<string>): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  // Most fields are texts that are equal: nothing else is asked of those.
  for (const key in left)
    if (left[key] !== right[key] && !without?.has(key) && !isSame(left[key], right[key])) return false;
  for (const key in right)
    if (left[key] === undefined && right[key] !== undefined && !without?.has(key)) return false;
  return true;
}
