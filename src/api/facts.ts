/**
 * What ModelArts said, decoded: one shape whatever spelling the answer had. Everything upstream of these types
 * (modelarts/) knows the wire; everything downstream (mirror/, controller/) knows only these.
 *
 * Conventions: an absent field means that upstream did not say (missing, null and "" are the same); counts are
 * integers; quantities are Kubernetes quantity texts ("6.52Gi", "1"); times are RFC 3339 UTC texts with whole
 * seconds; durations are whole seconds. Words of upstream (phase, state, type, status) have the documented
 * spelling where they are known and are kept as sent where they are not.
 */

/** One part of an answer that could not be decoded and was left out. */
export interface DecodeIssue {
  /** Where in the answer, e.g. `items[3].status.driver.gpu.state`. */
  readonly path: string;
  /** In a list: the identity of the row that it stands in, where the row has one. */
  readonly item?: string;
  /** What was expected, e.g. `an integer`. */
  readonly expected: string;
  /** What stood there: printable, cut to 64 characters, never a secret. */
  readonly found: string;
}

export interface AzCount {
  readonly az: string;
  /** Nodes in that availability zone. */
  readonly count: number;
}

/** Nodes of one flavor (and node pool). Source: `spec.resources[]` and `status.resources.<state>[]` of a pool. */
export interface FlavorCount {
  readonly flavor: string;
  readonly nodePool?: string;
  /** Nodes. */
  readonly count: number;
  /** Nodes, the elastic upper bound. */
  readonly maxCount?: number;
  readonly azs: readonly AzCount[];
}

export interface DriverFacts {
  /** Version that runs now (`status.driver.<kind>.version`). */
  readonly version?: string;
  /** `status.driver.<kind>.state`: Creating, Upgrading, Running, Abnormal, or another word. */
  readonly state?: string;
  /** Version that is wanted (`spec.driver.gpuVersion` / `npuVersion`). */
  readonly desiredVersion?: string;
}

/** One pool. Sources: GET /v2/{project}/pools/{pool} and the rows of GET /v2/{project}/pools. */
export interface PoolFacts {
  /** `metadata.name`: the pool's immutable id, and the only thing that identifies it. */
  readonly id: string;
  /** Label `os.modelarts/name`; the id where it is missing. */
  readonly displayName: string;
  /** Label `os.modelarts/workspace.id`; "0" where it is missing. */
  readonly workspaceID: string;
  /** Milliseconds since the epoch, whole seconds, as all times here. */
  readonly creationTime?: number;
  /** `spec.type`: Dedicate, Logical, or another word. */
  readonly type?: string;
  readonly networkName?: string;
  readonly jobFlavors: readonly string[];
  /** Annotation `os.modelarts/description`. */
  readonly description?: string;
  /** Annotation `os.modelarts/billing.mode`, as sent: "0" pay per use, "1" yearly or monthly. */
  readonly billingMode?: string;
  /** Upstream labels, values as text, without those that must not be mirrored. */
  readonly labels: Readonly<Record<string, string>>;
  /** Upstream annotations, values as text, without those that must not be mirrored. */
  readonly annotations: Readonly<Record<string, string>>;
  /** `spec.scope[]`: job types that are wanted. */
  readonly desiredScopes: readonly string[];
  /** `status.scope[]`: what is. */
  readonly scopes: readonly { readonly type: string; readonly state?: string; readonly message?: string }[];
  /** `spec.resources[]`. */
  readonly desired: readonly FlavorCount[];
  /** `status.resources`, each state an array whatever was sent; rows as sent (not merged). */
  readonly resources: {
    readonly creating: readonly FlavorCount[];
    readonly available: readonly FlavorCount[];
    readonly abnormal: readonly FlavorCount[];
    readonly deleting: readonly FlavorCount[];
  };
  /** Absent for a pool without accelerators. */
  readonly gpuDriver?: DriverFacts;
  readonly npuDriver?: DriverFacts;
  /** `spec.driver.updateStrategy`: force or idle. */
  readonly driverUpdateStrategy?: string;
  /** `spec.controlMode`: bit mask, 0 where it is missing. */
  readonly controlMode: number;
  /** `status.phase`. */
  readonly phase?: string;
  readonly message?: string;
  /** `status.parent`, `status.root`: pool ids. */
  readonly parent?: string;
  readonly root?: string;
}

/**
 * One row of GET /v2/{project}/pools/{pool}/workloads, or of GET /v1/{project}/training-jobs/versions. Fields are asked for
 * by name: those that are kept (mirror/kept-facts.ts) answer most of them through getters, an absent one with undefined.
 */
