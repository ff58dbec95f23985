/** Worlds and facts for tests of planning: valid by default, so that a test shows only what it is about. */
import type { PoolFacts, WorkloadFacts } from '../../src/api/facts.ts';
import { withDefaults, type ModelArtsProject } from '../../src/api/kinds/modelarts-project.ts';
import { mirrorLabels } from '../../src/mirror/identity.ts';
import type {
  PoolRecord,
  PoolWorld,
  ProjectView,
  ProjectWorld,
  WorkloadRecord,
  WorkloadWorld,
  ReadState,
} from '../../src/mirror/world.ts';

/** A copy that lacks these fields: absent is not the same as undefined. */
export function without<T extends object, K extends keyof T>(value: T, ...keys: K[]): Omit<T, K> {
  const rest = { ...value };
  for (const key of keys) delete rest[key];
  return rest;
}

/** 2026-03-01T12:00:00Z */
export const noon = Date.parse('2026-03-01T12:00:00Z');
export const minute = 60_000;

const spec = withDefaults({
  endpoint: 'https://modelarts.example.com',
  projectID: '0123456789abcdef0123456789abcdef',
  credentials: { secretRef: { name: 'credentials' } },
});

export const aProject = (over: Partial<ProjectView> = {}): ProjectView => ({
  namespace: 'team',
  name: 'vision',
  uid: 'project-uid',
  deleting: false,
  spec,
  ...over,
});

/** A project whose spec differs from the defaults in these sections. */
export function aProjectWith(sections: {
  [K in keyof typeof spec]?: Partial<(typeof spec)[K]> | boolean;
}): ProjectView {
  const changed = Object.entries(sections).map(([name, section]) => [
    name,
    typeof section === 'object' ? { ...(spec[name as keyof typeof spec] as object), ...section } : section,
  ]);
  return aProject({ spec: { ...spec, ...Object.fromEntries(changed) } });
}

export const poolFacts = (over: Partial<PoolFacts> = {}): PoolFacts => ({
  id: 'pool-a',
  displayName: 'Pool A',
  workspaceID: '0',
  creationTime: Date.parse('2026-01-01T00:00:00Z'),
  type: 'Dedicate',
  jobFlavors: [],
  labels: {},
  annotations: {},
  desiredScopes: ['Train'],
  scopes: [{ type: 'Train', state: 'Enabled' }],
  desired: [{ flavor: 'gpu.t4', count: 2, azs: [{ az: 'az-1', count: 2 }] }],
  resources: {
    creating: [],
    available: [{ flavor: 'gpu.t4', count: 2, azs: [{ az: 'az-1', count: 2 }] }],
    abnormal: [],
    deleting: [],
  },
  gpuDriver: { version: '440.33', state: 'Running' },
  controlMode: 0,
  phase: 'Running',
  ...over,
});

/** A discovered mirror, not yet filled. */
export const aPoolMirror = (over: Partial<PoolRecord> = {}): PoolRecord => ({
  namespace: 'team',
  name: 'pool-a',
  uid: 'pool-uid',
  resourceVersion: '1',
  generation: 1,
  createdAt: noon - 60 * minute,
  deleting: false,
  project: 'vision',
  ownerUID: 'project-uid',
  labels: mirrorLabels('vision'),
  poolName: 'pool-a',
  discoveredBy: 'project-uid',
  adopted: false,
  status: {},
  ...over,
});

/** A mirror that a person wrote. */
export const aDeclaredMirror = (over: Partial<PoolRecord> = {}): PoolRecord => ({
  ...without(aPoolMirror({ name: 'mine', uid: 'mine-uid', labels: {} }), 'ownerUID', 'discoveredBy'),
  ...over,
});

/** One pool that ModelArts has and the cluster does not. */
export const aPoolWorld = (over: Partial<PoolWorld> = {}): PoolWorld => ({
  now: noon,
  namespace: 'team',
  projectName: 'vision',
  poolName: 'pool-a',
  project: aProject(),
  mirrors: [],
  nameTaken: false,
  upstream: { is: 'present', facts: poolFacts(), selected: true },
  read: { is: 'complete' },
  workloads: 0,
  pruned: new Set(),
  ...over,
});

