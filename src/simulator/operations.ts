import type {
  DriverKind,
  JobOutcome,
  JobSpec,
  PoolPatch,
  PoolSpec,
  ProjectSpec,
  WorkspaceSpec,
} from './schema.ts';
import type { Dialect } from './dialect.ts';
import type { FaultRule } from './fault-rule.ts';

/**
 * Everything that can be done to the simulated world, at its present time. A pool is named by its id, by
 * `<project id>/<pool id>` where several projects have that id, or by its display name where only one has it; a job by
 * its uid, or by its jobName where only one has it. A project may be left out where there is only one.
 * Every operation throws `WorldError` when what it names does not exist or is ambiguous.
 */
export interface WorldOperations {
  addProject(spec: ProjectSpec): void;
  removeProject(args: { project: string }): void;

  /** Returns the pool's id. `gradually`: begins as Creating and comes up node by node. */
  addPool(args: { project?: string; pool: PoolSpec; gradually?: boolean }): string;
  /** At once with all its jobs; `gradually`: Deleting first, its jobs stopped, its nodes taken away. */
  removePool(args: { pool: string; gradually?: boolean }): void;
  updatePool(args: { pool: string; set: PoolPatch }): void;
  /** Holds the phase at this word, whatever the nodes do; null lets it follow them again. */
  setPhase(args: { pool: string; phase: string | null; message?: string }): void;
  /** Nodes are created, or taken away when idle, until the flavor has `count`. */
  scalePool(args: { pool: string; flavor: string; count: number; az?: string }): void;
  /** Upgrades node by node: `force` at once (jobs on the node fail), `idle` when a node has no job. */
  upgradeDriver(args: { pool: string; kind: DriverKind; version: string; strategy?: 'force' | 'idle' }): void;
  setDriverState(args: { pool: string; kind: DriverKind; state: string }): void;
  setScope(args: { pool: string; scope: string; state: string }): void;
  /** Returns the node's name; without a name the first available one fails. Its jobs turn Abnormal. */
  failNode(args: { pool: string; node?: string }): string;
  /** Without a name every abnormal node recovers. */
  recoverNode(args: { pool: string; node?: string }): void;

  /** Returns the job's uid. */
  addJob(args: { pool: string; job: JobSpec }): string;
  /** Ends a job now, whatever its status was. */
  finishJob(args: { pool: string; job: string; outcome: JobOutcome }): void;
  /** As a user stops a job: Terminating, a little later Terminated. */
  stopJob(args: { pool: string; job: string }): void;
  updateJob(args: { pool: string; job: string; priority?: number; wire?: Record<string, unknown> }): void;
  /** Any word, also one that no document names; the job stays there until it is finished or stopped. */
  setJobStatus(args: { pool: string; job: string; status: string }): void;
  /** The row vanishes from every list. */
  removeJob(args: { pool: string; job: string }): void;

  setWorkspace(args: { project?: string; workspace: WorkspaceSpec }): void;
  removeWorkspace(args: { project?: string; workspace: string }): void;
  addToken(args: { project?: string; token: string }): void;
  /** Every token of the project, static or given out by IAM, is refused from now on. */
  revokeTokens(args: { project?: string }): void;
  setDialect(args: { project?: string; dialect: Dialect }): void;
  setSpecSoldOut(args: { project?: string; code: string; soldOut: boolean }): void;

  /** Returns the rule's id. */
  fault(rule: FaultRule): string;
  /** One rule, or all. */
  clearFault(args?: { id?: string }): void;
}

/** An operation named something that is not there, or not only there. */
export class WorldError extends Error {
  override readonly name = 'WorldError';
}
