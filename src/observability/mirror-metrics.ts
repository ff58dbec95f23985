import { Gauge, type Registry } from 'prom-client';

/** One pool as the cache knows it. */
export interface PoolSample {
  readonly namespace: string;
  /** Name of the ModelArtsProject. */
  readonly project: string;
  /** The pool's id. */
  readonly pool: string;
  readonly phase?: string | undefined;
  /** Number of nodes by state: desired, creating, available, abnormal, deleting. */
  readonly nodes?: Readonly<Record<string, number | undefined>> | undefined;
  /** State by kind of driver: gpu, npu. */
  readonly drivers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly workloads?:
    readonly { readonly type: string; readonly byStatus: Readonly<Record<string, number>> }[] | undefined;
  /** The greatest place in the pool's queue, 0 when nothing queues; absent when it is not known. */
  readonly queuePositionMax?: number | undefined;
}

export interface ProjectSample {
  readonly namespace: string;
  readonly project: string;
  /** Condition Synced is True. */
  readonly synced: boolean;
}

/** Read at each scrape, so that a gauge never outlives its pool. Must be quick. */
export interface MirrorSource {
  pools(): Iterable<PoolSample>;
  projects(): Iterable<ProjectSample>;
}

/**
 * The most (type, status) series of one pool. Types and statuses are ModelArts' words; should it send new ones without
 * end, the rest is added up under `other`.
 */
const maxWorkloadSeries = 64;

/** Series for people's alerts: about 5 + drivers + workload types × statuses a pool, none a workload. */
export function registerMirrorMetrics(registry: Registry, source: MirrorSource): void {
  const registers = [registry];
  const place = ['namespace', 'project', 'pool'] as const;
  const labelsOf = ({ namespace, project, pool }: PoolSample): Record<(typeof place)[number], string> => ({
    namespace,
    project,
    pool,
  });

  new Gauge({
    registers,
    name: 'modelarts_pool_nodes',
    help: 'Nodes of a pool by state: desired, creating, available, abnormal, deleting.',
    labelNames: [...place, 'state'],
    collect() {
      this.reset();
      for (const sample of source.pools()) {
        for (const [state, count] of Object.entries(sample.nodes ?? {})) {
          if (count !== undefined) this.set({ ...labelsOf(sample), state }, count);
        }
      }
    },
  });
  new Gauge({
    registers,
    name: 'modelarts_pool_workloads',
    help: 'Workloads of a pool by type and status, as ModelArts counts them.',
    labelNames: [...place, 'type', 'status'],
    collect() {
      this.reset();
      for (const sample of source.pools()) {
        for (const { type, status, count } of workloadSeries(sample)) {
          this.set({ ...labelsOf(sample), type, status }, count);
        }
      }
    },
  });
  new Gauge({
    registers,
    name: 'modelarts_pool_phase',
    help: '1 for the phase that a pool is in, in the words of ModelArts.',
    labelNames: [...place, 'phase'],
    collect() {
      this.reset();
      for (const sample of source.pools()) {
        if (sample.phase !== undefined) this.set({ ...labelsOf(sample), phase: sample.phase }, 1);
      }
    },
  });
  new Gauge({
    registers,
    name: 'modelarts_pool_driver_state',
    help: '1 for the state that a driver of a pool (gpu, npu) is in, in the words of ModelArts.',
    labelNames: [...place, 'driver', 'state'],
    collect() {
      this.reset();
      for (const sample of source.pools()) {
        for (const [driver, state] of Object.entries(sample.drivers ?? {})) {
          if (state !== undefined) this.set({ ...labelsOf(sample), driver, state }, 1);
        }
      }
    },
  });
  new Gauge({
    registers,
    name: 'modelarts_workload_queue_position_max',
    help: 'The greatest place in the queue of a pool that ModelArts told; 0 when nothing queues, absent while it is not known.',
    labelNames: place,
    collect() {
      this.reset();
      for (const sample of source.pools()) {
        if (sample.queuePositionMax !== undefined) this.set(labelsOf(sample), sample.queuePositionMax);
      }
    },
  });
  new Gauge({
    registers,
    name: 'modelarts_operator_project_synced',
    help: '1 while the mirrors of a ModelArtsProject are in sync (its condition Synced is True), else 0.',
    labelNames: ['namespace', 'project'],
    collect() {
      this.reset();
      for (const { namespace, project, synced } of source.projects()) {
        this.set({ namespace, project }, synced ? 1 : 0);
      }
    },
  });
}

function workloadSeries(sample: PoolSample): { type: string; status: string; count: number }[] {
  const all = (sample.workloads ?? []).flatMap(({ type, byStatus }) =>
    Object.entries(byStatus).map(([status, count]) => ({ type, status, count })),
  );
  if (all.length <= maxWorkloadSeries) return all;
  const kept = all.slice(0, maxWorkloadSeries - 1);
  const rest = all.slice(maxWorkloadSeries - 1).reduce((sum, { count }) => sum + count, 0);
  return [...kept, { type: 'other', status: 'other', count: rest }];
}
