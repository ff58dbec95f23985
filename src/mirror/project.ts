/** What to write into a project's status: the only part of a person's object that the operator touches. */
import { parseDuration } from '../api/kinds/duration.ts';
import {
  withDefaults,
  type ModelArtsProject,
  type ModelArtsProjectStatus,
} from '../api/kinds/modelarts-project.ts';
import { eventReasons, type EventReason } from '../api/reasons.ts';
import { findCondition, nextConditions } from './conditions.ts';
import type { Decision, EventDraft } from './decision.ts';
import { sameContent } from './digest.ts';
import { nothing } from './plan.ts';
import { projectConditions } from './project-conditions.ts';
import { omitPaths } from './pruning.ts';
import { cutText } from './text.ts';
import { formatTime, parseTime } from './time.ts';
import type { ProjectWorld } from './world.ts';

export type ProjectDecision = Decision<ModelArtsProject, ModelArtsProjectStatus>;

/** The one action that brings a project's status nearer to what is known. Total: it answers in any world. */
export function planProject(world: ProjectWorld): ProjectDecision {
  const { metadata, status: before = {} } = world.object;
  if (metadata.deletionTimestamp !== undefined) return nothing('BeingDeleted');
  const suspended = world.object.spec.suspend === true || world.read.is === 'suspended';
  const status = omitPaths(projectStatus(world, suspended), world.pruned);
  if (sameContent(status, before)) return nothing(suspended ? 'Suspended' : 'InSync');
  const reason = suspended ? 'Suspended' : 'StatusDiffers';
  return { do: 'status', reason, name: metadata.name, status, events: projectEvents(before, status) };
}

function projectStatus(world: ProjectWorld, suspended: boolean): ModelArtsProjectStatus {
  const before = world.object.status ?? {};
  const generation = world.object.metadata.generation ?? 0;
  const drafts = projectConditions(world, suspended);
  const conditions = nextConditions(before.conditions, drafts, generation, world.now);
  if (suspended) return { ...before, conditions, observedGeneration: generation };
  const { read, counts, effective } = world;
  const handled = world.configuration !== undefined || read.is === 'complete' || read.is === 'partial';
  const announced = read.is === 'failing' && read.announce;
  return {
    conditions,
    observedGeneration: handled || announced ? generation : before.observedGeneration,
    lastHandledReconcileAt: world.handledReconcileAt ?? before.lastHandledReconcileAt,
    lastSyncTime: lastSyncTime(world),
    pools: counts.pools,
    workloads: counts.workloads,
    resourceSpecs: counts.resourceSpecs,
    apiFeatures: world.apiFeatures ?? before.apiFeatures,
    effective: {
      poolInterval: formatDuration(effective.poolIntervalMs),
      workloadInterval: formatDuration(effective.workloadIntervalMs),
    },
    refusedSecretVersion: world.refusedSecretVersion,
  };
}

/** Moves in steps of `maxStaleness` at least: it is a sign of life, not a clock. */
function lastSyncTime({ object, lastSyncAt }: ProjectWorld): string | undefined {
  const before = object.status?.lastSyncTime;
  const shown = parseTime(before);
  if (lastSyncAt === undefined) return before;
  const step = parseDuration(withDefaults(object.spec).polling.maxStaleness) ?? 300_000;
  return shown !== undefined && lastSyncAt - shown < step ? before : formatTime(lastSyncAt);
}

/** `90000` as `1m30s`. Parts of a second are rounded up: an interval is never shorter than it is said to be. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([value, unit]) => (value === 0 ? '' : `${value}${unit}`)).join('');
}

/** One Event a transition: of a project that cannot be read at all, `Ready` speaks, and `Synced` is silent. */
function projectEvents(before: ModelArtsProjectStatus, after: ModelArtsProjectStatus): EventDraft[] {
  const events: EventDraft[] = [];
  const transition = (type: string) => {
    const from = findCondition(before.conditions, type);
    const to = findCondition(after.conditions, type);
    return to && (from?.status !== to.status || from.reason !== to.reason) ? { from, to } : undefined;
  };
  const add = (type: EventDraft['type'], reason: EventReason, note: string) =>
    events.push({ type, reason, note: cutText(note, 1024) });

  const ready = transition('Ready');
  const synced = transition('Synced');
  if (ready?.to.status === 'False') {
    if (isEventReason(ready.to.reason)) add('Warning', ready.to.reason, ready.to.message);
  } else if (ready?.from?.status === 'False' && ready.to.status === 'True') {
    add('Normal', 'SyncRecovered', 'ModelArts can be read again.');
  } else if (
    synced &&
    synced.to.status === 'False' &&
    findCondition(after.conditions, 'Ready')?.status !== 'False'
  ) {
    add('Warning', 'SyncFailed', synced.to.message);
  } else if (synced?.from?.status === 'False' && synced.to.status === 'True') {
    add('Normal', 'SyncRecovered', 'Everything can be read again.');
  }
  const blocked = transition('DeletionBlocked');
  if (blocked?.to.status === 'True') add('Warning', 'DeletionBlocked', blocked.to.message);
  return events;
}

function isEventReason(reason: string): reason is EventReason {
  return Object.hasOwn(eventReasons, reason);
}
