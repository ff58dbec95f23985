/**
 * What to do about one pool, given all that is known of it.
 *
 * The mirrors of one pool, and which of them is kept:
 *
 *   discovered ──────────────────────────── kept, while no one declares the pool
 *   discovered + declared ──────────────── the declared one; workloads change owner, then the discovered one goes
 *   declared (older) + declared (younger)  the older; the younger says Duplicate
 *   discovered, its spec taken over ────── counts as declared: it is never deleted, and loses its owner
 *
 * How a discovered mirror leaves after ModelArts lost its pool, one step a pass:
 *
 *   absent ─▶ confirmed ─▶ its workloads go ─▶ Synced=False/NotFound ─▶ DELETE at the version of that write
 */
import { parseDuration } from '../api/kinds/duration.ts';
import { apiVersion } from '../api/kinds/metadata.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import type { Decision, DecisionReason, MetadataPatch, OwnerReference } from './decision.ts';
import { sameContent } from './digest.ts';
import { annotations, mirrorLabels, poolObjectName } from './identity.ts';
import { firstAnswer, metadataPatch, nothing, remove, wait, type Rule } from './plan.ts';
import { poolEvents } from './pool-events.ts';
import {
  duplicateStatus,
  goneStatus,
  heldStatus,
  keptStatus,
  projectNotFoundStatus,
  readStatus,
  type PoolReading,
  type PoolStatusBase,
} from './pool-status.ts';
import { omitPaths } from './pruning.ts';
import type { PoolRecord, PoolWorld, ProjectView, ReadState } from './world.ts';

export type PoolDecision = Decision<ModelArtsPool, ModelArtsPoolStatus>;
type PoolRule<W> = Rule<W, ModelArtsPool, ModelArtsPoolStatus>;

/** A world whose project is there and alive. */
interface Connected extends PoolWorld {
  readonly project: ProjectView;
}

/** … and in which one mirror is the one that is kept up to date. */
interface Mirrored extends Connected {
  readonly keeper: PoolRecord;
}

/** The one action that brings the mirror of a pool nearer to what is known. Total: it answers in any world. */
export function planPool(world: PoolWorld): PoolDecision {
  const { project } = world;
  if (project === undefined) return firstAnswer(withoutProject, world) ?? nothing('ProjectMissing');
  if (project.deleting) return nothing('BeingDeleted');
  const connected: Connected = { ...world, project };
  const early = firstAnswer(beforeMirror, connected);
  if (early !== undefined) return early;
  const keeper = keeperOf(world.mirrors);
  if (keeper === undefined) return firstAnswer(unmirrored, connected) ?? nothing('NotMirrored');
  return firstAnswer(mirrored, { ...connected, keeper }) ?? nothing('InSync');
}

const projectNotFound: PoolRule<PoolWorld> = (w) =>
  firstStatus(w, ownerless(w), 'ProjectMissing', (mirror) =>
    projectNotFoundStatus(base(w, mirror), w.projectName),
  );

const suspended: PoolRule<Connected> = (w) => {
  if (!w.project.spec.suspend && w.read.is !== 'suspended') return undefined;
  const keeper = keeperOf(w.mirrors);
  const status = keeper && keptStatus(base(w, keeper), { is: 'suspended' });
  return (status && statusOf(w, keeper, 'Suspended', status)) ?? nothing('Suspended');
};

/** Waits for the garbage collector or a person's finalizer; a second object would only fight for the name. */
const allBeingDeleted: PoolRule<Connected> = (w) =>
  w.mirrors.length > 0 && alive(w).length === 0 ? nothing('BeingDeleted') : undefined;

const younger: PoolRule<Connected> = (w) => {
  const keeper = keeperOf(w.mirrors);
  if (keeper === undefined) return undefined;
  const others = alive(w).filter((mirror) => mirror !== keeper && isDeclared(mirror));
  return firstStatus(w, others, 'Duplicate', (mirror) => duplicateStatus(base(w, mirror), keeper.name));
};

