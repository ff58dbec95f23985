import type { ModelArtsProjectStatus } from '../api/kinds/modelarts-project.ts';
import type { ProjectView, ProjectWorld } from '../mirror/world.ts';
import type { CapacitySource } from '../mirror/capacity.ts';
import type { PoolSelection } from '../mirror/selection.ts';
import { CapacityObservations } from './capacity-observations.ts';
import { DeletionGuard } from './deletion-guard.ts';
import { newHealth, staleAfter, type Failure, type Health } from './health.ts';
import type { OptionalFeature, OptionalState } from './optional-reading.ts';
import { PoolObservations, type PoolObservation } from './pool-observations.ts';
import { ResourceSpecObservations } from './resource-spec-observations.ts';
import type { Settings } from './settings.ts';
import { WorkloadObservations } from './workload-observations.ts';

/** All that reading one project has shown: written by its runner, read by gather. Memory only. */
export class ProjectState {
  readonly view: ProjectView;
  readonly settings: Settings;
  readonly selection: PoolSelection;
  readonly guard: DeletionGuard;
  readonly pools = new PoolObservations();
  readonly workloads = new WorkloadObservations();
  /** Of training-job versions, all under the name `everyVersion`. */
  readonly versions = new WorkloadObservations();
  /** See VersionPass. */
  readonly newestVersions = new Map<string, number>();
  /** Versions that a workload of a pool was proven to be: that one's mirror is kept. */
  versionTwins: ReadonlySet<string> = new Set();
  readonly resourceSpecs = new ResourceSpecObservations();
  readonly capacity: CapacityObservations;
  /** What an installation may lack, and how reading it goes. */
  readonly optional = new Map<OptionalFeature, OptionalState>();
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
  /** Times the wanted intervals (invariant 6). */
  stretch = 1;
  /** Absent until something answered: until then the status keeps what an earlier process found. */
  apiFeatures?: NonNullable<ModelArtsProjectStatus['apiFeatures']>;
  /** Wall clock, milliseconds. */
  lastSyncAt?: number;
  handledReconcileAt?: string;
  /** The same, for annotations on single pools. */
  readonly poolHandledReconcileAt = new Map<string, string>();

  /** `guard`: that of the state before this one, where it is the same project. */
  constructor(
    view: ProjectView,
    settings: Settings,
    selection: PoolSelection,
    monotonic: number,
    guard = new DeletionGuard(),
  ) {
    this.view = view;
    this.settings = settings;
    this.selection = selection;
    this.guard = guard;
    this.capacity = new CapacityObservations(monotonic);
    this.connectionHealth = newHealth(monotonic);
  }

  /**
   * Whether discovery selects this pool. `unproven`: it seems not to, but what decides it was not read whole; nothing
   * may be deleted because of that.
   */
  selects({ poolName, facts, issues, verified }: PoolObservation): 'yes' | 'no' | 'unproven' {
    if (facts !== undefined && this.selection.selects(facts)) return 'yes';
    if (!this.mayBeSelected(poolName)) return 'no';
    const whole = facts !== undefined && issues.every(({ path }) => !path.startsWith('metadata'));
    return whole && verified ? 'no' : 'unproven';
  }

  /** False: discovery leaves this pool out, whatever it is like. */
  mayBeSelected(poolName: string): boolean {
    const { mode, poolNames = [] } = this.view.spec.discovery;
    return mode === 'All' && (poolNames.length === 0 || poolNames.includes(poolName));
  }

  isHeldBack(poolName: string): boolean {
    return this.blocked?.ids.includes(poolName) === true;
  }

  capacitySourceOf(poolName: string, monotonic: number): CapacitySource {
    const limits = { intervalMs: this.poolIntervalMs, maxStalenessMs: this.settings.maxStalenessMs };
    return this.capacity.sourceOf(poolName, this.apiFeatures ?? {}, monotonic, staleAfter(limits));
  }

  /** Of what fails at the moment, the first: the connection, a workspace, a pool. */
  get failure(): Failure | undefined {
    const all = [this.connectionHealth, ...this.listHealth.values(), ...this.poolHealth.values()];
    return all.find(({ failure }) => failure !== undefined)?.failure;
  }

  get poolIntervalMs(): number {
    return this.settings.poolIntervalMs * this.stretch;
  }

  get workloadIntervalMs(): number {
    return this.settings.workloadIntervalMs * this.stretch;
  }
}
