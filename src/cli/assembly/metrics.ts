import { Registry } from 'prom-client';

import { parseDuration } from '../../api/kinds/duration.ts';
import type { ModelArtsPoolStatus } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsProjectStatus } from '../../api/kinds/modelarts-project.ts';
import type { ProjectReading } from '../../controller/operator.ts';
import type { Stores } from '../../controller/reconcile.ts';
import { quantityValue } from '../../mirror/quantity.ts';
import { registerReconcileMetrics, type ReconcileMetrics } from '../../observability/controller-metrics.ts';
import { registerEngineMetrics, type EngineMetrics } from '../../observability/engine-metrics.ts';
import { registerBuildInfo } from '../../observability/process-metrics.ts';
import { registerPoolMetrics, type PoolSample } from '../../observability/pool-metrics.ts';
import { registerProjectMetrics, type ProjectSample } from '../../observability/project-metrics.ts';
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
  readonly version: string;
}): OperatorMetrics {
  const registry = new Registry();
  registerBuildInfo(registry, options.version);
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
  reading(namespace: string, project: string): ProjectReading | undefined;
  /** Whose series are shown: of several processes with the same caches, only that which works on a project does. Default: all. */
  readonly shown?: (namespace: string, project: string) => boolean;
}

/** Series about pools and projects. */
export function registerCacheMetrics(registry: Registry, sources: MirrorMetricsSources): void {
  const { projects, pools, reading, shown = () => true } = sources;
  registerProjectMetrics(registry, function* () {
    for (const { namespace, name, object } of projects.values()) {
      if (shown(namespace, name))
        yield projectSample(namespace, name, object.status, reading(namespace, name));
    }
  });
  registerPoolMetrics(registry, function* () {
    for (const { namespace, project, poolName, status } of pools.values()) {
      if (!shown(namespace, project) || isDuplicate(status)) continue;
      const queuePositionMax = reading(namespace, project)?.lastInQueue(poolName);
      yield { ...poolSample({ namespace, project, pool: poolName }, status), queuePositionMax };
    }
  });
}

function projectSample(
  namespace: string,
  project: string,
  status: ModelArtsProjectStatus = {},
  reading: ProjectReading | undefined,
): ProjectSample {
  const { conditions, effective, lastSyncTime } = status;
  return {
    namespace,
    project,
    conditions,
    lastSyncAt: reading?.lastSyncAt ?? (lastSyncTime === undefined ? undefined : Date.parse(lastSyncTime)),
    intervals: {
      pools: parseDuration(effective?.poolInterval ?? ''),
      workloads: parseDuration(effective?.workloadInterval ?? ''),
    },
    certificates: reading?.expirations?.certificates,
    tokenEndsAt: reading?.expirations?.token,
  };
}

/** Another object speaks for the pool: two would say different things under the same labels. */
function isDuplicate({ conditions = [] }: ModelArtsPoolStatus): boolean {
  return conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Duplicate');
}

function poolSample(
  place: Pick<PoolSample, 'namespace' | 'project' | 'pool'>,
  status: ModelArtsPoolStatus,
): PoolSample {
  const { phase, nodes, driver, workloads, conditions, displayName, type, workspaceID } = status;
  return {
    ...place,
    displayName,
    type,
    workspace: workspaceID,
    conditions,
    phase,
    nodes: nodes && {
      desired: nodes.desired,
      creating: nodes.creating,
      available: nodes.available,
      abnormal: nodes.abnormal,
      deleting: nodes.deleting,
    },
    drivers: { gpu: driver?.gpu?.state, npu: driver?.npu?.state },
    capacity: amounts(status.capacity),
    allocated: amounts(status.allocated),
    free: amounts(status.free),
    workloads: workloads?.byType?.map(({ type: of, byStatus }) => ({ type: of, byStatus: byStatus ?? {} })),
  };
}

/** A number is as exact as Prometheus can hold it. */
function amounts(quantities: Readonly<Record<string, string>> = {}): Record<string, number> {
  return Object.fromEntries(
    Object.entries(quantities).flatMap(([resource, text]) => {
      const amount = quantityValue(text);
      return amount === undefined ? [] : [[resource, amount]];
    }),
  );
}
