/**
 * All that `plan()` may know about one mirror: a plain record that the controller gathers and the rules read. Absent
 * and unreadable are values here, never errors, and the clock is a field.
 */
import type {
  DecodeIssue,
  PoolFacts,
  ResourceSpecFacts,
  StatisticsFacts,
  WorkloadFacts,
} from '../api/facts.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import type {
  ModelArtsProject,
  ResolvedProjectSpec,
  ModelArtsProjectStatus,
} from '../api/kinds/modelarts-project.ts';
import type { ModelArtsResourceSpecStatus } from '../api/kinds/modelarts-resource-spec.ts';
import type { SyncReason } from '../api/reasons.ts';

/** How the reading of a project, or of one pool, stands. Debouncing and staleness are already applied (controller/health.ts). */
export type ReadState =
  /** Nothing was read since this process started. */
  | { readonly is: 'pending' }
  | { readonly is: 'suspended' }
  /** The last read was complete. */
  | { readonly is: 'complete' }
  /** The last read was complete but for parts that did not decode. */
  | {
      readonly is: 'partial';
      readonly issues: readonly DecodeIssue[];
      readonly announce: boolean;
      readonly stale: boolean;
    }
  | {
      readonly is: 'failing';
      readonly reason: SyncReason;
      /** For users: what failed and what to do; no times, no counters, nothing secret. */
      readonly message: string;
      /** Failing long enough that it is said (invariant 4); before that the mirror keeps what it says. */
      readonly announce: boolean;
      /** Failing so long that nothing is known any more: `Ready` becomes Unknown. */
      readonly stale: boolean;
    };

/** The owner of a mirror as plan() needs it. `spec` has every default filled in. */
export interface ProjectView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** It has a deletionTimestamp: nothing is created under it. */
  readonly deleting: boolean;
  readonly spec: ResolvedProjectSpec;
}

/** Kept in the cache for each object of ours (architecture §8). */
export interface MirrorRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly deleting: boolean;
  /** `spec.projectRef.name`. */
  readonly project: string;
  /** uid of the controller owner reference; absent when it has none. */
  readonly ownerUID?: string | undefined;
  /** Labels under our prefixes only. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface PoolRecord extends MirrorRecord {
  readonly poolName: string;
  /** Annotation modelarts-operator.dev/discovered-by: the uid of the project whose discovery made it. */
  readonly discoveredBy?: string;
  /** A field manager other than ours owns a part of its spec: a person has taken it over. */
  readonly adopted: boolean;
  /** Annotation modelarts-operator.dev/reconcile-requested-at. */
  readonly reconcileRequestedAt?: string;
  /** Whole: there are few pools, and transitions make events. */
  readonly status: ModelArtsPoolStatus;
}

export interface WorkloadRecord extends MirrorRecord {
  readonly poolName?: string | undefined;
  readonly source: string;
  /** `spec.uid`. */
  readonly identity: string;
  /** `status.phase` and `status.type`. */
  readonly phase?: string | undefined;
  readonly type?: string | undefined;
  /** Milliseconds since the epoch; derived once and kept (architecture §6). */
  readonly startTime?: number | undefined;
  readonly completionTime?: number | undefined;
  /** Since when it is in a phase whose beginning no fact gives back (Abnormal, Terminating, an unknown word). */
  readonly phaseSince?: number | undefined;
  /** Of the whole status, times included; 0 when it has none. */
  readonly digest: number;
}

export interface ResourceSpecRecord extends MirrorRecord {
  readonly jobType: string;
  readonly specID: string;
  readonly specCode: string;
  /** Whole: there are few specifications. */
  readonly status: ModelArtsResourceSpecStatus;
}

export interface PoolWorld {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly namespace: string;
  readonly projectName: string;
  readonly poolName: string;
  /** Absent: there is no such ModelArtsProject. */
  readonly project?: ProjectView;
  /** Every object in the namespace with this identity, oldest first (then by name). */
  readonly mirrors: readonly PoolRecord[];
  /** True when an object of another identity has the name that a new mirror would take. */
  readonly nameTaken: boolean;
  readonly upstream:
    | { readonly is: 'unread' }
    | {
        readonly is: 'present';
        readonly facts: PoolFacts;
        /** It matches `discovery`. A declared pool is mirrored either way. */
        readonly selected: boolean;
        /** Absent until read, or when reading them is switched off. */
        readonly statistics?: StatisticsFacts;
        /** Each absent when it cannot be known (mirror/capacity.ts). */
        readonly allocated?: Readonly<Record<string, string>>;
        readonly capacity?: Readonly<Record<string, string>>;
        readonly free?: Readonly<Record<string, string>>;
        /** Nothing that capacity is known from was read yet: what stands there stays. */
        readonly capacityPending?: boolean;
      }
    /** Missing from a complete list. `confirmed`: as often as asked, and the detail read says so too. */
    | { readonly is: 'absent'; readonly confirmed: boolean; readonly blocked: boolean };
  readonly read: ReadState;
  /** Mirrors of workloads that are still owned by (or name) this pool: they go first. */
  readonly workloads: number;
  /** Reconcile annotation whose poll is complete, to be echoed. */
  readonly handledReconcileAt?: string;
  /** Status paths that the installed CRD prunes (invariant 12). */
  readonly pruned: ReadonlySet<string>;
}

