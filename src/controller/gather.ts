/** Puts together what a plan may know, from caches and observations. Reads memory only; "absent" is a value. */
import { withDefaults, type ModelArtsProject } from '../api/kinds/modelarts-project.ts';
import { sumAllocated } from '../mirror/allocated.ts';
import { poolCapacity } from '../mirror/capacity.ts';
import { poolObjectName, workloadObjectName } from '../mirror/identity.ts';
import { isDeclared, keeperOf } from '../mirror/pool.ts';
import type {
  PoolRecord,
  PoolWorld,
  ProjectView,
  ProjectWorld,
  ReadState,
  ResourceSpecRecord,
  WorkloadRecord,
  WorkloadWorld,
} from '../mirror/world.ts';
import { isStale, isUnjudged, readPartState, readState, worst, type HealthLimits } from './health.ts';
import { isProjectOwned, versionUpstream } from './gather-version.ts';
import type { MirrorKey } from './keys.ts';
import type { ProjectState } from './project-state.ts';
import { settingsOf } from './settings.ts';

/** The index that every mirror store has: `<namespace>/<project>/<identity>`. */
export const byIdentity = 'identity';
/** … and by `<namespace>/<project>`. */
export const byProject = 'project';
/** … and workloads by `<namespace>/<project>/<poolName>`. */
export const byPool = 'pool';
/** … and those that are training-job versions by `<namespace>/<project>`. */
export const byVersions = 'versions';

interface Cached<E> {
  get(namespace: string, name: string): E | undefined;
  byIndex(index: string, value: string): readonly E[];
}

/** What the store of projects keeps: few, so whole. */
export interface ProjectEntry {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: ModelArtsProject;
}

export interface Sources {
  readonly projects: Cached<ProjectEntry>;
  readonly pools: Cached<PoolRecord>;
  readonly workloads: Cached<WorkloadRecord>;
  readonly resourceSpecs: Cached<ResourceSpecRecord>;
  /** What reading the project has shown; absent while nothing reads it. */
  readonly state: (namespace: string, project: string) => ProjectState | undefined;
  /** Status paths that the installed CRD of a kind prunes. */
  readonly pruned: (kind: MirrorKey['kind']) => ReadonlySet<string>;
}

export interface Now {
  /** Wall and monotonic milliseconds. */
  readonly now: number;
  readonly monotonic: number;
}

type PoolKey = Extract<MirrorKey, { kind: 'pool' }>;
type WorkloadKey = Extract<MirrorKey, { kind: 'workload' }>;
type ProjectKey = Extract<MirrorKey, { kind: 'project' }>;

