import type { HttpTransport } from '../../kubernetes/http-transport.ts';
import type { WriteAdmission } from './cluster-mirror-store.ts';
import {
  assembleEngine,
  mostWrites,
  storesOf,
  type EngineOptions,
  type OperatorStores,
  type PartialOperator,
} from './engine.ts';
import { registerCacheMetrics, type OperatorMetrics } from './metrics.ts';

export interface AssemblyOptions extends Omit<EngineOptions, 'workers'>, WriteAdmission {
  /** `namespace/name` of the one project to work on. Default: all. */
  readonly only?: string | undefined;
}

export interface Assembly extends PartialOperator {
  readonly stores: OperatorStores;
  readonly metrics: OperatorMetrics;
  readonly transport: HttpTransport;
  /** After the work has ended: ends every socket. */
  close(): Promise<void>;
}

/** Joins the parts into an operator of all projects. Opens no socket. */
export function assembleOperator(options: AssemblyOptions): Assembly {
  const { only, admitWrite, writeDeadlineMs, ...rest } = options;
  const engine = assembleEngine({ ...rest, workers: mostWrites });
  const { metrics, transport } = engine;
  const { operator, work } = engine.operator({
    name: 'mirrors',
    fills: true,
    admitWrite,
    writeDeadlineMs,
    ...(only !== undefined && { owns: (namespace, project) => `${namespace}/${project}` === only }),
  });
  const stores = storesOf(engine.caches, { admitWrite, writeDeadlineMs });
  registerCacheMetrics(metrics.registry, {
    ...stores,
    reading: (namespace, project) => operator.reading(namespace, project),
  });
  return {
    operator,
    work,
    stores,
    metrics,
    transport,
    close: () => transport.close(),
  };
}
