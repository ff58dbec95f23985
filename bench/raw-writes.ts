import { atOnce, type Cluster } from './harness.ts';
import { ObservedCluster } from './observed-cluster.ts';
import type { Size } from './sizes.ts';

const concurrencies = [8, 16, 32, 64];
/** Enough to tell one concurrency from another. */
const trial = 1_000;

/** The same number of the same writes as a first sync sends, and nothing else going on. */
export class RawWrites {
  readonly #observed: ObservedCluster;
  readonly #namespace: string;
  readonly #size: Size;
  #next = 0;

  private constructor(observed: ObservedCluster, namespace: string, size: Size) {
    this.#observed = observed;
    this.#namespace = namespace;
    this.#size = size;
  }

  static async prepare(cluster: Cluster, name: string, size: Size): Promise<RawWrites> {
    const namespace = `bench-${name}-raw-${size.workloads}-${process.pid}`;
    await cluster.kubectl(['create', 'namespace', namespace]);
    const writes = new RawWrites(new ObservedCluster(cluster), namespace, size);
    // The first writes open connections and warm both sides up.
    await writes.perSecond(16, trial);
    return writes;
  }

  close(): Promise<void> {
    return this.#observed.close();
  }

  /** How many writers do most. */
  async bestConcurrency(): Promise<number> {
    let best = { concurrency: 0, perSecond: 0 };
    for (const concurrency of concurrencies) {
      const perSecond = await this.perSecond(concurrency, trial);
      if (perSecond > best.perSecond) best = { concurrency, perSecond };
    }
    return best.concurrency;
  }

  /** Workloads a second that bare creates and status writes reach. */
  async perSecond(concurrency: number, count = this.#size.workloads): Promise<number> {
    const seconds = await atOnce(concurrency, count, () =>
      write(this.#observed, this.#namespace, this.#next++, this.#size),
    );
    return count / seconds;
  }
}

async function write(
  observed: ObservedCluster,
  namespace: string,
  index: number,
  { pools }: Size,
): Promise<void> {
  const uid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const poolName = `pool-raw-${String(index % pools).padStart(4, '0')}-0123456789abcdef0123456789abcdef`;
  const object = {
    metadata: {
      namespace,
      name: uid,
      labels: {
        'app.kubernetes.io/managed-by': 'modelarts-operator',
        'modelarts-operator.dev/project': 'bench',
        'modelarts-operator.dev/pool': poolName,
      },
      ownerReferences: [
        {
          apiVersion: 'modelarts-operator.dev/v1alpha1',
          kind: 'ModelArtsPool',
          name: poolName,
          uid: '00000000-0000-4000-8000-00000000000a',
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    spec: { projectRef: { name: 'bench' }, poolName, source: 'Workload', uid },
  };
  const created = await observed.workloads.create(object);
  const { resourceVersion = '' } = created.metadata;
  await observed.workloads.replaceStatus({
    metadata: { namespace, name: uid, resourceVersion },
    status: statusLike(uid),
  });
}

/** What a mirrored job's status holds. */
function statusLike(uid: string): unknown {
  const time = '2026-01-01T00:00:00Z';
  const condition = (type: string, status: string): unknown => ({
    type,
    status,
    reason: 'Completed',
    message: 'ModelArts reports the status Completed.',
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
    nodeCount: 1,
    resources: { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '1' },
    accelerator: { type: 'gpu', count: 1, summary: '1 gpu' },
    gvk: 'batch.volcano.sh/v1alpha1, Kind=Job',
    hostIPs: ['192.168.10.11'],
    creationTime: time,
    startTime: time,
    completionTime: time,
  };
}