export interface WorkloadFacts {
  /** Identity: `uid`, else `jobUUID`, else `namespace/name`; `version_id` of a training-job version. */
  readonly uid: string;
  /** Which of the three the identity is. */
  readonly identifiedBy: 'uid' | 'jobUUID' | 'name';
  /** `namespace`: the id of the pool that the row says it belongs to. */
  readonly namespace?: string | undefined;
  /** `name`: the cluster object's name. */
  readonly name?: string | undefined;
  /** `jobName`: what the user typed. */
  readonly jobName?: string | undefined;
  /** `jobUUID`: the id of the upper-layer job. */
  readonly jobID?: string | undefined;
  /** train, infer, notebook, x-infer, or another word. */
  readonly type?: string | undefined;
  /** Queue, Pending, Creating, Running, Abnormal, Terminating, Completed, Terminated, Failed, or another word. */
  readonly status?: string | undefined;
  readonly flavor?: string | undefined;
  readonly priority?: string | undefined;
  /** `group/version, Kind=Kind`. */
  readonly gvk?: string | undefined;
  /** Requests by resource name (cpu, memory, nvidia.com/gpu, huawei.com/ascend-1980, …), Kubernetes quantities. */
  readonly resources: Readonly<Record<string, string>>;
  /** True when an amount of `resourceRequirement` did not parse: a sum over workloads is then not known. */
  readonly resourcesIncomplete: boolean;
  /** Seconds in state Running so far (or in all). */
  readonly runningSeconds?: number | undefined;
  /** Seconds in the queue. */
  readonly pendingSeconds?: number | undefined;
  /** 1 is next. Absent where upstream gives none (negative) or where the job does not wait. */
  readonly queuePosition?: number | undefined;
  /** Milliseconds since the epoch, whole seconds, as all times here. */
  readonly creationTime?: number | undefined;
  readonly hostIPs: readonly string[];
  /** Rows of `nodes` where the answer has them. */
  readonly nodeCount?: number | undefined;
  /** `isDeleted`: a hint that the job is over. */
  readonly isDeleted: boolean;
  /** Of training-job versions only: `gpu_num` and `npu_num`, which do not say what kind of card. */
  readonly cards?: { readonly gpu: number; readonly npu: number } | undefined;
  /** Of training-job versions only, because they say it: no start or end needs to be derived. */
  readonly startTime?: number | undefined;
  readonly completionTime?: number | undefined;
  /** `version_desc`. */
  readonly description?: string | undefined;
  /** What the status says beyond its word. */
  readonly message?: string | undefined;
}

/** The same facts with other durations, each field one of its own: a spread does not see those that getters answer. */
export function withDurations(
  facts: WorkloadFacts,
  { runningSeconds, pendingSeconds }: Pick<WorkloadFacts, 'runningSeconds' | 'pendingSeconds'>,
): WorkloadFacts {
  return {
    uid: facts.uid,
    identifiedBy: facts.identifiedBy,
    namespace: facts.namespace,
    name: facts.name,
    jobName: facts.jobName,
    jobID: facts.jobID,
    type: facts.type,
    status: facts.status,
    flavor: facts.flavor,
    priority: facts.priority,
    gvk: facts.gvk,
    resources: facts.resources,
    resourcesIncomplete: facts.resourcesIncomplete,
    runningSeconds,
    pendingSeconds,
    queuePosition: facts.queuePosition,
    creationTime: facts.creationTime,
    hostIPs: facts.hostIPs,
    nodeCount: facts.nodeCount,
    isDeleted: facts.isDeleted,
    cards: facts.cards,
    startTime: facts.startTime,
    completionTime: facts.completionTime,
    description: facts.description,
    message: facts.message,
  } satisfies Record<keyof WorkloadFacts, unknown>;
}

/** Counts of one pool's workloads. Source: GET /v2/{project}/statistics/pools/{pool}/workloads. */
export interface StatisticsFacts {
  readonly total: number;
  /** Jobs by status word; words that are not documented are kept. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byType: readonly {
    readonly type: string;
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
  }[];
}

/** One row of GET /v1/{project}/workspaces. */
export interface WorkspaceFacts {
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
}

/** Amounts by resource name: cpu, memory, and cards by their resource name or, where that is not said, their model. */
export type Amounts = Readonly<Record<string, string>>;

/** One row of GET /v2/{project}/metrics/runtime/pools. Kubernetes quantities; absent where one did not decode. */
export interface RuntimeMetricsFacts {
  /** Id of the pool. */
  readonly id: string;
  /** `table.capacity.value`. */
  readonly capacity?: Amounts;
  /** `table.allocated.value`. */
  readonly allocated?: Amounts;
}

/** One row of GET /v1/{project}/resourceflavors. */
export interface ResourceFlavorFacts {
  readonly name: string;
  /** What one node has; absent where a part of it did not decode. */
  readonly resources?: Amounts;
}

/** A list answer: what decoded, and how many rows had no identity (an absence is then not proven). */
export interface ListFacts<T> {
  readonly items: readonly T[];
  readonly unidentified: number;
  /** Rows that the answer held, decoded or not: paging counts these. */
  readonly received: number;
}

/** A list answer that says how many rows there are in all. */
export interface CountedListFacts<T> extends ListFacts<T> {
  /** `total_count`, `spec_total_count`: a hint that pages may contradict. */
  readonly total?: number;
}

/** One row of GET /v1/{project}/job/resource-specs. Amounts are those of one node. */
export interface ResourceSpecFacts {
  /** `spec_id`, as text: it may be above 2^53. */
  readonly id: string;
  /** `spec_code`: the flavor. */
  readonly code?: string;
  /** `core`. */
  readonly cpuCores?: number;
  /** `cpu`, which is the memory: a number of GiB unless it names its unit. Kubernetes quantity. */
  readonly memory?: string;
  readonly gpuCount?: number;
  readonly gpuType?: string;
  /** `max_num`. */
  readonly maxNodes?: number;
  /** `unit_num`. */
  readonly pricingUnits?: number;
  /** `storage`, as sent: its unit is not documented. */
  readonly storage?: string;
  /** `interface_type`, whose meaning is not documented. */
  readonly interfaceType?: number;
  /** `no_resource`: nothing is left for new jobs. */
  readonly soldOut?: boolean;
}

/** The words that end a workload (reference 2.5). Any other word, known or not, is not terminal. */
export const terminalStatuses: readonly string[] = ['Completed', 'Terminated', 'Failed'];

/** The documented workload statuses that are not terminal. */
export const activeStatuses: readonly string[] = [
  'Queue',
  'Pending',
  'Creating',
  'Running',
  'Abnormal',
  'Terminating',
];

/** Job types that the workload API documents. */
export const workloadTypes: readonly string[] = ['train', 'infer', 'notebook', 'x-infer'];
