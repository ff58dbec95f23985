import type { UpstreamError } from '../api/errors.ts';
import type { ModelArtsProjectStatus } from '../api/kinds/modelarts-project.ts';
import type { ProjectView, ProjectWorld } from '../mirror/world.ts';
import type { PoolSelection } from '../mirror/selection.ts';
import type { PoolCounts } from './deletion-plan.ts';
import { newHealth, type Failure, type Health } from './health.ts';
import { PoolObservations } from './pool-observations.ts';
import type { Settings } from './settings.ts';
import { WorkloadObservations } from './workload-observations.ts';

/** All that reading one project has shown: written by its runner, read by gather. Memory only. */
export class ProjectState {
  readonly view: ProjectView;
  readonly settings: Settings;
  readonly selection: PoolSelection;
  readonly pools = new PoolObservations();
  readonly workloads = new WorkloadObservations();
  /** One a workspace that is read. */
  readonly listHealth = new Map<string, Health>();
  /** One a pool whose workloads are read. */
  readonly poolHealth = new Map<string, Health>();
  /** Of resolving the workspaces themselves (`["*"]`), or of the connection as a whole. */
  connectionHealth: Health;
  configuration?: NonNullable<ProjectWorld['configuration']>;
  authentication?: NonNullable<ProjectWorld['authentication']>;
  refusedSecretVersion?: string;
  /** Deletions that the guard holds back. */
  blocked?: NonNullable<ProjectWorld['blocked']>;
  /** Of discovered mirrors, over the last hour. */
  poolCounts: PoolCounts = new Map();
  /** Times the wanted intervals (invariant 6). */
  stretch = 1;
  /** Absent until something answered: until then the status keeps what an earlier process found. */
  apiFeatures?: NonNullable<ModelArtsProjectStatus['apiFeatures']>;
  /** Wall clock, milliseconds. */
  lastSyncAt?: number;
  handledReconcileAt?: string;
  /** The same, for annotations on single pools. */
  readonly poolHandledReconcileAt = new Map<string, string>();

  constructor(view: ProjectView, settings: Settings, selection: PoolSelection, monotonic: number) {
    this.view = view;
    this.settings = settings;
    this.selection = selection;
    this.connectionHealth = newHealth(monotonic);
  }

  isHeldBack(poolName: string): boolean {
    return this.blocked?.ids.includes(poolName) === true;
  }

  get poolIntervalMs(): number {
    return this.settings.poolIntervalMs * this.stretch;
  }

  get workloadIntervalMs(): number {
    return this.settings.workloadIntervalMs * this.stretch;
  }
}

/** An upstream error as the reason and message of a condition. */
export function failureOf(error: UpstreamError): Failure {
  return { reason: error.kind === 'NotAllowed' ? 'BadRequest' : error.kind, message: error.message };
}
