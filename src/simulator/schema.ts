import Type, { type Static } from 'typebox';
import { Dialect } from './dialect.ts';
import { FaultRule } from './fault-rule.ts';
import { word } from './words.ts';

const closed = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 128 });
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 });
const Weight = Type.Number({ minimum: 0 });
/** `90s`, `5m`, `1h30m`, `250ms`, `7d`: simulated time, unless said. */
const DurationText = Type.String({ pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$' });
const Words = Type.Record(Type.String(), Type.String());
/** A JSON merge patch laid over what the simulator sends: any oddity that no dialect names. */
const Wire = Type.Record(Type.String(), Type.Unknown());
/** A pool's id, `<project id>/<pool id>` where several projects have that id, or its display name where only one has it. */
const PoolRef = Type.String({ minLength: 1, maxLength: 200 });

export const JobType = word('train', 'infer', 'notebook', 'x-infer');
export type JobType = Static<typeof JobType>;
const JobStatus = word(
  'Queue',
  'Pending',
  'Creating',
  'Running',
  'Abnormal',
  'Terminating',
  'Completed',
  'Terminated',
  'Failed',
);
export type JobStatus = Static<typeof JobStatus>;
export const JobOutcome = word('Completed', 'Terminated', 'Failed');
export type JobOutcome = Static<typeof JobOutcome>;
export const DriverKind = word('gpu', 'npu');
export type DriverKind = Static<typeof DriverKind>;

export const PoolResourceSpec = Type.Object(
  {
    flavor: Name,
    count: Count,
    maxCount: Type.Optional(Count),
    /** Nodes by availability zone; left out, all are in the project's first. */
    azs: Type.Optional(Type.Record(Type.String(), Count)),
    nodePool: Type.Optional(Name),
  },
  closed,
);
export type PoolResourceSpec = Static<typeof PoolResourceSpec>;

export const JobSpec = Type.Object(
  {
    type: Type.Optional(JobType),
    /** The name that the user typed (`jobName`). */
    name: Type.Optional(Name),
    uid: Type.Optional(Name),
    jobUUID: Type.Optional(Name),
    /** Cards on each node; 0 asks for CPU only. Default 1 where the pool has cards. */
    cards: Type.Optional(Count),
    nodes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
    /** Job flavor; text only. */
    flavor: Type.Optional(Name),
    user: Type.Optional(Name),
    /** Time from Running to its end; left out, it runs until it is finished or stopped. */
    duration: Type.Optional(DurationText),
    outcome: Type.Optional(word('Completed', 'Failed')),
    /**
     * A status to begin in, without waiting for it. A job that begins placed takes nodes where there is room for it;
     * one that begins ended is history: `age` ago created, `duration` long.
     */
    status: Type.Optional(JobStatus),
    /** How long ago it was created. */
    age: Type.Optional(DurationText),
    wire: Type.Optional(Wire),
  },
  closed,
);
export type JobSpec = Static<typeof JobSpec>;

export const LoadSpec = Type.Object(
  {
    /** Mean number of new jobs a simulated minute (a Poisson stream). 0: none. */
    arrivalsPerMinute: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000 })),
    /** Relative weights. Default train 6, notebook 2, infer 1. */
    types: Type.Optional(
      Type.Object(
        {
          train: Type.Optional(Weight),
          infer: Type.Optional(Weight),
          notebook: Type.Optional(Weight),
          'x-infer': Type.Optional(Weight),
        },
        closed,
      ),
    ),
    /** Bounds of running time; lengths are spread evenly over the logarithm. Default 2m to 40m. */
    duration: Type.Optional(Type.Object({ min: DurationText, max: DurationText }, closed)),
    /** Shares of jobs that fail, and that are stopped by their user. Default 0.05 and 0.03. */
    failureRate: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    stopRate: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Cards that a job may ask for, on each node. Default 1, 2, 4, 8 as far as a node has them. */
    cards: Type.Optional(Type.Array(Count, { minItems: 1, maxItems: 32 })),
    /** Jobs there at the start: submitted, and so running as far as there is room, the rest queued. */
    backlog: Type.Optional(Count),
    /** Jobs that had ended before the start. */
    finished: Type.Optional(Count),
    /** How far back those reach. Default 7d. */
    finishedSpan: Type.Optional(DurationText),
  },
  closed,
);
export type LoadSpec = Static<typeof LoadSpec>;