/** Its workloads change owner first, by their own keys: deleted before, it would take them along. */
const superfluous: PoolRule<Mirrored> = (w) => {
  const other = alive(w).find((mirror) => mirror !== w.keeper && isOurs(mirror, w.project));
  if (other === undefined) return undefined;
  if (w.workloads > 0) return wait('TakenOver', oneStep);
  return remove('NotSelected', other, true);
};

const notListed: PoolRule<Connected> = (w) =>
  w.upstream.is === 'unread' ? nothing('NotReadYet') : undefined;

const discovered: PoolRule<Connected> = (w) => {
  if (w.upstream.is !== 'present' || !w.upstream.selected) return undefined;
  return { do: 'create', reason: 'NotMirrored', object: discoveredPool(w) };
};

const metadataDiffers: PoolRule<Mirrored> = (w) => {
  const metadata = wantedMetadata(w);
  return metadata && { do: 'object', reason: 'MetadataDiffers', name: w.keeper.name, metadata };
};

/** Nothing was read: the mirror keeps its values. Before the first answer not even a condition is touched. */
const unread: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'unread') return undefined;
  return status(w, 'NotReadYet', keptStatus(base(w, w.keeper), w.read)) ?? nothing('NotReadYet');
};

const goneButNotConfirmed: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'absent' || w.upstream.confirmed) return undefined;
  return kept(w) ?? wait('DeletionUnconfirmed', pollInterval(w));
};

const goneTooMany: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'absent' || !w.upstream.blocked) return undefined;
  return (
    status(w, 'StatusDiffers', heldStatus(base(w, w.keeper), w.read, w.poolName)) ??
    nothing('DeletionBlocked')
  );
};

const goneButNotOurs: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'absent') return undefined;
  if (isOurs(w.keeper, w.project) && w.project.spec.deletion.policy === 'Delete') return undefined;
  return status(w, 'Retained', goneStatus(base(w, w.keeper), w.poolName)) ?? nothing('Retained');
};

const gone: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'absent') return undefined;
  if (w.workloads > 0) return wait('WorkloadsFirst', oneStep);
  const announcement = goneStatus(base(w, w.keeper), w.poolName);
  return status(w, 'DeletionAnnounced', announcement) ?? remove('UpstreamGone', w.keeper);
};

const notSelected: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'present' || w.upstream.selected || !isOurs(w.keeper, w.project)) return undefined;
  return remove('NotSelected', w.keeper);
};

const statusDiffers: PoolRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'present') return undefined;
  const { facts, statistics, allocated, capacity, free, capacityPending = false } = w.upstream;
  const counted = w.project.spec.workloads.mode !== 'None';
  const reading: PoolReading = {
    facts,
    statistics: counted ? statistics : undefined,
    allocated,
    capacity,
    free,
    numbersPending: counted && statistics === undefined,
    capacityPending,
  };
  return status(w, 'StatusDiffers', readStatus(base(w, w.keeper), reading, w.read));
};

const withoutProject = [projectNotFound];
const beforeMirror = [suspended, allBeingDeleted, younger];
const unmirrored = [notListed, discovered];
const mirrored = [
  superfluous,
  metadataDiffers,
  unread,
  goneButNotConfirmed,
  goneTooMany,
  goneButNotOurs,
  gone,
  notSelected,
  statusDiffers,
];

/** Milliseconds after which a step that waits for another key's writes looks again, should no event tell. */
const oneStep = 1000;

/**
 * What stands there, with the conditions of how reading stands. A complete list that lacks the pool is no read of the
 * pool: what its conditions said of the last one stays, if there was one.
 */
function kept(w: Mirrored): PoolDecision | undefined {
  const read: ReadState = w.read.is === 'failing' ? w.read : { is: 'pending' };
  return status(w, 'StatusDiffers', keptStatus(base(w, w.keeper), read));
}

function pollInterval({ project }: Connected): number {
  return parseDuration(project.spec.polling.poolInterval) ?? 30_000;
}

function base(w: PoolWorld, mirror: PoolRecord): PoolStatusBase {
  return { mirror, now: w.now, handledReconcileAt: w.handledReconcileAt };
}

