import { poolCapacity } from '../mirror/capacity.ts';
import { poolObjectName } from '../mirror/identity.ts';
import { isDeclared } from '../mirror/pool.ts';
import type { PoolRecord, PoolWorld, ReadState } from '../mirror/world.ts';
import {
  byIdentity,
  byPool,
  oldestFirst,
  poolLimits,
  projectView,
  workloadLimits,
  type Now,
  type ProjectEntry,
  type Sources,
} from './gather.ts';
import { isStale, readPartState, readState, worst } from './health.ts';
import type { MirrorKey } from './keys.ts';
import type { ProjectState } from './project-state.ts';

type PoolKey = Extract<MirrorKey, { kind: 'pool' }>;

/** What a plan may know of one pool. */
export function gatherPool(key: PoolKey, sources: Sources, { now, monotonic }: Now): PoolWorld {
  const { namespace, project, poolName } = key;
  const entry = sources.projects.get(namespace, project);
  const state = sources.state(namespace, project);
  const mirrors = oldestFirst(sources.pools.byIndex(byIdentity, `${namespace}/${project}/${poolName}`));
  const name = poolObjectName(poolName, project, false);
  const holder = sources.pools.get(namespace, name);
  const handled = state?.poolHandledReconcileAt.get(poolName);
  return {
    now,
    namespace,
    projectName: project,
    poolName,
    ...(entry && { project: projectView(entry) }),
    mirrors,
    nameTaken: holder !== undefined && (holder.project !== project || holder.poolName !== poolName),
    upstream: poolUpstream(poolName, state, mirrors, monotonic),
    read: poolRead(poolName, entry, state, mirrors, monotonic),
    workloads:
      mirrors.length > 1 || state?.pools.get(poolName)?.gone === true
        ? workloadsOwnedByDoomed(mirrors, sources, `${namespace}/${project}/${poolName}`)
        : 0,
    ...(handled !== undefined && { handledReconcileAt: handled }),
    pruned: sources.pruned('pool'),
  };
}

function poolUpstream(
  poolName: string,
  state: ProjectState | undefined,
  mirrors: readonly PoolRecord[],
  monotonic: number,
): PoolWorld['upstream'] {
  const seen = state?.pools.get(poolName);
  if (!state || !seen) return { is: 'unread' };
  if (seen.gone || seen.absences > 0) {
    return { is: 'absent', confirmed: seen.gone, blocked: state.isHeldBack(poolName) };
  }
  if (!seen.facts) return { is: 'unread' };
  // A mirror is made only from a list that works: what a person deleted while it fails stays away until it does.
  const list = state.listHealth.get(seen.facts.workspaceID);
  if (mirrors.length === 0 && list !== undefined && list.failures > 0) return { is: 'unread' };
  const selected = state.selects(seen);
  if (selected === 'unproven' && !mirrors.some(isDeclared)) return { is: 'unread' };
  const { statistics, activeComplete } = state.workloads.find(poolName) ?? {};
  const { mode, types } = state.view.spec.workloads;
  const known = activeComplete === true && mode !== 'None' && types === undefined;
  const held = known ? state.workloads.allocatedIn(poolName) : undefined;
  const source = state.capacitySourceOf(poolName, monotonic);
  return {
    is: 'present',
    facts: seen.facts,
    selected: selected === 'yes',
    ...(statistics && { statistics }),
    ...poolCapacity({
      source,
      pool: seen.facts,
      shared: state.pools.isParent(poolName),
      ...(held && { held }),
    }),
    capacityPending: source.is === 'pending',
  };
}

/** The worst of what is known about reading this pool: its project, its workspace's list, itself, its workloads. */
function poolRead(
  poolName: string,
  entry: ProjectEntry | undefined,
  state: ProjectState | undefined,
  mirrors: readonly PoolRecord[],
  monotonic: number,
): ReadState {
  if (entry?.object.spec.suspend === true) return { is: 'suspended' };
  if (!state) return { is: 'pending' };
  if (state.configuration) {
    const { reason, message } = state.configuration;
    return {
      is: 'failing',
      reason: reason === 'EndpointNotAllowed' || reason === 'InvalidSpec' ? 'BadRequest' : 'Unauthorized',
      message,
      announce: true,
      stale: isStale(state.connectionHealth, monotonic, poolLimits(state)),
    };
  }
  const seen = state.pools.get(poolName);
  const workspace =
    seen?.facts?.workspaceID ?? mirrors.find(({ status }) => status.workspaceID)?.status.workspaceID;
  const list = workspace === undefined ? undefined : state.listHealth.get(workspace);
  const states = [
    readState(state.connectionHealth, monotonic, poolLimits(state)),
    ...(list ? [withoutIssues(readState(list, monotonic, poolLimits(state)))] : []),
    ...ownReads(poolName, state, monotonic),
  ];
  if (!seen?.facts || !state.poolHealth.has(poolName)) states.push({ is: 'pending' });
  return worst(states);
}

/** How reading the pool itself and its workloads stands. */
export function ownReads(poolName: string, state: ProjectState, monotonic: number): ReadState[] {
  const seen = state.pools.get(poolName);
  const own = state.poolHealth.get(poolName);
  const states: ReadState[] = [];
  if (own) states.push(readPartState(own, state.connectionHealth, monotonic, workloadLimits(state)));
  if (seen?.detailHealth) states.push(readState(seen.detailHealth, monotonic, poolLimits(state)));
  if (seen?.facts && seen.issues.length > 0)
    states.push({ is: 'partial', issues: seen.issues, announce: true, stale: false });
  return states;
}

/** What a list holds besides the pool is not the pool's trouble. */
function withoutIssues(read: ReadState): ReadState {
  return read.is === 'partial' ? { is: 'complete' } : read;
}

/** Workloads that would go with a mirror of this pool that is about to go. */
function workloadsOwnedByDoomed(mirrors: readonly PoolRecord[], sources: Sources, pool: string): number {
  const doomed = new Set(mirrors.filter((mirror) => mirror.discoveredBy !== undefined).map(({ uid }) => uid));
  if (doomed.size === 0) return 0;
  return sources.workloads
    .byIndex(byPool, pool)
    .filter(({ ownerUID }) => ownerUID !== undefined && doomed.has(ownerUID)).length;
}
