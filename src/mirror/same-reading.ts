import type { WorkloadFacts } from '../api/facts.ts';
import { deriveTimes, type KnownTimes } from './workload-times.ts';
import { phaseClass } from './workload-phase.ts';

/** One row of a list, with the Date of the answer that carried it, milliseconds. */
interface Reading {
  readonly facts: WorkloadFacts;
  readonly readAt: number;
}

/**
 * What is compared, by name: facts that are kept answer most of it through getters. Durations are not among it: they count
 * on with the clock, and are shown only as the times that follow from them.
 */
const compared = Object.keys({
  uid: true,
  identifiedBy: true,
  namespace: true,
  name: true,
  jobName: true,
  jobID: true,
  type: true,
  status: true,
  flavor: true,
  priority: true,
  gvk: true,
  resources: true,
  resourcesIncomplete: true,
  queuePosition: true,
  creationTime: true,
  hostIPs: true,
  nodeCount: true,
  isDeleted: true,
  cards: true,
  startTime: true,
  completionTime: true,
  description: true,
  message: true,
} satisfies Record<
  Exclude<keyof WorkloadFacts, 'runningSeconds' | 'pendingSeconds'>,
  true
>) as readonly (keyof WorkloadFacts)[];

/**
 * Whether a mirror that is in sync with one reading of its workload is so with a later one. `known`: the times that the
 * mirror shows.
 */
export function showsTheSame(known: KnownTimes, before: Reading, after: Reading): boolean {
  if (!compared.every((field) => isSame(before.facts[field], after.facts[field]))) return false;
  const is = phaseClass(after.facts.status);
  const was = deriveTimes(before.facts, is, known, before.readAt);
  const now = deriveTimes(after.facts, is, known, after.readAt);
  return was.start === now.start && was.completion === now.completion;
}

/** What facts are made of; none of them is null. */
type Value = string | number | boolean | object | undefined;

/** Field by field, as lists are item by item. An absent field and one that is undefined are the same. */
function isSame(a: Value, b: Value): boolean {
  // Most are texts that are equal: nothing else is asked of those.
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  const left = a as Readonly<Record<string, Value>>;
  const right = b as Readonly<Record<string, Value>>;
  for (const key in left) if (!isSame(left[key], right[key])) return false;
  for (const key in right) if (left[key] === undefined && right[key] !== undefined) return false;
  return true;
}