export interface WorkloadWorld {
  readonly now: number;
  readonly namespace: string;
  readonly projectName: string;
  readonly source: 'Workload' | 'TrainingJobVersion';
  readonly uid: string;
  readonly project?: ProjectView;
  /** The pool's own mirror (the one that owns workloads), where the row belongs to a pool. */
  readonly pool?: {
    readonly name: string;
    readonly uid: string;
    readonly poolName: string;
    readonly deleting: boolean;
  };
  /** The pool that it names is none that could own it: the project does. */
  readonly projectOwned?: boolean;
  /** Every object in the namespace with this identity, oldest first. */
  readonly mirrors: readonly WorkloadRecord[];
  readonly nameTaken: boolean;
  readonly upstream:
    | { readonly is: 'unread' }
    | {
        readonly is: 'present';
        /** Id of the pool that the row belongs to. */
        readonly poolName?: string;
        readonly facts: WorkloadFacts;
        /** Date of the answer that carried the row, milliseconds. */
        readonly readAt: number;
        /** It is active, or within history. */
        readonly selected: boolean;
      }
    /** Missing from a complete unfiltered walk; `confirmed`: as often as asked, and not too many at once. */
    | { readonly is: 'absent'; readonly confirmed: boolean; readonly blocked: boolean }
    /** Finished, and out of the history window by its mirror's own completion time: no row is needed to see that. */
    | { readonly is: 'pruned' }
    /** Its pool is confirmed gone: it goes with it, and before it. */
    | { readonly is: 'poolGone' }
    /** `workloads.mode` or `types` leave it out. */
    | { readonly is: 'excluded' };
  readonly pruned: ReadonlySet<string>;
}

export interface ResourceSpecWorld {
  readonly now: number;
  readonly namespace: string;
  readonly projectName: string;
  readonly jobType: string;
  readonly specID: string;
  readonly project?: ProjectView;
  /** Every object in the namespace with this identity, oldest first. */
  readonly mirrors: readonly ResourceSpecRecord[];
  readonly nameTaken: boolean;
  readonly upstream:
    | { readonly is: 'unread' }
    | { readonly is: 'present'; readonly facts: ResourceSpecFacts }
    /** Missing from a whole list; `confirmed`: as often as asked. */
    | { readonly is: 'absent'; readonly confirmed: boolean; readonly blocked: boolean }
    /** `resourceSpecs.mode` or `jobTypes` leave it out. */
    | { readonly is: 'excluded' };
  /** Set where reading has failed for so long that nothing is known any more: why, for users. */
  readonly stale?: string;
  readonly pruned: ReadonlySet<string>;
}

/** Everything that decides a project's status. Projects are the user's objects: only their status is ever written. */
export interface ProjectWorld {
  readonly now: number;
  readonly object: ModelArtsProject;
  /** Why no connection could be made, at once and without asking upstream; absent when there is one. */
  readonly configuration?: {
    readonly reason:
      'SecretNotFound' | 'InvalidSecret' | 'SecretTypeRefused' | 'EndpointNotAllowed' | 'InvalidSpec';
    readonly message: string;
  };
  /** What the last answers said about the credential; absent before the first answer. */
  readonly authentication?:
    | { readonly accepted: true }
    | {
        readonly accepted: false;
        readonly reason: 'Unauthorized' | 'Forbidden' | 'ProjectNotFound';
        readonly message: string;
      };
  readonly read: ReadState;
  /** Parts that fail while the rest works: `pool <id>: …`, `workspace <id>: …`; sorted. */
  readonly partial: readonly string[];
  /** Ids of the pools (or a pool's workloads) whose deletion is held back, with the token that releases them. */
  readonly blocked?: {
    readonly ids: readonly string[];
    readonly total: number;
    readonly token: string;
    readonly what: string;
  };
  readonly counts: { readonly pools: number; readonly workloads: number; readonly resourceSpecs: number };
  readonly apiFeatures: ModelArtsProjectStatus['apiFeatures'];
  /** Milliseconds. */
  readonly effective: {
    readonly poolIntervalMs: number;
    readonly workloadIntervalMs: number;
    readonly stretched: boolean;
  };
  /** When the last complete pass ended, milliseconds; absent before it. Written at most every `maxStaleness`. */
  readonly lastSyncAt?: number;
  readonly refusedSecretVersion?: string;
  readonly handledReconcileAt?: string;
  readonly pruned: ReadonlySet<string>;
}
