import { Registry } from 'prom-client';

import type { Stores } from '../../controller/reconcile.ts';
import { registerReconcileMetrics, type ReconcileMetrics } from '../../observability/controller-metrics.ts';
import { registerEngineMetrics, type EngineMetrics } from '../../observability/engine-metrics.ts';
import { registerMirrorMetrics, type PoolSample } from '../../observability/mirror-metrics.ts';
import { registerUpstreamMetrics, type UpstreamMetrics } from '../../observability/upstream-metrics.ts';

export interface OperatorMetrics {
  readonly registry: Registry;
  readonly engine: EngineMetrics;
  readonly reconcile: ReconcileMetrics;
  readonly upstream: UpstreamMetrics;
}

/** `apiserver`: host and port, as a label. `workers`: how many keys are worked on at once. */
export function createOperatorMetrics(options: {
  readonly apiserver: string;
  readonly workers: number;
}): OperatorMetrics {
  const registry = new Registry();
  return {
    registry,
    engine: registerEngineMetrics(registry, { host: options.apiserver }),
    reconcile: registerReconcileMetrics(registry, {
      kinds: ['project', 'pool', 'workload', 'resourceSpec'],
      workers: options.workers,
    }),
    upstream: registerUpstreamMetrics(registry),
  };
}

/** Where series about pools and projects are read at each scrape: the caches, and what reading has shown. */
interface MirrorMetricsSources {
  readonly projects: Pick<Stores['projects'], 'values'>;
  readonly pools: Pick<Stores['pools'], 'values'>;
  /** See Operator. */
  lastInQueue(namespace: string, project: string, poolName: string): number | undefined;
  /** Whose series are shown: of several processes with the same caches, only that which works on a project does. Default: all. */
  readonly shown?: (namespace: string, project: string) => boolean;
}

/** Series about pools and projects. */
export function registerCacheMetrics(registry: Registry, sources: MirrorMetricsSources): void {
  const { projects, pools, shown = () => true } = sources;
  registerMirrorMetrics(registry, {
    projects: function* () {
      for (const { namespace, name, object } of projects.values()) {
        if (!shown(namespace, name)) continue;
        const synced = object.status?.conditions?.some((c) => c.type === 'Synced' && c.status === 'True');
        yield { namespace, project: name, synced: synced ?? false };
      }
    },
    pools: function* () {
      for (const { namespace, project, poolName, status } of pools.values()) {
        if (!shown(namespace, project)) continue;
        const queuePositionMax = sources.lastInQueue(namespace, project, poolName);
        yield { ...poolSample({ namespace, project, pool: poolName }, status), queuePositionMax };
      }
    },
  });
}

type PoolStatus = Stores['pools'] extends { values(): Iterable<{ readonly status: infer S }> } ? S : never;

function poolSample(
  place: Pick<PoolSample, 'namespace' | 'project' | 'pool'>,
  status: PoolStatus,
): PoolSample {
  const { phase, nodes, driver, workloads } = status;
  return {
    ...place,
    phase,
    nodes: nodes && {
      desired: nodes.desired,
      creating: nodes.creating,
      available: nodes.available,
      abnormal: nodes.abnormal,
      deleting: nodes.deleting,
    },
    drivers: { gpu: driver?.gpu?.state, npu: driver?.npu?.state },
    workloads: workloads?.byType?.map(({ type, byStatus }) => ({ type, byStatus: byStatus ?? {} })),
  };
}
