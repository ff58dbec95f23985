import { createHash } from 'node:crypto';

import type { StoredObject } from '../src/mirror/records.ts';

const perPool = 1_000;

/** The object of a job that ended, as the apiserver answers it, different in all that differs between jobs. */
export function storedWorkload(index: number): StoredObject {
  const time = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString().replace('.000', '');
  const uid = uuid(`job ${index}`);
  const pool = `pool-large-${String(Math.floor(index / perPool)).padStart(4, '0')}-0123456789abcdef0123456789abcdef`;
  const condition = (type: string, status: 'True' | 'False') => ({
    type,
    status,
    reason: 'Completed',
    message: 'ModelArts reports the status Completed.',
    lastTransitionTime: time,
    observedGeneration: 1,
  });
  return {
    metadata: {
      namespace: 'bench',
      name: uid,
      uid: uuid(`object ${index}`),
      resourceVersion: String(1_000_000 + index),
      generation: 1,
      creationTimestamp: time,
      labels: {
        'app.kubernetes.io/managed-by': 'modelarts-operator',
        'modelarts-operator.dev/project': 'bench',
        'modelarts-operator.dev/pool': pool,
      },
      ownerReferences: [
        {
          apiVersion: 'modelarts-operator.dev/v1alpha1',
          kind: 'ModelArtsPool',
          name: pool,
          uid: uuid(pool),
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    spec: { projectRef: { name: 'bench' }, poolName: pool, source: 'Workload', uid },
    status: {
      conditions: [
        condition('Complete', 'True'),
        condition('Queued', 'False'),
        condition('Running', 'False'),
      ],
      type: 'train',
      name: `modelarts-job-${uid}`,
      jobName: `job-${index}`,
      jobID: uuid(`upper ${index}`),
      phase: 'Completed',
      priority: '1',
      flavor: 'modelarts.bm.gpu.8v100',
      resources: { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '1' },
      accelerator: { type: 'gpu', count: 1, summary: '1 gpu' },
      creationTime: time,
      startTime: time,
      completionTime: time,
    },
  };
}

/** The fields that tell which one it is, and others. */
type ListedWorkload = Readonly<Record<string, unknown>> & {
  readonly uid: string;
  readonly namespace: string;
};

/** The row of the same job as ModelArts lists it. */
export function listedWorkload(index: number): ListedWorkload {
  const object = storedWorkload(index);
  const uid = object.metadata.name;
  const { poolName } = object.spec as { readonly poolName: string };
  return {
    uid,
    namespace: poolName,
    name: `modelarts-job-${uid}`,
    jobName: `job-${index}`,
    jobUUID: uuid(`upper ${index}`),
    type: 'train',
    status: 'Completed',
    flavor: 'modelarts.bm.gpu.8v100',
    priority: '1',
    gvk: 'batch.volcano.sh/v1alpha1, Kind=Job',
    resourceRequirement: { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '1' },
    runningDuration: 600 + (index % 5000),
    pendingDuration: index % 300,
    createTime: 1_767_225_600 + index * 60,
    hostIps: `10.0.${index % 16}.${index % 250}`,
  };
}

function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
