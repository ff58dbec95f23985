import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Gauges whose names say that they count; each has a sibling without `_total` that shows the same by type. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Which version runs. Its absence shows that none does. */
export function registerBuildInfo(registry: Registry, version: string): void {
  new Gauge({
    registers: [registry],
    name: 'modelarts_operator_build_info',
    help: 'Always 1: the version of the operator.',
    labelNames: ['version'],
  }).set({ version }, 1);
}

/** Memory, processor, event loop and garbage collection of this process, as every Node.js program shows them. Once a process. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
}
