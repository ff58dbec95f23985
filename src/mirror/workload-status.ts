import type { WorkloadFacts } from '../api/facts.ts';
import type { ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';
import { acceleratorOf, acceleratorOfCards } from './accelerator.ts';
import { fit, type Reducer } from './fit.ts';
import { count, sortedMap, textSet, word, wordLength, type Cuts } from './limits.ts';
import { parseQuantity } from './quantity.ts';
import { shownPosition } from './queue-position.ts';
import { byText, cutToStored, storedLength } from './text.ts';
import { shownTime } from './time.ts';
import { workloadConditions } from './workload-conditions.ts';
import { phaseClass } from './workload-phase.ts';
import { deriveTimes, type DerivedTimes } from './workload-times.ts';
import type { WorkloadRecord } from './world.ts';

export interface WorkloadReading {
  readonly facts: WorkloadFacts;
  /** Date of the answer that carried the row, milliseconds. */
  readonly readAt: number;
  readonly queuePosition: 'Banded' | 'Exact' | 'None';
}

type Mirror = Pick<
  WorkloadRecord,
  'name' | 'identity' | 'generation' | 'createdAt' | 'phase' | 'startTime' | 'completionTime' | 'phaseSince'
>;

/** Bytes of the 6 kB of invariant 10 that are left for the status of a mirror with the shortest names. */
const budget = 3_900;

/** The status of a workload that was read. */
export function workloadStatus(mirror: Mirror, reading: WorkloadReading): ModelArtsWorkloadStatus {
  const { facts, readAt } = reading;
  const cuts: Cuts = new Set();
  const is = phaseClass(facts.status);
  const times = deriveTimes(facts, is, mirror, readAt);
  const values = workloadValues(facts, reading, times, cuts);
  const conditions = workloadConditions(
    values.phase,
    { ...times, mirrorCreatedAt: mirror.createdAt, phaseSince: phaseSinceOf(mirror, facts, times, readAt) },
    mirror.generation,
  );
  const status = { conditions, ...values };
  const names = storedLength(mirror.identity) + storedLength(mirror.name);
  fit(status, budget - names, reducers, cuts);
  if (cuts.size === 0) return status;
  return { ...status, message: `Shortened to keep this object small: ${[...cuts].sort(byText).join(', ')}.` };
}

function workloadValues(
  facts: WorkloadFacts,
  { queuePosition }: WorkloadReading,
  times: DerivedTimes,
  cuts: Cuts,
): ModelArtsWorkloadStatus {
  const short = (value: string | undefined, field: string) => word(value, wordLength, field, cuts);
  const waiting = phaseClass(facts.status) === 'waiting';
  const hosts = new Set(facts.hostIPs).size;
  const nodes = facts.nodeCount ?? (hosts === 0 ? undefined : hosts);
  return {
    type: short(facts.type, 'type'),
    name: short(facts.name, 'name'),
    jobName: short(facts.jobName, 'jobName'),
    jobID: short(facts.jobID, 'jobID'),
    phase: short(facts.status, 'phase'),
    priority: short(facts.priority, 'priority'),
    flavor: short(facts.flavor, 'flavor'),
    nodeCount: nodes === undefined ? undefined : count(nodes),
    resources: sortedMap(facts.resources, 64, 'resources', cuts, (text) =>
      parseQuantity(text) === undefined ? undefined : text,
    ),
    accelerator: facts.cards ? acceleratorOfCards(facts.cards) : acceleratorOf(facts.resources),
    gvk: short(facts.gvk, 'gvk'),
    hostIPs: textSet(facts.hostIPs, 128, 64, 'hostIPs', cuts),
    ...shownPosition(waiting ? facts.queuePosition : undefined, queuePosition),
    creationTime: shownTime(times.creation),
    startTime: shownTime(times.start),
    completionTime: shownTime(times.completion),
    description: word(facts.description, 1024, 'description', cuts),
    message: word(facts.message, 256, 'message', cuts),
  };
}

/** Kept while the job stays in its kind of phase; else what the facts come nearest to. */
function phaseSinceOf(mirror: Mirror, facts: WorkloadFacts, times: DerivedTimes, readAt: number): number {
  const is = phaseClass(facts.status);
  if (mirror.phaseSince !== undefined && phaseClass(mirror.phase) === is) return mirror.phaseSince;
  const leftQueue = is === 'starting' && facts.pendingSeconds !== undefined ? times.creation : undefined;
  return leftQueue === undefined ? readAt : leftQueue + (facts.pendingSeconds ?? 0) * 1000;
}

/** From what is missed least to what is missed most. Counts of nodes and accelerators are never cut. */
const reducers: readonly Reducer<ModelArtsWorkloadStatus>[] = [
  (status) => {
    if (status.description === undefined || storedLength(status.description) <= 256) return [];
    status.description = cutToStored(status.description, 256);
    return ['description'];
  },
  reduceHosts(32),
  reduceWords(128),
  reduceHosts(8),
  reduceResources(8),
  reduceWords(64),
  (status) => {
    status.hostIPs = undefined;
    status.gvk = undefined;
    status.description = undefined;
    return ['description', 'gvk', 'hostIPs'];
  },
  reduceResources(0),
  reduceWords(32),
];

function reduceHosts(max: number): Reducer<ModelArtsWorkloadStatus> {
  return (status) => {
    if (status.hostIPs === undefined || status.hostIPs.length <= max) return [];
    status.hostIPs = status.hostIPs.slice(0, max);
    return ['hostIPs'];
  };
}

function reduceResources(max: number): Reducer<ModelArtsWorkloadStatus> {
  return (status) => {
    const entries = Object.entries(status.resources ?? {});
    if (entries.length <= max) return [];
    status.resources = Object.fromEntries(entries.filter(([key]) => key.length <= 64).slice(0, max));
    return ['resources'];
  };
}

/** Cuts upstream's texts, and in the conditions the phase that they quote. */
function reduceWords(bytes: number): Reducer<ModelArtsWorkloadStatus> {
  return (status) => {
    const cut: string[] = [];
    for (const field of ['type', 'name', 'jobName', 'jobID', 'phase', 'priority', 'flavor', 'gvk'] as const) {
      const text = status[field];
      if (text === undefined || storedLength(text) <= bytes) continue;
      status[field] = cutToStored(text, bytes);
      cut.push(field);
    }
    for (const condition of status.conditions ?? []) {
      condition.message = cutToStored(condition.message, bytes + 40);
    }
    return cut;
  };
}
