import type { Credentials } from './credentials.ts';
import type {
  CountedListFacts,
  DecodeIssue,
  ListFacts,
  PoolFacts,
  ResourceFlavorFacts,
  ResourceSpecFacts,
  RuntimeMetricsFacts,
  StatisticsFacts,
  WorkloadFacts,
  WorkspaceFacts,
} from './facts.ts';

/** One decoded answer. */
export interface Answer<T> {
  readonly value: T;
  /** What was left out of `value` because it could not be decoded; empty in a clean answer. */
  readonly issues: readonly DecodeIssue[];
  /**
   * The place of this answer's request in the order in which requests of this client were started. An observation
   * never overwrites one with a higher number.
   */
  readonly sequence: number;
  /** The answer's Date header, milliseconds since the epoch; the local clock where it had none. */
  readonly date: number;
}

export interface VersionQuery {
  readonly workspaceID: string;
  /** By creation. */
  readonly order: 'oldestFirst' | 'newestFirst';
  /** Records to skip. */
  readonly offset: number;
  /** At least 1: 0 would ask for all at once. */
  readonly limit: number;
}

export interface WorkloadQuery {
  readonly type?: string;
  readonly status?: string;
  /** Order by creation; newest first unless `oldestFirst`. Without it the server's order. */
  readonly order?: 'oldestFirst' | 'newestFirst';
  /** Records to skip. */
  readonly offset: number;
  /** 1 to 500. */
  readonly limit: number;
  /**
   * A page that the same query gave before. Where the answer says the same but for durations, which count on with the
   * clock, nothing of it is decoded: its items are these with other durations, and the fingerprint is the same object.
   */
  readonly before?: WorkloadPage | undefined;
}

/** One page of a pool's workloads. */
export interface WorkloadPage extends ListFacts<WorkloadFacts> {
  /** By which the page is known again. Absent where it is not sure which row each duration belongs to. */
  readonly fingerprint?: PageFingerprint;
}

/** Of the text of a page without its durations. */
export interface PageFingerprint {
  readonly digest: string;
  /** Length of the text, durations included. */
  readonly bytes: number;
}

/**
 * One ModelArts project as the operator sees it: reads only. Each call pays the credential's request budget, is
 * retried within its deadline where a retry can help, and rejects with an UpstreamError (api/errors.ts) or with the
 * signal's reason. Nothing here knows Kubernetes.
 */
export interface ModelArtsReader {
  /** GET /v2/{project}/pools: the pools of one workspace. */
  listPools(
    query: { readonly workspaceID: string; readonly labelSelector?: string },
    signal: AbortSignal,
  ): Promise<Answer<ListFacts<PoolFacts>>>;
  /** GET /v2/{project}/pools/{pool}. NotFound with `what: 'pool'` when ModelArts says that it does not exist. */
  getPool(id: string, signal: AbortSignal): Promise<Answer<PoolFacts>>;
  /** GET /v2/{project}/pools/{pool}/workloads: one page. */
  listWorkloads(pool: string, query: WorkloadQuery, signal: AbortSignal): Promise<Answer<WorkloadPage>>;
  /** GET /v2/{project}/statistics/pools/{pool}/workloads. */
  getStatistics(pool: string, signal: AbortSignal): Promise<Answer<StatisticsFacts>>;
  /** GET /v1/{project}/workspaces, all pages. */
  listWorkspaces(signal: AbortSignal): Promise<Answer<ListFacts<WorkspaceFacts>>>;
  /** GET /v1/{project}/job/resource-specs: all of one type of job. NotFound with `what: 'api'` where it is not offered. */
  listResourceSpecs(
    jobType: string,
    signal: AbortSignal,
  ): Promise<Answer<CountedListFacts<ResourceSpecFacts>>>;
  /** GET /v1/{project}/training-jobs/versions: one page. NotFound with `what: 'api'` where it is not offered. */
  listTrainingJobVersions(
    query: VersionQuery,
    signal: AbortSignal,
  ): Promise<Answer<CountedListFacts<WorkloadFacts>>>;
  /** GET /v2/{project}/metrics/runtime/pools: all pools of the project. */
  getRuntimeMetrics(signal: AbortSignal): Promise<Answer<ListFacts<RuntimeMetricsFacts>>>;
  /** GET /v1/{project}/resourceflavors, all pages. */
  listResourceFlavors(signal: AbortSignal): Promise<Answer<ListFacts<ResourceFlavorFacts>>>;
  /**
   * Notes how many requests a second the caller means to send through this reader, instead of what it said before, and
   * answers what all who share the credential's budget mean to send together. Forgotten when the reader is closed.
   */
  plan(requestsPerSecond: number): BudgetUse;
  /** When what this connection rests upon ends, as far as it has been seen. */
  expirations(): Expirations;
  /** Lets go of sockets. Requests under way are aborted. */
  close(): Promise<void>;
}

/** Where a ModelArts project is and how to talk to it: a ModelArtsProject with its Secret read. */
export interface Connection {
  /** Base URL, https; may hold a port and a path prefix. */
  readonly endpoint: string;
  readonly projectID: string;
  /** For messages only. */
  readonly region?: string;
  /** Sent as X-ModelArts-User-ID where given. */
  readonly userID?: string;
  /** PEM certificates, base64: trusted in addition to the system's. */
  readonly caBundle?: string;
  /** Plain http to a host that is not loopback. */
  readonly allowInsecureHTTP?: boolean;
  /** IAM's base URL, with or without `/v3`; required for a user name and password. */
  readonly iamEndpoint?: string;
  readonly credentials: Credentials;
  readonly rateLimit: RateLimit;
}

/** A token bucket. Where connections share a credential, the strictest of their limits holds. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** What is planned of a budget by all who share it, and what it allows; both requests a second. */
export interface BudgetUse {
  readonly planned: number;
  readonly allowed: number;
}

/** Ends by this machine's clock, milliseconds since the epoch. */
export interface Expirations {
  /** Of the certificate that a host showed last, by host. Nothing of a host that is reached over plain http. */
  readonly certificates: ReadonlyMap<string, number>;
  /** Of the token that IAM gave for a user name and password. Nobody tells the end of other credentials. */
  readonly token?: number;
}

/** Makes readers. Those with the same endpoint and credential share one budget and one breaker (invariant 6). */
export interface ModelArtsConnector {
  /**
   * Opens no socket. Throws EndpointNotAllowed or InvalidConnection (api/errors.ts) when the connection may not or
   * cannot be used. The caller closes the reader.
   */
  open(connection: Connection): ModelArtsReader;
}