export function projectView(entry: ProjectEntry): ProjectView {
  const { metadata, spec } = entry.object;
  return {
    namespace: entry.namespace,
    name: entry.name,
    uid: entry.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    spec: withDefaults(spec),
  };
}

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
  const held = known
    ? sumAllocated([...state.workloads.rowsOf(poolName)].map(({ facts }) => facts))
    : undefined;
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
function ownReads(poolName: string, state: ProjectState, monotonic: number): ReadState[] {
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

export function gatherWorkload(key: WorkloadKey, sources: Sources, { now }: Now): WorkloadWorld {
  const { namespace, project, source, uid } = key;
  const entry = sources.projects.get(namespace, project);
  const state = sources.state(namespace, project);
  const mirrors = oldestFirst(
    sources.workloads.byIndex(byIdentity, `${namespace}/${project}/${source}/${uid}`),
  );
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

export function gatherProject(
  key: ProjectKey,
  sources: Sources,
  { now, monotonic }: Now,
): ProjectWorld | undefined {
  const { namespace, project } = key;
  const entry = sources.projects.get(namespace, project);
  if (!entry) return undefined;
  const state = sources.state(namespace, project);
  const value = `${namespace}/${project}`;
  const settings = state?.settings ?? settingsOf(withDefaults(entry.object.spec));
  return {
    now,
    object: entry.object,
    ...(state?.configuration && { configuration: state.configuration }),
    ...(state?.authentication && { authentication: state.authentication }),
    read: projectRead(entry, state, monotonic),
    partial: state ? partialFailures(state, monotonic) : [],
    ...blockedIn(state),
    counts: {
      pools: sources.pools.byIndex(byProject, value).length,
      workloads: sources.workloads.byIndex(byProject, value).length,
      resourceSpecs: sources.resourceSpecs.byIndex(byProject, value).length,
    },
    apiFeatures: state?.apiFeatures,
    effective: {
      poolIntervalMs: state?.poolIntervalMs ?? settings.poolIntervalMs,
      workloadIntervalMs: state?.workloadIntervalMs ?? settings.workloadIntervalMs,
      stretched: (state?.stretch ?? 1) > 1,
    },
    ...(state?.lastSyncAt !== undefined && { lastSyncAt: state.lastSyncAt }),
    ...(state?.refusedSecretVersion !== undefined && { refusedSecretVersion: state.refusedSecretVersion }),
    ...(state?.handledReconcileAt !== undefined && { handledReconcileAt: state.handledReconcileAt }),
    pruned: sources.pruned('project'),
  };
}

function projectRead(entry: ProjectEntry, state: ProjectState | undefined, monotonic: number): ReadState {
  if (entry.object.spec.suspend === true) return { is: 'suspended' };
  if (!state) return { is: 'pending' };
  const read = readState(state.connectionHealth, monotonic, poolLimits(state));
  // Reading works, but what it shows of the whole is not known before each pool was read again.
  if (read.is === 'complete' && hasUnjudged(state, monotonic))
    return { is: 'partial', issues: [], announce: false, stale: false };
  return read;
}

function hasUnjudged(state: ProjectState, monotonic: number): boolean {
  return [...state.poolHealth.values()].some((health) => {
    const read = readState(health, monotonic, workloadLimits(state));
    return read.is === 'failing' && read.announce && isUnjudged(health, state.connectionHealth);
  });
}

/** What fails while the rest works, each said only when it is announced. Sorted, so that the same trouble gives the same bytes. */
function partialFailures(state: ProjectState, monotonic: number): readonly string[] {
  const parts: string[] = [];
  const say = (what: string, read: ReadState): void => {
    if (read.is === 'failing' && read.announce) parts.push(`${what}: ${read.message}`);
    if (read.is === 'partial')
      parts.push(`${what}: ${read.issues[0]?.path ?? 'a part'} could not be decoded`);
  };
  for (const [workspace, health] of state.listHealth) {
    say(`workspace ${workspace}`, readState(health, monotonic, poolLimits(state)));
  }
  for (const { poolName, detailHealth } of state.pools.values()) {
    if (state.poolHealth.has(poolName) || detailHealth !== undefined)
      say(`pool ${poolName}`, worst(ownReads(poolName, state, monotonic)));
  }
  for (const { what, readState: readOptional } of state.optional.values()) {
    say(what, readOptional(monotonic));
  }
  return parts.sort();
}

/** One set at a time can be released: that of the pools comes first. */
function blockedIn(state: ProjectState | undefined): Pick<ProjectWorld, 'blocked'> {
  const blocked = state?.blocked ?? state?.resourceSpecs.blocked;
  return blocked === undefined ? {} : { blocked };
}

const poolLimits = (state: ProjectState): HealthLimits => ({
  intervalMs: state.poolIntervalMs,
  maxStalenessMs: state.settings.maxStalenessMs,
});

const workloadLimits = (state: ProjectState): HealthLimits => ({
  intervalMs: state.workloadIntervalMs,
  maxStalenessMs: state.settings.maxStalenessMs,
});

export function oldestFirst<E extends { readonly createdAt: number; readonly name: string }>(
  records: readonly E[],
): readonly E[] {
  return [...records].sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
}
