import type { WorkloadFacts } from '../api/facts.ts';
import { packedTime, unpackedTime } from './time.ts';

/** What tells one workload of a pool from another. */
type OwnField =
  | 'uid'
  | 'name'
  | 'jobName'
  | 'jobID'
  | 'runningSeconds'
  | 'pendingSeconds'
  | 'queuePosition'
  | 'creationTime'
  | 'hostIPs'
  | keyof Said;

/** What only training-job versions say, each for itself. */
type Said = Pick<WorkloadFacts, 'startTime' | 'completionTime' | 'description' | 'message'>;

/** What workloads of one pool, kind, size and status have in common. */
export type CommonFacts = {
  readonly [Field in Exclude<keyof WorkloadFacts, OwnField>]: WorkloadFacts[Field];
} & {
  /** What comes before the job's id in the name of the cluster object, where that ends with it. */
  readonly namePrefix: string | undefined;
};

export function commonFacts(facts: WorkloadFacts): CommonFacts {
  const { name, jobID } = facts;
  return {
    identifiedBy: facts.identifiedBy,
    namespace: facts.namespace,
    type: facts.type,
    status: facts.status,
    flavor: facts.flavor,
    priority: facts.priority,
    gvk: facts.gvk,
    resources: facts.resources,
    resourcesIncomplete: facts.resourcesIncomplete,
    nodeCount: facts.nodeCount,
    isDeleted: facts.isDeleted,
    cards: facts.cards,
    namePrefix:
      jobID !== undefined && name?.endsWith(jobID) === true
        ? name.slice(0, name.length - jobID.length)
        : undefined,
  };
}

/**
 * What was read of a workload as it is kept, for each of maybe 100,000: what they have in common is kept once for all of
 * them, and what is their own as small as it gets. Gives back what it was made of, an absent field as undefined. Most is
 * read through getters, which a spread and a walk over its keys do not see.
 */
export class KeptFacts implements WorkloadFacts, Record<keyof WorkloadFacts, unknown> {
  readonly uid: string;
  readonly jobName: string | undefined;
  readonly jobID: string | undefined;
  readonly runningSeconds: number | undefined;
  readonly pendingSeconds: number | undefined;
  readonly queuePosition: number | undefined;
  readonly hostIPs: readonly string[];
  readonly #name: string | undefined;
  readonly #creation: number | undefined;
  readonly #said: Said | undefined;
  readonly #common: CommonFacts;

  /** `uid` equals that of the facts, and is the text that is kept; so are the hosts. */
  constructor(facts: WorkloadFacts, uid: string, hostIPs: readonly string[], common: CommonFacts) {
    this.uid = uid;
    this.jobName = facts.jobName;
    this.jobID = facts.jobID === uid ? uid : facts.jobID;
    this.runningSeconds = facts.runningSeconds;
    this.pendingSeconds = facts.pendingSeconds;
    this.queuePosition = facts.queuePosition;
    this.hostIPs = hostIPs;
    this.#name = common.namePrefix === undefined ? facts.name : undefined;
    this.#creation = packedTime(facts.creationTime);
    this.#said = said(facts);
    this.#common = common;
  }

  get name(): string | undefined {
    const { namePrefix } = this.#common;
    return namePrefix === undefined ? this.#name : `${namePrefix}${this.jobID}`;
  }
  get creationTime(): number | undefined {
    return unpackedTime(this.#creation);
  }
  get identifiedBy(): WorkloadFacts['identifiedBy'] {
    return this.#common.identifiedBy;
  }
  get namespace(): string | undefined {
    return this.#common.namespace;
  }
  get type(): string | undefined {
    return this.#common.type;
  }
  get status(): string | undefined {
    return this.#common.status;
  }
  get flavor(): string | undefined {
    return this.#common.flavor;
  }
  get priority(): string | undefined {
    return this.#common.priority;
  }
  get gvk(): string | undefined {
    return this.#common.gvk;
  }
  get resources(): Readonly<Record<string, string>> {
    return this.#common.resources;
  }
  get resourcesIncomplete(): boolean {
    return this.#common.resourcesIncomplete;
  }
  get nodeCount(): number | undefined {
    return this.#common.nodeCount;
  }
  get isDeleted(): boolean {
    return this.#common.isDeleted;
  }
  get cards(): WorkloadFacts['cards'] {
    return this.#common.cards;
  }
  get startTime(): number | undefined {
    return this.#said?.startTime;
  }
  get completionTime(): number | undefined {
    return this.#said?.completionTime;
  }
  get description(): string | undefined {
    return this.#said?.description;
  }
  get message(): string | undefined {
    return this.#said?.message;
  }
}

function said({ startTime, completionTime, description, message }: WorkloadFacts): Said | undefined {
  const nothing = (startTime ?? completionTime ?? description ?? message) === undefined;
  return nothing ? undefined : { startTime, completionTime, description, message };
}
