import type { BindAddress } from '../observability/bind-address.ts';
import type { LogFormat, LogLevel } from '../observability/logger.ts';

/** What all commands that speak to a cluster share. */
export interface ClusterOptions {
  /** Absent: KUBECONFIG, the pod's service account, then the user's default file. */
  readonly kubeconfig?: string;
  /** Absent: all namespaces. */
  readonly namespace?: readonly string[];
  readonly allowedEndpointHosts?: readonly string[];
  readonly allowLocalEndpoints: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** Which Lease says who may write. */
export interface LeaseOptions {
  readonly leaderElect: boolean;
  /** Absent: the pod's namespace. */
  readonly leaderElectionNamespace?: string;
  readonly leaderElectionId: string;
}

/** Over how many Leases the projects are divided. */
export interface ShardOptions extends LeaseOptions {
  /** 1: one process works, and the others wait. */
  readonly shards: number;
}

/** What came from ModelArts, kept in a file for a bug report. */
export interface RecordOptions {
  /** Absent: nothing is recorded. */
  readonly record?: string;
  readonly recordScrambleIds: boolean;
}

export interface RunOptions extends ClusterOptions, ShardOptions, RecordOptions {
  readonly metricsBindAddress: BindAddress | 'off';
  readonly healthProbeBindAddress: BindAddress | 'off';
}

export interface SyncOptions extends ClusterOptions, ShardOptions, RecordOptions {
  /** `namespace/name` of one ModelArtsProject; absent: all. */
  readonly project?: string;
  /** How long the holder of the Lease may take, milliseconds. */
  readonly timeout: number;
}

export interface SimulateOptions {
  /** A scenario file; absent: the demo. */
  readonly scenario?: string;
  /** A recording to serve instead. */
  readonly replay?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Simulated seconds a second; absent: as the scenario says. */
  readonly speed?: number;
}
