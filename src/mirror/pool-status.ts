import type { DecodeIssue, PoolFacts } from '../api/facts.ts';
import type { Condition } from '../api/kinds/condition.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import { findCondition, nextConditions, type ConditionDraft } from './conditions.ts';
import type { Cuts } from './limits.ts';
import { driverReadyDraft, progressDraft, readyDraft, type PoolCircumstances } from './pool-phase.ts';
import { poolValues, type PoolNumbers } from './pool-values.ts';
import { byText, cutToStored, firstOf } from './text.ts';
import type { PoolRecord, ReadState } from './world.ts';

/** What all ways to a new status need: what stands there, and the stamps of the write. */
export interface PoolStatusBase {
  readonly mirror: Pick<PoolRecord, 'status' | 'generation'>;
  readonly now: number;
  readonly handledReconcileAt?: string | undefined;
}

export interface PoolReading extends PoolNumbers {
  readonly facts: PoolFacts;
  /** Numbers of jobs are asked for but were not read yet: what stands there stays. */
  readonly numbersPending: boolean;
  /** The same of what capacity is known from. */
  readonly capacityPending: boolean;
}

type Drafts = readonly (ConditionDraft | Condition | undefined)[];

/** The status of a pool that was read. */
export function readStatus(base: PoolStatusBase, reading: PoolReading, read: ReadState): ModelArtsPoolStatus {
  const { status: before } = base.mirror;
  const cuts: Cuts = new Set();
  const values = poolValues(reading.facts, reading, cuts);
  if (reading.numbersPending) {
    values.workloads = before.workloads;
    values.allocated = before.allocated;
  }
  if (reading.capacityPending) values.capacity = before.capacity;
  if (reading.capacityPending || reading.numbersPending) values.free = before.free;
  const circumstances = circumstancesOf(reading.facts);
  return compose(base, values, [
    isStale(read) ? stale : readyDraft(circumstances),
    syncedDraft(before, read, cuts),
    driverReadyDraft(circumstances),
    progressDraft(circumstances),
  ]);
}

/** The status of a pool that was not read: it keeps its values, and says how reading stands. */
export function keptStatus(base: PoolStatusBase, read: ReadState): ModelArtsPoolStatus {
  const { status: before } = base.mirror;
  const ready = findCondition(before.conditions, 'Ready');
  // Reasons of the cluster's own that no longer hold, or another rule would have answered.
  const overcome = ready?.reason === 'ProjectNotFound' || ready?.reason === 'Duplicate';
  return compose(base, before, [
    isStale(read) ? stale : overcome || !ready ? notReadYet('Ready') : ready,
    syncedDraft(overcome ? {} : before, read, new Set()),
    ...progressOf(before),
  ]);
}

/** The status of a pool that is gone and whose mirror is held back: it keeps its values, and says so. */
export function heldStatus(base: PoolStatusBase, read: ReadState, poolName: string): ModelArtsPoolStatus {
  const held = keptStatus(base, read);
  if (read.is === 'failing' && read.announce) return held;
  const message =
    `ModelArts shows no pool ${poolName} any more. Its mirror stays with its last values, because too many would go at ` +
    'once: `DeletionBlocked` of the project says which, and how to release them.';
  return compose(base, held, [
    ...(held.conditions ?? []).filter(({ type }) => type !== 'Synced'),
    { type: 'Synced', status: 'False', reason: 'NotFound', message },
  ]);
}

/** The status of a pool that ModelArts no longer has; the last values stay. */
export function goneStatus(base: PoolStatusBase, poolName: string): ModelArtsPoolStatus {
  return lostStatus(base, {
    ready: 'PoolNotFound',
    synced: { status: 'False', reason: 'NotFound' },
    message:
      `ModelArts has no pool ${poolName} in this project (any more). ` +
      'The values shown are the last known ones; delete this object when it is of no more use.',
  });
}

/** The status of a pool whose ModelArtsProject does not exist. */
export function projectNotFoundStatus(base: PoolStatusBase, projectName: string): ModelArtsPoolStatus {
  return lostStatus(base, {
    ready: 'ProjectNotFound',
    synced: { status: 'Unknown', reason: 'NotReadYet' },
    message: `There is no ModelArtsProject ${projectName} in this namespace: create it, or delete this object.`,
  });
}

/** The status of a pool that another object already shows. */
export function duplicateStatus(base: PoolStatusBase, keeper: string): ModelArtsPoolStatus {
  return lostStatus(base, {
    ready: 'Duplicate',
    synced: { status: 'Unknown', reason: 'NotReadYet' },
    message: `The older object ${keeper} shows the same pool and is the one kept up to date: delete one of the two.`,
  });
}

