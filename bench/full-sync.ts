import { modelArtsWorkload } from '../src/api/kinds/modelarts-workload.ts';
import { group, version } from '../src/api/kinds/metadata.ts';
import { HttpTransport } from '../src/kubernetes/http-transport.ts';
import { ResourceClient } from '../src/kubernetes/resource-client.ts';
import type { KubernetesObject } from '../src/kubernetes/objects.ts';
import { systemRuntime } from '../src/runtime/system.ts';
import { largeScenario } from '../src/simulator/scenarios/large.ts';
import {
  against,
  apiserverRequests,
  kubeConfigOf,
  mirror,
  simulate,
  until,
  writesOf,
  type Bench,
  type Cluster,
} from './harness.ts';

const pools = 20;
const workloads = 200;
const total = pools * workloads;
/** The concurrency at which the bare apiserver answered most writes a second on two cores. */
const rawConcurrency = 16;

/** From the operator's start to the last status written, against the same number of bare creates and status writes. */
export const fullSync: Bench = {
  name: 'full-sync',
  run: async (cluster) => {
    const simulator = await simulate(largeScenario({ pools, workloads }));
    const started = performance.now();
    const mirrored = await mirror(cluster, {
      name: 'full-sync',
      simulator,
      spec: { workloads: { history: { maxPerPool: workloads, ttl: '8760h' } } },
    });
    const { operator } = mirrored;
    await until('the full sync', 300_000, () => {
      const records = [...operator.stores.workloads.values()];
      return (
        records.length === total &&
        records.every(({ phase }) => phase !== undefined) &&
        [...operator.stores.pools.values()].every(({ status }) => status.workloads?.total === workloads)
      );
    });
    const seconds = (performance.now() - started) / 1000;
    const requests = await apiserverRequests(operator);
    const upstream = simulator.requests();
    await mirrored.stop();
    const raw = await rawWrites(cluster, `${mirrored.namespace}-raw`);
    return [
      against('full-sync/throughput', total / seconds, 'workloads/s', raw),
      against('full-sync/apiserver-writes', writesOf(requests), 'requests', 2 * (total + pools) + 1),
      { name: 'full-sync/apiserver-reads', value: requests['GET'] ?? 0, unit: 'requests' },
      { name: 'full-sync/modelarts-requests', value: upstream.total, unit: 'requests' },
    ];
  },
};

/** Workloads a second that bare creates and status writes reach, nothing else going on. */
async function rawWrites(cluster: Cluster, namespace: string): Promise<number> {
  await cluster.kubectl(['create', 'namespace', namespace]);
  const transport = new HttpTransport({
    kubeConfig: kubeConfigOf(cluster),
    runtime: systemRuntime,
    userAgent: 'bench',
  });
  const { kind, plural } = modelArtsWorkload;
  const client = new ResourceClient<KubernetesObject>({
    transport,
    resource: { group, version, plural, kind, namespaced: true },
    fieldManager: 'bench',
  });
  const poolName = 'pool-raw-0123456789abcdef0123456789abcdef';
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) {
      const uid = `raw-${next++}`;
      const created = await client.create({
        metadata: { namespace, name: uid, labels: { 'modelarts-operator.dev/pool': poolName } },
        spec: { projectRef: { name: 'bench' }, poolName, source: 'Workload', uid },
      } as KubernetesObject);
      const { resourceVersion = '' } = created.metadata;
      await client.replaceStatus({
        metadata: { namespace, name: uid, resourceVersion },
        status: statusLike(uid),
      });
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: rawConcurrency }, worker));
  const seconds = (performance.now() - started) / 1000;
  await transport.close();
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  return total / seconds;
}

/** About what a mirrored job's status holds. */
function statusLike(uid: string): unknown {
  const time = '2026-01-01T00:00:00Z';
  const condition = (type: string, status: string): unknown => ({
    type,
    status,
    reason: 'Completed',
    message: 'The job completed.',
    lastTransitionTime: time,
    observedGeneration: 1,
  });
  return {
    conditions: [condition('Complete', 'True'), condition('Queued', 'False'), condition('Running', 'False')],
    type: 'train',
    name: `modelarts-job-${uid}`,
    jobName: uid,
    jobID: uid,
    phase: 'Completed',
    priority: '1',
    flavor: 'modelarts.bm.gpu.8v100',
    resources: { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '1' },
    accelerator: { type: 'gpu', count: 1, summary: '1 gpu' },
    gvk: 'batch.volcano.sh/v1alpha1, Kind=Job',
    hostIPs: ['192.168.10.11'],
    creationTime: time,
    startTime: time,
    completionTime: time,
  };
}