export const workloadFacts = (over: Partial<WorkloadFacts> = {}): WorkloadFacts => ({
  uid: '5f1b2f66-0c1e-4d3c-9d5e-0a1b2c3d4e5f',
  identifiedBy: 'uid',
  namespace: 'pool-a',
  name: 'modelarts-job-1',
  jobName: 'train-1',
  type: 'train',
  status: 'Running',
  resources: { cpu: '8', 'nvidia.com/gpu': '8' },
  resourcesIncomplete: false,
  runningSeconds: 600,
  pendingSeconds: 120,
  creationTime: Date.parse('2026-03-01T11:45:00Z'),
  hostIPs: ['10.0.0.1'],
  isDeleted: false,
  ...over,
});

export const aWorkloadMirror = (over: Partial<WorkloadRecord> = {}): WorkloadRecord => ({
  namespace: 'team',
  name: '5f1b2f66-0c1e-4d3c-9d5e-0a1b2c3d4e5f',
  uid: 'workload-uid',
  resourceVersion: '1',
  generation: 1,
  createdAt: noon - 10 * minute,
  deleting: false,
  project: 'vision',
  ownerUID: 'pool-uid',
  labels: mirrorLabels('vision', 'pool-a'),
  poolName: 'pool-a',
  source: 'Workload',
  identity: '5f1b2f66-0c1e-4d3c-9d5e-0a1b2c3d4e5f',
  digest: 0,
  ...over,
});

/** One row that ModelArts has and the cluster does not. */
export const aWorkloadWorld = (over: Partial<WorkloadWorld> = {}): WorkloadWorld => ({
  now: noon,
  namespace: 'team',
  projectName: 'vision',
  source: 'Workload',
  uid: '5f1b2f66-0c1e-4d3c-9d5e-0a1b2c3d4e5f',
  project: aProject(),
  pool: { name: 'pool-a', uid: 'pool-uid', poolName: 'pool-a', deleting: false },
  mirrors: [],
  nameTaken: false,
  upstream: { is: 'present', poolName: 'pool-a', facts: workloadFacts(), readAt: noon, selected: true },
  pruned: new Set(),
  ...over,
});

export const aProjectObject = (over: Partial<ModelArtsProject> = {}): ModelArtsProject => ({
  apiVersion: 'modelarts-operator.dev/v1alpha1',
  kind: 'ModelArtsProject',
  metadata: { name: 'vision', namespace: 'team', uid: 'project-uid', generation: 1 },
  spec,
  ...over,
});

/** A project that is read without trouble and whose status is still empty. */
export const aProjectWorld = (over: Partial<ProjectWorld> = {}): ProjectWorld => ({
  now: noon,
  object: aProjectObject(),
  authentication: { accepted: true },
  read: { is: 'complete' },
  partial: [],
  counts: { pools: 1, workloads: 2, resourceSpecs: 0 },
  apiFeatures: {},
  effective: { poolIntervalMs: 30_000, workloadIntervalMs: 15_000, stretched: false },
  lastSyncAt: noon,
  pruned: new Set(),
  ...over,
});

/** Reading that goes well but for what an issue tells, and has for long enough to be said. */
export const readInPart = (over: Partial<ReadState & { is: 'partial' }> = {}): ReadState => ({
  is: 'partial',
  issues: [{ path: 'items', expected: 'a list', found: '{…}' }],
  announce: true,
  stale: false,
  ...over,
});

/** Reading that fails, and has for long enough to be said. */
export const failing = (over: Partial<ReadState & { is: 'failing' }> = {}): ReadState => ({
  is: 'failing',
  reason: 'Unreachable',
  message: 'ModelArts did not answer.',
  announce: true,
  stale: false,
  ...over,
});