interface Loss {
  readonly ready: 'PoolNotFound' | 'ProjectNotFound' | 'Duplicate';
  readonly synced: Pick<ConditionDraft, 'status' | 'reason'>;
  readonly message: string;
}

function lostStatus(base: PoolStatusBase, { ready, synced, message }: Loss): ModelArtsPoolStatus {
  const { status: before } = base.mirror;
  return compose(base, before, [
    { type: 'Ready', status: 'False', reason: ready, message },
    { type: 'Synced', ...synced, message },
    findCondition(before.conditions, 'DriverReady'),
  ]);
}

function compose(base: PoolStatusBase, values: ModelArtsPoolStatus, drafts: Drafts): ModelArtsPoolStatus {
  const { mirror, now, handledReconcileAt } = base;
  const said = drafts.filter((draft) => draft !== undefined);
  return {
    ...values,
    conditions: nextConditions(mirror.status.conditions, said, mirror.generation, now),
    observedGeneration: mirror.generation,
    lastHandledReconcileAt: handledReconcileAt ?? mirror.status.lastHandledReconcileAt,
  };
}

function circumstancesOf(facts: PoolFacts): PoolCircumstances {
  const drivers: PoolCircumstances['drivers'] = [
    ...(facts.gpuDriver ? [{ kind: 'gpu' as const, state: facts.gpuDriver.state }] : []),
    ...(facts.npuDriver ? [{ kind: 'npu' as const, state: facts.npuDriver.state }] : []),
  ];
  const some = (rows: readonly { readonly count: number }[]) => (rows.some((row) => row.count > 0) ? 1 : 0);
  return {
    phase: facts.phase,
    message: facts.message && cutToStored(facts.message, 256),
    drivers,
    nodesCreating: some(facts.resources.creating),
    nodesDeleting: some(facts.resources.deleting),
  };
}

/** What stands there about drivers and progress: unread, it is still the last that is known. */
function progressOf({ conditions }: ModelArtsPoolStatus): Drafts {
  const stalled = findCondition(conditions, 'Stalled');
  return [
    findCondition(conditions, 'DriverReady'),
    stalled === undefined ? findCondition(conditions, 'Reconciling') : undefined,
    stalled,
  ];
}

function syncedDraft(before: ModelArtsPoolStatus, read: ReadState, cuts: Cuts): ConditionDraft | Condition {
  const type = 'Synced';
  const kept = findCondition(before.conditions, type) ?? notReadYet(type);
  switch (read.is) {
    case 'pending':
      return kept;
    case 'suspended':
      return { type, status: 'Unknown', reason: 'Suspended', message: suspendedMessage };
    case 'complete':
      return {
        type,
        status: 'True',
        reason: 'ReadComplete',
        message: `The last read was complete.${cutNote(cuts)}`,
      };
    case 'partial':
      if (!read.announce) return kept;
      return { type, status: 'False', reason: 'InvalidResponse', message: issuesMessage(read.issues) };
    case 'failing':
      // At the latest when nothing counts as known any more, a reason is said: `Ready` points to it.
      if (!read.announce && !(read.stale && kept.status === 'True')) return kept;
      return { type, status: 'False', reason: read.reason, message: read.message };
  }
}

export const suspendedMessage = 'The project says `suspend: true`: nothing is read until that is taken back.';

function notReadYet(type: string): ConditionDraft {
  return { type, status: 'Unknown', reason: 'NotReadYet', message: 'The pool has not been read yet.' };
}

function isStale(read: ReadState): boolean {
  return (read.is === 'failing' || read.is === 'partial') && read.stale;
}

/** Why is for `Synced` to say: said here too, each change of it would be said twice. */
const stale: ConditionDraft = {
  type: 'Ready',
  status: 'Unknown',
  reason: 'Stale',
  message: 'The pool could not be read for too long for its last known state to count; `Synced` says why.',
};

/** The first three parts that did not decode, by path. */
export function issuesMessage(issues: readonly DecodeIssue[]): string {
  const named = [...issues]
    .sort((a, b) => byText(a.path, b.path))
    .map(({ path, expected, found }) => cutToStored(`${path} is ${found} and not ${expected}`, 192));
  return `Parts of the answer of ModelArts were left out: ${firstOf([...new Set(named)], 3, '; ')}.`;
}

function cutNote(cuts: Cuts): string {
  return cuts.size === 0 ? '' : ` Shortened to keep this object small: ${[...cuts].sort(byText).join(', ')}.`;
}