export const PoolSpec = Type.Object(
  {
    /** The display name; need not be unique. */
    name: Name,
    /** `metadata.name`; made up from the name and the seed when left out. */
    id: Type.Optional(Type.String({ pattern: '^[a-z]([a-z0-9-]*[a-z0-9])?$', maxLength: 63 })),
    type: Type.Optional(word('Dedicate', 'Logical')),
    /** Parent pool of a logical one (an id). */
    parent: Type.Optional(Name),
    workspace: Type.Optional(Name),
    description: Type.Optional(Type.String()),
    scopes: Type.Optional(Type.Array(word('Train', 'Infer', 'Notebook'))),
    resources: Type.Array(PoolResourceSpec, { maxItems: 50 }),
    network: Type.Optional(Name),
    jobFlavors: Type.Optional(Type.Array(Name)),
    driver: Type.Optional(
      Type.Object(
        {
          gpu: Type.Optional(Name),
          npu: Type.Optional(Name),
          updateStrategy: Type.Optional(word('force', 'idle')),
        },
        closed,
      ),
    ),
    controlMode: Type.Optional(Type.Integer()),
    billing: Type.Optional(word('payPerUse', 'subscription')),
    labels: Type.Optional(Words),
    annotations: Type.Optional(Words),
    /** How long ago the pool was created. Default 30d. */
    age: Type.Optional(DurationText),
    /** A pool of the old generation: known to the v1 calls by its id and to no v2 call. */
    legacy: Type.Optional(Type.Boolean()),
    /** Ended jobs stay in the list for so long. Default 7d. */
    retention: Type.Optional(DurationText),
    load: Type.Optional(LoadSpec),
    jobs: Type.Optional(Type.Array(JobSpec)),
    dialect: Type.Optional(Dialect),
    wire: Type.Optional(Wire),
  },
  closed,
);
export type PoolSpec = Static<typeof PoolSpec>;

export const WorkspaceSpec = Type.Object(
  {
    id: Name,
    name: Type.Optional(Name),
    authType: Type.Optional(word('PUBLIC', 'PRIVATE', 'INTERNAL')),
    /** Closed to every credential: reading it is refused with 403. */
    closed: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type WorkspaceSpec = Static<typeof WorkspaceSpec>;

export const ResourceSpecSpec = Type.Object(
  {
    code: Name,
    jobTypes: Type.Optional(Type.Array(word('train', 'inference'))),
    cores: Type.Integer({ minimum: 1 }),
    memoryGiB: Type.Integer({ minimum: 1 }),
    gpus: Type.Optional(Count),
    gpuType: Type.Optional(Type.String()),
    maxNodes: Type.Optional(Count),
    soldOut: Type.Optional(Type.Boolean()),
    wire: Type.Optional(Wire),
  },
  closed,
);
export type ResourceSpecSpec = Static<typeof ResourceSpecSpec>;

export const ProjectSpec = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9_-]{32,36}$' }),
    name: Type.Optional(Name),
    domain: Type.Optional(Name),
    azs: Type.Optional(Type.Array(Name, { minItems: 1 })),
    /** Values of X-Auth-Token that never expire. */
    tokens: Type.Optional(Type.Array(Name)),
    users: Type.Optional(Type.Array(Type.Object({ name: Name, password: Name }, closed))),
    keys: Type.Optional(
      Type.Array(
        Type.Object({ accessKey: Name, secretKey: Name, securityToken: Type.Optional(Name) }, closed),
      ),
    ),
    /** Life of a token that IAM gives out. Default 24h. */
    tokenLifetime: Type.Optional(DurationText),
    workspaces: Type.Optional(Type.Array(WorkspaceSpec)),
    /** Calls that this installation does not offer answer 404 APIGW.0101. Default: all are offered. */
    features: Type.Optional(
      Type.Object(
        {
          trainingJobVersions: Type.Optional(Type.Boolean()),
          resourceSpecs: Type.Optional(Type.Boolean()),
          workspaces: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
    /** How a token for another project is answered: the documents name three ways. */
    mismatch: Type.Optional(word('403', '404', '401')),
    resourceSpecs: Type.Optional(Type.Array(ResourceSpecSpec)),
    pools: Type.Optional(Type.Array(PoolSpec)),
    dialect: Type.Optional(Dialect),
  },
  closed,
);
export type ProjectSpec = Static<typeof ProjectSpec>;

/** What may change in a pool without a story of its own. */
export const PoolPatch = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Type.String()),
    workspace: Type.Optional(Name),
    controlMode: Type.Optional(Type.Integer()),
    labels: Type.Optional(Words),
    annotations: Type.Optional(Words),
    jobFlavors: Type.Optional(Type.Array(Name)),
    dialect: Type.Optional(Dialect),
    wire: Type.Optional(Wire),
    load: Type.Optional(LoadSpec),
  },
  closed,
);
export type PoolPatch = Static<typeof PoolPatch>;

