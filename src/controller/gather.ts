/**
 * What plans are put together from: caches and observations. The `gather-` files do it, one a kind: they read memory
 * only, and "absent" is a value.
 */
import {
  withDefaults,
  type ModelArtsProject,
  type ResolvedProjectSpec,
} from '../api/kinds/modelarts-project.ts';
import type { PoolRecord, ProjectView, ResourceSpecRecord, WorkloadRecord } from '../mirror/world.ts';
import type { HealthLimits } from './health.ts';
import type { MirrorKey } from './keys.ts';
import type { ProjectState } from './project-state.ts';

/**
 * The index that every mirror store has: `<namespace>/<project>/<identity>`. That of workloads has the identity alone, and leaves out
 * those that are named by it, which most are.
 */
export const byIdentity = 'identity';
/** … and by `<namespace>/<project>`. */
export const byProject = 'project';
/** … and workloads by `<namespace>/<project>/<poolName>`. */
export const byPool = 'pool';
/** … and those that are training-job versions by `<namespace>/<project>`. */
export const byVersions = 'versions';

export interface Cached<E> {
  get(namespace: string, name: string): E | undefined;
  byIndex(index: string, value: string): readonly E[];
  /** How many `byIndex` would give. */
  countByIndex(index: string, value: string): number;
}

/** What the store of projects keeps: few, so whole. */
export interface ProjectEntry {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: ModelArtsProject;
  /** Its spec with every default, filled in once: each plan for one of its mirrors asks for it. */
  readonly spec: ResolvedProjectSpec;
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

export function projectEntry(object: ModelArtsProject): ProjectEntry {
  const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
  return { namespace, name, uid, resourceVersion, object, spec: withDefaults(object.spec) };
}

export function projectView(entry: ProjectEntry): ProjectView {
  const { metadata } = entry.object;
  return {
    namespace: entry.namespace,
    name: entry.name,
    uid: entry.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    spec: entry.spec,
  };
}

export const poolLimits = (state: ProjectState): HealthLimits => ({
  intervalMs: state.poolIntervalMs,
  maxStalenessMs: state.settings.maxStalenessMs,
});

export const workloadLimits = (state: ProjectState): HealthLimits => ({
  intervalMs: state.workloadIntervalMs,
  maxStalenessMs: state.settings.maxStalenessMs,
});

export function oldestFirst<E extends { readonly createdAt: number; readonly name: string }>(
  records: readonly E[],
): readonly E[] {
  return [...records].sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
}
