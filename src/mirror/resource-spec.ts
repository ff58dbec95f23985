/**
 * What to do about one resource specification, given all that is known of it.
 *
 * How a mirror leaves after ModelArts stopped listing it, one step a pass:
 *
 *   absent ─▶ confirmed, and not too many at once ─▶ Available=False/NotOffered ─▶ DELETE at the version of that write
 *
 * With `policy: Retain` the last step is left out.
 */
import { apiVersion } from '../api/kinds/metadata.ts';
import type {
  ModelArtsResourceSpec,
  ModelArtsResourceSpecStatus,
} from '../api/kinds/modelarts-resource-spec.ts';
import type { Decision, DecisionReason, OwnerReference } from './decision.ts';
import { sameContent } from './digest.ts';
import { mirrorLabels, resourceSpecObjectName } from './identity.ts';
import { firstAnswer, metadataPatch, nothing, remove, type Rule } from './plan.ts';
import { omitPaths } from './pruning.ts';
import { notOfferedStatus, offeredStatus, staleStatus } from './resource-spec-status.ts';
import { cutText } from './text.ts';
import type { ProjectView, ResourceSpecRecord, ResourceSpecWorld } from './world.ts';

export type ResourceSpecDecision = Decision<ModelArtsResourceSpec, ModelArtsResourceSpecStatus>;
type ResourceSpecRule<W> = Rule<W, ModelArtsResourceSpec, ModelArtsResourceSpecStatus>;

interface Connected extends ResourceSpecWorld {
  readonly project: ProjectView;
}

interface Mirrored extends Connected {
  readonly mirror: ResourceSpecRecord;
}

const longestCode = 128;

/** The one action that brings the mirror of a specification nearer to what is known. Total: it answers in any world. */
export function planResourceSpec(world: ResourceSpecWorld): ResourceSpecDecision {
  const { project } = world;
  if (project === undefined) return nothing('ProjectMissing');
  if (project.deleting) return nothing('BeingDeleted');
  if (project.spec.suspend) return nothing('Suspended');
  const connected: Connected = { ...world, project };
  const mirror = world.mirrors.find(({ deleting }) => !deleting);
  if (mirror !== undefined) return firstAnswer(mirrored, { ...connected, mirror }) ?? nothing('InSync');
  if (world.mirrors.length > 0) return nothing('BeingDeleted');
  return firstAnswer(unmirrored, connected) ?? nothing('NotMirrored');
}

const excluded: ResourceSpecRule<Mirrored> = (w) =>
  w.upstream.is === 'excluded' ? remove('NotSelected', w.mirror) : undefined;

const unread: ResourceSpecRule<Mirrored> = (w) =>
  w.upstream.is === 'unread' ? (staleOnly(w) ?? nothing('NotReadYet')) : undefined;

const goneButNotConfirmed: ResourceSpecRule<Mirrored> = (w) =>
  w.upstream.is === 'absent' && !w.upstream.confirmed
    ? (staleOnly(w) ?? nothing('DeletionUnconfirmed'))
    : undefined;

const goneTooMany: ResourceSpecRule<Mirrored> = (w) =>
  w.upstream.is === 'absent' && w.upstream.blocked ? (staleOnly(w) ?? nothing('DeletionBlocked')) : undefined;

const gone: ResourceSpecRule<Mirrored> = (w) => {
  if (w.upstream.is !== 'absent') return undefined;
  const retained = w.project.spec.deletion.policy === 'Retain';
  const said = status(w, retained ? 'Retained' : 'DeletionAnnounced', notOfferedStatus(w.mirror, w.now));
  return said ?? (retained ? nothing('Retained') : remove('UpstreamGone', w.mirror));
};

/** `specCode` is part of the spec, which is not rewritten: another code under the same id is another object. */
const otherCode: ResourceSpecRule<Mirrored> = (w) =>
  w.upstream.is === 'present' && specCodeOf(w) !== w.mirror.specCode
    ? remove('NotSelected', w.mirror)
    : undefined;

const metadataDiffers: ResourceSpecRule<Mirrored> = (w) => {
  const metadata = metadataPatch(w.mirror, mirrorLabels(w.projectName), ownerOf(w), w.project.uid);
  return metadata && { do: 'object', reason: 'MetadataDiffers', name: w.mirror.name, metadata };
};

const statusDiffers: ResourceSpecRule<Mirrored> = (w) =>
  w.upstream.is === 'present'
    ? status(w, 'StatusDiffers', offeredStatus(w.mirror, w.upstream.facts, w.stale, w.now))
    : undefined;

const offered: ResourceSpecRule<Connected> = (w) => {
  if (w.upstream.is !== 'present') return undefined;
  const owner = ownerOf(w);
  return {
    do: 'create',
    reason: 'NotMirrored',
    object: {
      apiVersion,
      kind: 'ModelArtsResourceSpec',
      metadata: {
        namespace: w.namespace,
        name: resourceSpecObjectName(w.jobType, w.specID, w.projectName, w.nameTaken),
        labels: mirrorLabels(w.projectName),
        ...(owner === undefined ? {} : { ownerReferences: [{ ...owner }] }),
      },
      spec: {
        projectRef: { name: w.projectName },
        jobType: w.jobType,
        specCode: specCodeOf(w),
        specID: w.specID,
      },
    },
  };
};

const mirrored = [
  excluded,
  unread,
  goneButNotConfirmed,
  goneTooMany,
  gone,
  otherCode,
  metadataDiffers,
  statusDiffers,
];
const unmirrored = [offered];

/** The id stands in where ModelArts says no code. */
function specCodeOf({ upstream, specID }: ResourceSpecWorld): string {
  const code = upstream.is === 'present' ? upstream.facts.code : undefined;
  return cutText(code ?? specID, longestCode);
}

function staleOnly(w: Mirrored): ResourceSpecDecision | undefined {
  return w.stale === undefined
    ? undefined
    : status(w, 'StatusDiffers', staleStatus(w.mirror, w.stale, w.now));
}

/** The write of this status to the mirror; undefined when it says so already. */
function status(
  w: Mirrored,
  reason: DecisionReason,
  wanted: ModelArtsResourceSpecStatus,
): ResourceSpecDecision | undefined {
  const next = omitPaths(wanted, w.pruned);
  if (sameContent(next, w.mirror.status)) return undefined;
  return { do: 'status', reason, name: w.mirror.name, status: next, events: [] };
}

/** With `policy: Retain` a specification outlives its project, and so must have no owner. */
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