const OnPool = <Shape extends Type.TProperties>(shape: Shape) =>
  Type.Object({ pool: PoolRef, ...shape }, closed);

/**
 * The language in which a scenario's timeline and the control API change the world: one object, one key, the arguments
 * of the operation of that name (see `WorldOperations`).
 */
export const Action = Type.Object(
  {
    addProject: Type.Optional(ProjectSpec),
    removeProject: Type.Optional(Type.Object({ project: Name }, closed)),
    addPool: Type.Optional(
      Type.Object(
        { project: Type.Optional(Name), pool: PoolSpec, gradually: Type.Optional(Type.Boolean()) },
        closed,
      ),
    ),
    removePool: Type.Optional(OnPool({ gradually: Type.Optional(Type.Boolean()) })),
    updatePool: Type.Optional(OnPool({ set: PoolPatch })),
    setPhase: Type.Optional(
      OnPool({
        phase: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
        message: Type.Optional(Type.String()),
      }),
    ),
    scalePool: Type.Optional(OnPool({ flavor: Name, count: Count, az: Type.Optional(Name) })),
    upgradeDriver: Type.Optional(
      OnPool({ kind: DriverKind, version: Name, strategy: Type.Optional(word('force', 'idle')) }),
    ),
    setDriverState: Type.Optional(OnPool({ kind: DriverKind, state: Name })),
    setScope: Type.Optional(OnPool({ scope: Name, state: Name })),
    failNode: Type.Optional(OnPool({ node: Type.Optional(Name) })),
    recoverNode: Type.Optional(OnPool({ node: Type.Optional(Name) })),
    addJob: Type.Optional(OnPool({ job: JobSpec })),
    finishJob: Type.Optional(OnPool({ job: Name, outcome: JobOutcome })),
    stopJob: Type.Optional(OnPool({ job: Name })),
    updateJob: Type.Optional(
      OnPool({ job: Name, priority: Type.Optional(Count), wire: Type.Optional(Wire) }),
    ),
    setJobStatus: Type.Optional(OnPool({ job: Name, status: Name })),
    removeJob: Type.Optional(OnPool({ job: Name })),
    setWorkspace: Type.Optional(
      Type.Object({ project: Type.Optional(Name), workspace: WorkspaceSpec }, closed),
    ),
    removeWorkspace: Type.Optional(Type.Object({ project: Type.Optional(Name), workspace: Name }, closed)),
    addToken: Type.Optional(Type.Object({ project: Type.Optional(Name), token: Name }, closed)),
    revokeTokens: Type.Optional(Type.Object({ project: Type.Optional(Name) }, closed)),
    setDialect: Type.Optional(Type.Object({ project: Type.Optional(Name), dialect: Dialect }, closed)),
    setSpecSoldOut: Type.Optional(
      Type.Object({ project: Type.Optional(Name), code: Name, soldOut: Type.Boolean() }, closed),
    ),
    fault: Type.Optional(FaultRule),
    clearFault: Type.Optional(Type.Object({ id: Type.Optional(Name) }, closed)),
  },
  { ...closed, minProperties: 1, maxProperties: 1 },
);
export type Action = Static<typeof Action>;

export const Scenario = Type.Object(
  {
    name: Type.Optional(Name),
    seed: Type.Optional(Type.Integer()),
    /** RFC 3339; left out, the time at which the simulator starts. */
    start: Type.Optional(Type.String({ format: 'date-time' })),
    /** Simulated seconds a real one. Default 1. */
    speed: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000 })),
    projects: Type.Array(ProjectSpec, { minItems: 1 }),
    /** What happens when: simulated time since the start, once or every so often. */
    events: Type.Optional(
      Type.Array(
        Type.Object(
          {
            at: DurationText,
            every: Type.Optional(DurationText),
            do: Type.Array(Action, { minItems: 1 }),
          },
          closed,
        ),
      ),
    ),
    faults: Type.Optional(Type.Array(FaultRule)),
  },
  closed,
);
export type Scenario = Static<typeof Scenario>;
