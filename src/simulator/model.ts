import type { Dialect } from './dialect.ts';
import type { Hardware } from './flavors.ts';
import type { JobIndex } from './job-index.ts';
import type { JobType, LoadSpec, PoolResourceSpec, ResourceSpecSpec, WorkspaceSpec } from './schema.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Times are world time, milliseconds since the epoch; 0 means not yet. */
export interface SimJob {
  readonly uid: string;
  readonly jobUUID: string;
  /** Order of arrival in the pool. */
  readonly order: number;
  readonly type: JobType;
  readonly objectName: string;
  readonly jobName: string;
  readonly user: string;
  readonly flavor: string;
  /** v1 `version_id`. */
  readonly versionID: number;
  readonly nodeCount: number;
  /** On each node. */
  readonly need: {
    readonly cpuMilli: number;
    readonly memoryMi: number;
    readonly cards: number;
    readonly card: string;
  };
  readonly createdAt: number;
  /** Running time in milliseconds; null runs until it is stopped. */
  readonly durationMs: number | null;
  readonly outcome: 'Completed' | 'Failed' | 'Terminated';
  priority: number;
  status: string;
  startedAt: number;
  endedAt: number;
  /** Where it is placed; kept after its end. */
  hosts: SimNode[];
  /** True while it holds its share of `hosts`. */
  placed: boolean;
  /** The step that comes next; paused while one of its nodes is abnormal. */
  step: { at: number; run: () => void; cancel: () => void } | null;
  paused: { status: string; remaining: number; run: (() => void) | null; giveUp: () => void } | null;
  wire: Record<string, unknown> | undefined;
}

export interface SimNode {
  readonly name: string;
  readonly ip: string;
  readonly flavor: string;
  readonly nodePool: string | undefined;
  readonly az: string;
  readonly hardware: Hardware;
  readonly createdAt: number;
  phase: 'Creating' | 'Available' | 'Abnormal' | 'Deleting';
  free: { cpuMilli: number; memoryMi: number; cards: number };
  readonly jobs: Set<SimJob>;
  driverVersion: string;
  /** Its driver is being replaced. */
  upgrading: boolean;
  /** Takes no new job: it is to be upgraded or taken away. */
  cordoned: boolean;
  /** To be taken away as soon as it is idle. */
  retiring: boolean;
}

export interface SimDriver {
  version: string;
  state: string;
  desired: string;
  /** True from the wish for another version until every node has it. */
  upgrading: boolean;
}

export interface SimPoolEvent {
  readonly at: number;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface SimPool {
  readonly id: string;
  readonly projectID: string;
  readonly type: 'Dedicate' | 'Logical';
  readonly parent: string;
  readonly createdAt: number;
  readonly legacy: boolean;
  readonly network: string;
  readonly billing: 'payPerUse' | 'subscription';
  readonly retentionMs: number;
  /** The first v1 `version_id` of its jobs. */
  readonly versionBase: number;
  readonly random: SeededRandom;
  readonly azs: readonly string[];
  displayName: string;
  workspace: string;
  description: string;
  controlMode: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  jobFlavors: readonly string[];
  /** spec.resources: what is wanted. */
  resources: PoolResourceSpec[];
  scopes: { scopeType: string; state: string }[];
  drivers: { gpu?: SimDriver; npu?: SimDriver };
  updateStrategy: 'force' | 'idle';
  /** `Creating` until its first nodes are there, `Deleting` from its removal on. */
  life: 'Creating' | 'Ready' | 'Deleting' | 'Gone';
  phase: string;
  message: string;
  /** A phase that an operation holds. */
  heldPhase: { phase: string; message: string } | null;
  nodes: SimNode[];
  nodeNumber: number;
  /** As last told by an event. */
  nodeCounts: string;
  readonly jobs: JobIndex;
  /** Waiting jobs, next first. */
  queue: SimJob[];
  jobNumber: number;
  events: SimPoolEvent[];
  load: LoadSpec;
  /** Ends the stream of arrivals. */
  stopLoad: () => void;
  dialect: Dialect;
  wire: Record<string, unknown> | undefined;
}

export interface SimProject {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly azs: readonly [string, ...string[]];
  readonly users: readonly { readonly name: string; readonly password: string }[];
  readonly keys: readonly {
    readonly accessKey: string;
    readonly secretKey: string;
    readonly securityToken?: string;
  }[];
  readonly tokenLifetimeMs: number;
  readonly features: {
    readonly trainingJobVersions: boolean;
    readonly resourceSpecs: boolean;
    readonly workspaces: boolean;
  };
  readonly mismatch: '403' | '404' | '401';
  readonly createdAt: number;
  /** Token to the time it ends; static ones never end. */
  readonly tokens: Map<string, number>;
  readonly workspaces: Map<string, WorkspaceSpec>;
  readonly resourceSpecs: ResourceSpecSpec[];
  readonly pools: Map<string, SimPool>;
  dialect: Dialect;
}

/** What the parts of the world need of the whole. */
export interface Surroundings {
  now(): number;
  /** Runs once after `ms` of world time; returns a cancel function. */
  after(ms: number, run: () => void): () => void;
  /** To be called after any change in a pool: lets queue, drivers, nodes and phase follow. */
  settle(pool: SimPool): void;
}

export const terminalStatuses: ReadonlySet<string> = new Set(['Completed', 'Terminated', 'Failed']);
