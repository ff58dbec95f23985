import type { OutputFormat } from './export/documents.ts';

/** A project of ModelArts without a cluster; the credential is the environment's. */
export interface EndpointOptions {
  readonly endpoint: string;
  readonly projectId: string;
  /** Of the ModelArtsProject that is meant, and of its mirrors. */
  readonly namespace: string;
  readonly name: string;
  /** Absent: the default workspace. */
  readonly workspaces?: readonly string[];
  readonly userId?: string;
  readonly region?: string;
  /** PEM certificates to trust besides those of the system. */
  readonly caFile?: string;
  readonly allowInsecureHttp: boolean;
}

/** What `export` can be told to leave out. */
export const exportParts = ['workloads', 'training-job-versions', 'resource-specs'] as const;

export interface ExportOptions extends EndpointOptions {
  readonly output: OutputFormat;
  readonly skip?: readonly (typeof exportParts)[number][];
  readonly requestsPerSecond: number;
  readonly watch: boolean;
  /** Between two reads while following, milliseconds. Absent: the operator's defaults. */
  readonly interval?: number;
}

/** Either a cluster, or an endpoint with its project id. */
export interface DoctorOptions extends Omit<
  EndpointOptions,
  'endpoint' | 'projectId' | 'namespace' | 'name'
> {
  readonly endpoint?: string;
  readonly projectId?: string;
  readonly kubeconfig?: string;
  /** A context of the kubeconfig; absent: its current one. */
  readonly context?: string;
  /** Absent: all namespaces. */
  readonly namespace?: readonly string[];
  readonly allowedEndpointHosts?: readonly string[];
  readonly allowLocalEndpoints: boolean;
  /** Absent: the pod's, or the manifests'. */
  readonly leaderElectionNamespace?: string;
  readonly leaderElectionId: string;
  /** 1: there is one Lease. */
  readonly shards: number;
  /** `namespace/name` of one ModelArtsProject; absent: all. */
  readonly project?: string;
  readonly output: 'text' | 'json' | 'yaml';
}
