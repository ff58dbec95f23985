import type { Registry } from 'prom-client';

import { sampleGauges } from './scraped-gauge.ts';

/** One condition of an object, as it stands. */
export interface ConditionSample {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

/** One pool as the cache knows it. */
export interface PoolSample {
  readonly namespace: string;
  /** Name of the ModelArtsProject. */
  readonly project: string;
  /** The pool's id. */
  readonly pool: string;
  readonly displayName?: string | undefined;
  readonly type?: string | undefined;
  readonly workspace?: string | undefined;
  readonly conditions?: readonly ConditionSample[] | undefined;
  readonly phase?: string | undefined;
  /** Number of nodes by state: desired, creating, available, abnormal, deleting. */
  readonly nodes?: Readonly<Record<string, number | undefined>> | undefined;
  /** State by kind of driver: gpu, npu. */
  readonly drivers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Amounts by resource: cores, bytes, pieces. */
  readonly capacity?: Readonly<Record<string, number>> | undefined;
  readonly allocated?: Readonly<Record<string, number>> | undefined;
  readonly free?: Readonly<Record<string, number>> | undefined;
  readonly workloads?:
    readonly { readonly type: string; readonly byStatus: Readonly<Record<string, number>> }[] | undefined;
  /** The greatest place in the pool's queue, 0 when nothing queues; absent when it is not known. */
  readonly queuePositionMax?: number | undefined;
}

/**
 * The most (type, status) series of one pool. Types and statuses are ModelArts' words; should it send new ones without
 * end, the rest is added up under `other`.
 */
const maxWorkloadSeries = 64;

const place = ['namespace', 'project', 'pool'] as const;

/** Series for people's alerts: some 25 a pool and one for each workload type and status, none for a workload. */
export function registerPoolMetrics(registry: Registry, pools: () => Iterable<PoolSample>): void {
  const gauge = sampleGauges(registry, place, pools);

  gauge(
    'modelarts_pool_info',
    'Always 1: the name, the type and the workspace of a pool, to join with its other series.',
    ['display_name', 'type', 'workspace'],
    ({ displayName = '', type = '', workspace = '' }) => [
      [{ display_name: displayName, type, workspace }, 1],
    ],
  );
  gauge(
    'modelarts_pool_condition',
    '1 for the status and reason that each condition of a pool has (Ready, Synced, DriverReady, Reconciling, Stalled).',
    ['condition', 'status', 'reason'],
    ({ conditions = [] }) => conditions.map((each) => [conditionLabels(each), 1]),
  );
  gauge(
    'modelarts_pool_phase',
    '1 for the phase that a pool is in, in the words of ModelArts.',
    ['phase'],
    ({ phase }) => (phase === undefined ? [] : [[{ phase }, 1]]),
  );
  gauge(
    'modelarts_pool_nodes',
    'Nodes of a pool by state: desired, creating, available, abnormal, deleting.',
    ['state'],
    ({ nodes = {} }) => present(nodes).map(([state, count]) => [{ state }, count]),
  );
  gauge(
    'modelarts_pool_driver_state',
    '1 for the state that a driver of a pool (gpu, npu) is in, in the words of ModelArts.',
    ['driver', 'state'],
    ({ drivers = {} }) => present(drivers).map(([driver, state]) => [{ driver, state }, 1]),
  );
  const amounts = (name: string, help: string, of: (pool: PoolSample) => PoolSample['free']): void =>
    gauge(
      name,
      `${help}, by resource: cores, bytes or pieces. Absent while it is not known.`,
      ['resource'],
      (pool) => Object.entries(of(pool) ?? {}).map(([resource, amount]) => [{ resource }, amount]),
    );
  amounts(
    'modelarts_pool_capacity',
    'What the available nodes of a pool have together',
    (pool) => pool.capacity,
  );
  amounts('modelarts_pool_allocated', 'What the placed jobs of a pool asked for', (pool) => pool.allocated);
  amounts('modelarts_pool_free', 'What is left of the capacity of a pool', (pool) => pool.free);
  gauge(
    'modelarts_pool_workloads',
    'Workloads of a pool by type and status, as ModelArts counts them.',
    ['type', 'status'],
    (pool) => workloadSeries(pool).map(({ type, status, count }) => [{ type, status }, count]),
  );
  gauge(
    'modelarts_workload_queue_position_max',
    'The greatest place in the queue of a pool that ModelArts told; 0 when nothing queues, absent while it is not known.',
    [],
    ({ queuePositionMax }) => (queuePositionMax === undefined ? [] : [[{}, queuePositionMax]]),
  );
}

export function conditionLabels({
  type,
  status,
  reason,
}: ConditionSample): Record<'condition' | 'status' | 'reason', string> {
  return { condition: type, status, reason };
}

function present<T>(values: Readonly<Record<string, T | undefined>>): [string, T][] {
  return Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined);
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
