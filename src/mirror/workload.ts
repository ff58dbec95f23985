/**
 * What to do about one workload, given all that is known of it.
 *
 * How a mirror leaves:
 *
 *   seen active ─▶ seen ended: its end state is written first ─▶ stays for `minRetention`, and in the history after
 *   that ─▶ HistoryPruned
 *   absent from complete walks as often as asked ─▶ UpstreamGone, an ended one not before `minRetention`
 *   its pool is gone ─▶ UpstreamGone, before the pool's mirror
 */
import { parseDuration } from '../api/kinds/duration.ts';
import { apiVersion } from '../api/kinds/metadata.ts';
import type { ModelArtsWorkload, ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';
import type { Decision, OwnerReference } from './decision.ts';
import { digest } from './digest.ts';
import { mirrorLabels, workloadObjectName } from './identity.ts';
import { firstAnswer, metadataPatch, nothing, remove, wait, type Rule } from './plan.ts';
import { omitPaths } from './pruning.ts';
import { isTerminal } from './workload-phase.ts';
import { workloadStatus } from './workload-status.ts';
import type { ProjectView, WorkloadRecord, WorkloadWorld } from './world.ts';

export type WorkloadDecision = Decision<ModelArtsWorkload, ModelArtsWorkloadStatus>;
type WorkloadRule<W> = Rule<W, ModelArtsWorkload, ModelArtsWorkloadStatus>;

interface Connected extends WorkloadWorld {
  readonly project: ProjectView;
}

interface Mirrored extends Connected {
  readonly mirror: WorkloadRecord;
}

/** The one action that brings the mirror of a workload nearer to what is known. Total: it answers in any world. */
export function planWorkload(world: WorkloadWorld): WorkloadDecision {
  const { project } = world;
  if (project === undefined) return nothing('ProjectMissing');
  if (project.deleting) return nothing('BeingDeleted');
  if (project.spec.suspend) return nothing('Suspended');
  const connected: Connected = { ...world, project };
  const mirror = world.mirrors.find(({ deleting }) => !deleting);
  if (world.upstream.is === 'unread')
    return (mirror && leftPool({ ...connected, mirror })) ?? nothing('NotReadYet');
  if (mirror !== undefined) return firstAnswer(mirrored, { ...connected, mirror }) ?? nothing('InSync');
  if (world.mirrors.length > 0) return nothing('BeingDeleted');
  return firstAnswer(unmirrored, connected) ?? nothing('NotMirrored');
}

const excluded: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'excluded' ? remove('NotSelected', w.mirror) : undefined;

const poolGone: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'poolGone' ? remove('UpstreamGone', w.mirror) : undefined;

const goneButNotConfirmed: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'absent' && !w.upstream.confirmed
    ? wait('DeletionUnconfirmed', milliseconds(w.project.spec.polling.workloadInterval, 15_000))
    : undefined;

const goneTooMany: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'absent' && w.upstream.blocked ? nothing('DeletionBlocked') : undefined;

const gone: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'absent' ? (retained(w) ?? remove('UpstreamGone', w.mirror)) : undefined;

const outOfHistory: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'pruned' ? (retained(w) ?? remove('HistoryPruned', w.mirror)) : undefined;

/**
 * The row has left the selection. A job that ended is written in its end state first, and stays for a while; one that
 * did not end is none of what `workloads` asks for.
 */
const notSelected: WorkloadRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'present' || w.upstream.selected) return undefined;
  if (!isTerminal(w.upstream.facts.status)) return remove('NotSelected', w.mirror);
  return statusDiffers(w) ?? retained(w) ?? remove('HistoryPruned', w.mirror);
};

/** Its pool is another one now (a sub-pool's row was first seen under the parent), and spec does not change. */
const otherPool: WorkloadRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'present' || w.upstream.poolName === undefined) return undefined;
  return w.mirror.poolName === w.upstream.poolName ? undefined : remove('NotSelected', w.mirror);
};

const metadataDiffers: WorkloadRule<Mirrored> = (w) =>
  w.upstream.is === 'present' ? wantedMetadata(w) : undefined;

/** The pool that it named is gone, and would take it along: it may well be there still, and goes to the project. */
const leftPool: WorkloadRule<Mirrored> = (w) => (w.projectOwned === true ? wantedMetadata(w) : undefined);

function wantedMetadata(w: Mirrored): WorkloadDecision | undefined {
  const owner = ownerOf(w);
  if (owner === undefined) return undefined;
  const labels = mirrorLabels(w.projectName, w.mirror.poolName);
  const metadata = metadataPatch(w.mirror, labels, owner);
  return metadata && { do: 'object', reason: 'MetadataDiffers', name: w.mirror.name, metadata };
}

const statusDiffers: WorkloadRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'present') return undefined;
  const { facts, readAt } = w.upstream;
  const { queuePosition } = w.project.spec.workloads;
  const status = omitPaths(workloadStatus(w.mirror, { facts, readAt, queuePosition }), w.pruned);
  if (digest(status) === w.mirror.digest) return undefined;
  return { do: 'status', reason: 'StatusDiffers', name: w.mirror.name, status, events: [] };
};

const unmirroredRow: WorkloadRule<Connected> = (w) => {
  if (w.upstream.is !== 'present' || !w.upstream.selected) return undefined;
  const { poolName } = w.upstream;
  const owner = ownerOf(w);
  if (owner === undefined) return nothing('OwnerMissing');
  return {
    do: 'create',
    reason: 'NotMirrored',
    object: {
      apiVersion,
      kind: 'ModelArtsWorkload',
      metadata: {
        namespace: w.namespace,
        name: workloadObjectName(w.source, w.uid, w.projectName, w.nameTaken),
        labels: mirrorLabels(w.projectName, poolName),
        ownerReferences: [{ ...owner }],
      },
      spec: {
        projectRef: { name: w.projectName },
        source: w.source,
        uid: w.uid,
        ...(poolName === undefined ? {} : { poolName }),
      },
    },
  };
};

const mirrored = [
  excluded,
  poolGone,
  goneButNotConfirmed,
  goneTooMany,
  gone,
  outOfHistory,
  otherPool,
  notSelected,
  metadataDiffers,
  statusDiffers,
];
const unmirrored = [unmirroredRow];

/** An ended job stays for `minRetention` after its end, so that whoever waits for it can see how it ended. */
function retained(w: Mirrored): WorkloadDecision | undefined {
  const { phase, completionTime, phaseSince } = w.mirror;
  if (!isTerminal(phase)) return undefined;
  const end = completionTime ?? phaseSince;
  if (end === undefined) return undefined;
  const left = end + milliseconds(w.project.spec.workloads.history.minRetention, 600_000) - w.now;
  return left > 0 ? wait('MinRetention', left) : undefined;
}

/** The pool that owns it, or the project where the job has no pool; undefined while that owner is missing or leaving. */
function ownerOf(w: Connected): OwnerReference | undefined {
  const controller = { apiVersion, controller: true, blockOwnerDeletion: false };
  if (w.projectOwned === true || (w.upstream.is === 'present' && w.upstream.poolName === undefined)) {
    return { ...controller, kind: 'ModelArtsProject', name: w.project.name, uid: w.project.uid };
  }
  if (w.pool === undefined || w.pool.deleting) return undefined;
  return { ...controller, kind: 'ModelArtsPool', name: w.pool.name, uid: w.pool.uid };
}

function milliseconds(duration: string, fallback: number): number {
  return parseDuration(duration) ?? fallback;
}
