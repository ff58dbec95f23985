import { workloadObjectName } from '../mirror/identity.ts';
import { isDeclared, keeperOf } from '../mirror/pool.ts';
import type { WorkloadRecord, WorkloadWorld } from '../mirror/world.ts';
import { isProjectOwned, versionUpstream } from './gather-version.ts';
import { byIdentity, oldestFirst, projectView, type Now, type Sources } from './gather.ts';
import type { MirrorKey } from './keys.ts';
import type { ProjectState } from './project-state.ts';

type WorkloadKey = Extract<MirrorKey, { kind: 'workload' }>;

/** What a plan may know of one workload, or training-job version. */
export function gatherWorkload(key: WorkloadKey, sources: Sources, { now }: Now): WorkloadWorld {
  const { namespace, project, source, uid } = key;
  const entry = sources.projects.get(namespace, project);
  const state = sources.state(namespace, project);
  const mirrors = oldestFirst(mirrorsOf(key, sources));
  const isVersion = source === 'TrainingJobVersion';
  const named = isVersion ? state?.versions.row(uid)?.facts.namespace : state?.workloads.row(uid)?.pool;
  const poolName = named ?? mirrors[0]?.poolName;
  const pool =
    poolName === undefined
      ? undefined
      : keeperOf(oldestFirst(sources.pools.byIndex(byIdentity, `${namespace}/${project}/${poolName}`)));
  const holder = sources.workloads.get(namespace, workloadObjectName(source, uid, project, false));
  return {
    now,
    namespace,
    projectName: project,
    source,
    uid,
    ...(entry && { project: projectView(entry) }),
    ...(pool && {
      pool: { name: pool.name, uid: pool.uid, poolName: pool.poolName, deleting: pool.deleting },
    }),
    mirrors,
    nameTaken:
      holder !== undefined &&
      (holder.project !== project || holder.source !== source || holder.identity !== uid),
    ...(isVersion && { projectOwned: isProjectOwned(poolName, pool, state) }),
    upstream: isVersion
      ? versionUpstream(uid, poolName, pool, state)
      : workloadUpstream(uid, poolName, mirrors[0], pool !== undefined && isDeclared(pool), state),
    pruned: sources.pruned('workload'),
  };
}

/** Most are found by their name, which is their identity. */
function mirrorsOf(
  { namespace, project, source, uid }: WorkloadKey,
  { workloads }: Sources,
): WorkloadRecord[] {
  const named = workloads.get(namespace, uid);
  const others = workloads.byIndex(byIdentity, uid);
  return [...(named ? [named] : []), ...others].filter(
    (record) =>
      record.namespace === namespace &&
      record.project === project &&
      record.source === source &&
      record.identity === uid,
  );
}

function workloadUpstream(
  uid: string,
  poolName: string | undefined,
  mirror: WorkloadRecord | undefined,
  declared: boolean,
  state: ProjectState | undefined,
): WorkloadWorld['upstream'] {
  if (!state || state.view.spec.suspend) return { is: 'unread' };
  const { mode, types } = state.view.spec.workloads;
  const row = state.workloads.row(uid);
  const type = row?.facts.type ?? mirror?.type;
  if (mode === 'None' || (types && type !== undefined && !types.includes(type))) return { is: 'excluded' };
  const seen = poolName === undefined ? undefined : state.pools.get(poolName);
  if (seen?.gone === true && !state.isHeldBack(seen.poolName)) return { is: 'poolGone' };
  if (seen?.facts && !declared && state.selects(seen) === 'no') return { is: 'excluded' };
  const pool = poolName === undefined ? undefined : state.workloads.find(poolName);
  const absences = pool?.absences.get(uid)?.count ?? 0;
  if (pool && absences >= state.view.spec.deletion.confirmations) {
    return { is: 'absent', confirmed: true, blocked: pool.held };
  }
  if (row) {
    const { facts, readAt, selected, pool: owner } = row;
    // Ended, and the pass that read it has yet to look for its place in the history.
    if (selected === undefined) return { is: 'unread' };
    return { is: 'present', poolName: owner, facts, readAt, selected };
  }
  if (pool?.pruned.has(uid)) return { is: 'pruned' };
  return { is: 'unread' };
}
