import { resourceSpecObjectName } from '../mirror/identity.ts';
import type { ResourceSpecWorld } from '../mirror/world.ts';
import { byIdentity, oldestFirst, projectView, type Now, type Sources } from './gather.ts';
import type { MirrorKey } from './keys.ts';
import type { ProjectState } from './project-state.ts';

type ResourceSpecKey = Extract<MirrorKey, { kind: 'resourceSpec' }>;

/** What a plan may know of one resource specification. */
export function gatherResourceSpec(
  key: ResourceSpecKey,
  sources: Sources,
  { now, monotonic }: Now,
): ResourceSpecWorld {
  const { namespace, project, jobType, specID } = key;
  const entry = sources.projects.get(namespace, project);
  const state = sources.state(namespace, project);
  const holder = sources.resourceSpecs.get(
    namespace,
    resourceSpecObjectName(jobType, specID, project, false),
  );
  const read = state?.optional.get('resourceSpecs')?.readState(monotonic);
  return {
    now,
    namespace,
    projectName: project,
    jobType,
    specID,
    ...(entry && { project: projectView(entry) }),
    mirrors: oldestFirst(
      sources.resourceSpecs.byIndex(byIdentity, `${namespace}/${project}/${jobType}/${specID}`),
    ),
    nameTaken:
      holder !== undefined &&
      (holder.project !== project || holder.jobType !== jobType || holder.specID !== specID),
    upstream: upstreamOf(key, state),
    ...(read?.is === 'failing' && read.stale && { stale: read.message }),
    pruned: sources.pruned('resourceSpec'),
  };
}

function upstreamOf(
  { jobType, specID }: ResourceSpecKey,
  state: ProjectState | undefined,
): ResourceSpecWorld['upstream'] {
  if (!state || state.view.spec.suspend) return { is: 'unread' };
  const { mode, jobTypes } = state.view.spec.resourceSpecs;
  if (mode === 'Disabled' || !jobTypes.includes(jobType)) return { is: 'excluded' };
  const seen = state.resourceSpecs.get({ jobType, specID });
  if (!seen) return { is: 'unread' };
  if (seen.absences > 0) {
    const confirmed = seen.absences >= state.view.spec.deletion.confirmations;
    return { is: 'absent', confirmed, blocked: state.resourceSpecs.isHeldBack({ jobType, specID }) };
  }
  return seen.facts ? { is: 'present', facts: seen.facts } : { is: 'unread' };
}