/** The write of this status to the keeper; undefined when it says so already. */
function status(w: Mirrored, reason: DecisionReason, wanted: ModelArtsPoolStatus): PoolDecision | undefined {
  return statusOf(w, w.keeper, reason, wanted);
}

function statusOf(
  w: PoolWorld,
  mirror: PoolRecord,
  reason: DecisionReason,
  wanted: ModelArtsPoolStatus,
): PoolDecision | undefined {
  const next = omitPaths(wanted, w.pruned);
  if (sameContent(next, mirror.status)) return undefined;
  return { do: 'status', reason, name: mirror.name, status: next, events: poolEvents(mirror.status, next) };
}

function firstStatus(
  w: PoolWorld,
  mirrors: readonly PoolRecord[],
  reason: DecisionReason,
  wanted: (mirror: PoolRecord) => ModelArtsPoolStatus,
): PoolDecision | undefined {
  for (const mirror of mirrors) {
    const decision = statusOf(w, mirror, reason, wanted(mirror));
    if (decision !== undefined) return decision;
  }
  return undefined;
}

function alive({ mirrors }: PoolWorld): readonly PoolRecord[] {
  return mirrors.filter((mirror) => !mirror.deleting);
}

/** Written, or taken over, by a person. */
export function isDeclared(mirror: PoolRecord): boolean {
  return mirror.discoveredBy === undefined || mirror.adopted;
}

/** Made by this project's discovery and touched by no one since: the only mirrors that are ever deleted. */
function isOurs(mirror: PoolRecord, project: ProjectView): boolean {
  return !mirror.adopted && mirror.discoveredBy === project.uid;
}

/** The mirror of a pool that is kept up to date and owns its workloads: the oldest declared one, else the oldest. */
export function keeperOf(oldestFirst: readonly PoolRecord[]): PoolRecord | undefined {
  const mirrors = oldestFirst.filter((mirror) => !mirror.deleting);
  return mirrors.find(isDeclared) ?? mirrors[0];
}

/** Mirrors that outlive their project: the garbage collector takes the others. */
function ownerless(w: PoolWorld): readonly PoolRecord[] {
  return alive(w).filter((mirror) => isDeclared(mirror) || mirror.ownerUID === undefined);
}

function discoveredPool(w: Connected): ModelArtsPool {
  const owner = ownerOf(w);
  return {
    apiVersion,
    kind: 'ModelArtsPool',
    metadata: {
      namespace: w.namespace,
      name: poolObjectName(w.poolName, w.projectName, w.nameTaken),
      labels: mirrorLabels(w.projectName),
      annotations: { [annotations.discoveredBy]: w.project.uid },
      ...(owner === undefined ? {} : { ownerReferences: [{ ...owner }] }),
    },
    spec: { projectRef: { name: w.projectName }, poolName: w.poolName },
  };
}

/** With `policy: Retain` a pool outlives its project, and so must have no owner. */
function ownerOf({ project }: Connected): OwnerReference | undefined {
  if (project.spec.deletion.policy === 'Retain') return undefined;
  return {
    apiVersion,
    kind: 'ModelArtsProject',
    name: project.name,
    uid: project.uid,
    controller: true,
    blockOwnerDeletion: false,
  };
}

/** What a person wrote keeps its metadata, but for an owner of ours that would take it along with the project. */
function wantedMetadata(w: Mirrored): MetadataPatch | undefined {
  const { keeper, project } = w;
  if (keeper.discoveredBy === undefined) return undefined;
  if (keeper.adopted) return metadataPatch(keeper, {}, undefined, project.uid);
  const patch = metadataPatch(keeper, mirrorLabels(w.projectName), ownerOf(w), project.uid);
  // Kept (Retain) from a project of the same name that was deleted since: this one's discovery continues it.
  const adoption =
    keeper.discoveredBy === project.uid ? {} : { annotations: { [annotations.discoveredBy]: project.uid } };
  return patch === undefined && keeper.discoveredBy === project.uid ? undefined : { ...patch, ...adoption };
}
