import type { OperationName } from './endpoints.ts';

/** Readings that a project can do without, and their rights with them. */
export const optionalParts = ['workspaces', 'training-job-versions', 'resource-specs'] as const;
export type OptionalPart = (typeof optionalParts)[number];

/** What a user of the cloud must be allowed for one request. */
export interface Permission {
  /** The action of IAM that is asked for. Absent: none is. */
  readonly action?: string;
  /**
   * `documented`: the vendor names this action (or none) for this very request. `kin`: nothing says what this request
   * needs; the action is that of the documented request which shows the same of one job.
   */
  readonly basis: 'documented' | 'kin';
  /** Absent: no project can do without. */
  readonly part?: OptionalPart;
}

/**
 * The least that ModelArts must allow, by request. From Huawei Cloud's API reference ("Permissions Policies and Supported
 * Actions", and "Authorization Information" on the page of each call) and Open Telekom Cloud's (tables of the same name).
 */
export const permissions: Readonly<Record<OperationName, Permission>> = {
  listPools: { action: 'modelarts:pool:list', basis: 'documented' },
  getPool: { action: 'modelarts:pool:get', basis: 'documented' },
  listWorkloads: { action: 'modelarts:pool:get', basis: 'documented' },
  getStatistics: { action: 'modelarts:pool:get', basis: 'documented' },
  getRuntimeMetrics: { action: 'modelarts:pool:list', basis: 'documented' },
  listResourceFlavors: { basis: 'documented' },
  listWorkspaces: { action: 'modelarts:workspace:list', basis: 'documented', part: 'workspaces' },
  // Documented for `GET /v1/{project}/training-jobs/{job}/versions`.
  listTrainingJobVersions: {
    action: 'modelarts:trainJobVersion:list',
    basis: 'kin',
    part: 'training-job-versions',
  },
  listResourceSpecs: { basis: 'documented', part: 'resource-specs' },
  // Whoever has the password may ask for a token.
  createToken: { basis: 'documented' },
};
