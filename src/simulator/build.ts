import { durationMs } from './duration.ts';
import { flavors, gpuCard, hardwareOf } from './flavors.ts';
import { JobIndex } from './job-index.ts';
import type { SimDriver, SimPool, SimProject } from './model.ts';
import { driverKindOf } from './node-life.ts';
import type { PoolSpec, ProjectSpec, ResourceSpecSpec } from './schema.ts';
import { SeededRandom } from './seeded-random.ts';

export const defaultWorkspace = '0';

/** A project as its scenario describes it, without its pools. */
export function buildProject(spec: ProjectSpec, now: number): SimProject {
  const workspaces = spec.workspaces ?? [];
  const [first = 'eu-de-01', ...rest] = spec.azs ?? ['eu-de-01', 'eu-de-02'];
  return {
    id: spec.id,
    name: spec.name ?? 'eu-de_demo',
    domain: spec.domain ?? 'EXAMPLE-DOMAIN',
    azs: [first, ...rest],
    users: spec.users ?? [],
    keys: spec.keys ?? [],
    tokenLifetimeMs: durationMs(spec.tokenLifetime ?? '24h'),
    features: { trainingJobVersions: true, resourceSpecs: true, workspaces: true, ...spec.features },
    mismatch: spec.mismatch ?? '403',
    createdAt: now,
    tokens: new Map((spec.tokens ?? []).map((token) => [token, Infinity])),
    workspaces: new Map(
      [{ id: defaultWorkspace, name: 'default' }, ...workspaces].map((workspace) => [
        workspace.id,
        { ...workspace },
      ]),
    ),
    resourceSpecs: (spec.resourceSpecs ?? defaultResourceSpecs()).map((row) => ({ ...row })),
    pools: new Map(),
    dialect: spec.dialect ?? {},
  };
}

/** A pool without nodes and jobs. Its chance is a stream of its own, so that pools do not disturb each other. */
export function buildPool(
  project: SimProject,
  spec: PoolSpec,
  options: { seed: number; now: number; gradually: boolean },
): SimPool {
  const random = new SeededRandom(options.seed, project.id, spec.id ?? spec.name);
  const { gradually } = options;
  const age = gradually ? 0 : durationMs(spec.age ?? '30d');
  const slug = spec.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20);
  return {
    id: spec.id ?? `pool-${slug === '' ? 'x' : slug.replace(/-$/, '')}-${random.hex(32)}`,
    projectID: project.id,
    type: spec.type ?? 'Dedicate',
    parent: spec.parent ?? '',
    createdAt: Math.floor((options.now - age) / 1000) * 1000,
    legacy: spec.legacy ?? false,
    network: spec.network ?? `network-${project.id.slice(0, 8)}`,
    billing: spec.billing ?? 'payPerUse',
    retentionMs: durationMs(spec.retention ?? '7d'),
    versionBase: 20_000 + 1_000_000 * project.pools.size,
    random,
    azs: project.azs,
    displayName: spec.name,
    workspace: spec.workspace ?? defaultWorkspace,
    description: spec.description ?? '',
    controlMode: spec.controlMode ?? 0,
    labels: { ...spec.labels },
    annotations: { ...spec.annotations },
    jobFlavors: spec.jobFlavors ?? [],
    resources: spec.resources.map((row) => ({ ...row })),
    scopes: (spec.scopes ?? ['Train', 'Infer', 'Notebook']).map((scopeType) => ({
      scopeType,
      state: gradually ? 'Enabling' : 'Enabled',
    })),
    drivers: buildDrivers(spec, gradually),
    updateStrategy: spec.driver?.updateStrategy ?? 'idle',
    life: gradually ? 'Creating' : 'Ready',
    phase: gradually ? 'Creating' : 'Running',
    message: '',
    heldPhase: null,
    nodes: [],
    nodeNumber: 0,
    nodeCounts: '0/0/0/0',
    jobs: new JobIndex(),
    queue: [],
    jobNumber: 0,
    events: [],
    load: spec.load ?? {},
    stopLoad: () => undefined,
    dialect: spec.dialect ?? {},
    wire: spec.wire,
  };
}

/** One driver for each kind of card that the pool's flavors have. */
function buildDrivers(spec: PoolSpec, gradually: boolean): SimPool['drivers'] {
  const kinds = new Set(spec.resources.map((row) => driverKindOf(hardwareOf(row.flavor).card)));
  const driver = (version: string): SimDriver => ({
    version,
    state: gradually ? 'Creating' : 'Running',
    desired: version,
    upgrading: false,
  });
  return {
    ...(kinds.has('gpu') || spec.driver?.gpu !== undefined
      ? { gpu: driver(spec.driver?.gpu ?? '470.57.02') }
      : {}),
    ...(kinds.has('npu') || spec.driver?.npu !== undefined ? { npu: driver(spec.driver?.npu ?? 'C78') } : {}),
  };
}

function defaultResourceSpecs(): ResourceSpecSpec[] {
  return [...flavors].map(([code, hardware]) => ({
    code,
    cores: hardware.cpuMilli / 1000,
    memoryGiB: hardware.memoryMi / 1024,
    gpus: hardware.card === gpuCard ? hardware.cards : 0,
    gpuType: hardware.card === gpuCard ? hardware.model : '',
    maxNodes: 4,
    soldOut: code === 'modelarts.bm.gpu.8v100',
  }));
}
