import type { Registry } from 'prom-client';

import { createOperatorMetrics, registerCacheMetrics } from '../../../src/cli/assembly/metrics.ts';
import { registerApiserverMetrics } from '../../../src/observability/apiserver-metrics.ts';
import { registerProcessMetrics } from '../../../src/observability/process-metrics.ts';

export interface KnownMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** Every metric of `modelarts-operator run`, in the order of their names. */
export function knownMetrics(): readonly KnownMetric[] {
  const { registry } = createOperatorMetrics({ apiserver: '', workers: 1, version: '' });
  const none = { values: () => [] };
  registerCacheMetrics(registry, { projects: none, pools: none, reading: () => undefined });
  registerApiserverMetrics(registry, {
    writesInFlight: () => 0,
    writeLimit: () => 0,
    clientCertificateEndsAt: () => undefined,
  });
  registerProcessMetrics(registry);
  return metricsOf(registry).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The library's types leave the labels out, which its objects have. */
function metricsOf(registry: Registry): KnownMetric[] {
  return registry.getMetricsAsArray() as unknown as KnownMetric[];
}

/** Names of metrics in PromQL or in a text, of the families that ours have. */
export function metricNames(text: string): string[] {
  const names = text.matchAll(
    /\b(?:modelarts_(?:operator|pool|workload)|controller_runtime|workqueue|rest_client|leader_election|process|nodejs)_[a-z0-9_]*[a-z0-9]\b/g,
  );
  return [...new Set([...names].map(([name]) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')))];
}
