import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';

import { cachedWorkloads } from '../src/cli/assembly/cached-kinds.ts';
import { MirroredEntries } from '../src/kubernetes/mirrored-entries.ts';
import type { StoredObject } from '../src/mirror/records.ts';
import type { WorkloadRecord } from '../src/mirror/world.ts';
import { figure, type Figure } from './harness.ts';
import { storedWorkload } from './stored-workload.ts';
import { numberFrom } from './sizes.ts';

const pageSize = 500;

/**
 * Bytes that the cache keeps for a mirror, indexes included: what the heap grows by when a list of workloads, parsed from
 * text as answers are, is taken in. BENCH_WORKLOADS: 100000.
 */
export const memory = {
  name: 'memory',
  run: (): Promise<readonly Figure[]> => {
    const workloads = numberFrom('BENCH_WORKLOADS', 100_000);
    const kind = cachedWorkloads();
    const settled = heapAfterCollection();
    const before = settled();
    const entries = new MirroredEntries<WorkloadRecord>(kind.indexers);
    entries.relistStarted('bench');
    for (let first = 0; first < workloads; first += pageSize) {
      const page = Array.from({ length: Math.min(pageSize, workloads - first) }, (_, at) =>
        storedWorkload(first + at),
      );
      for (const object of JSON.parse(JSON.stringify(page)) as StoredObject[]) {
        entries.listed('bench', kind.project(object));
      }
    }
    entries.relistDone('bench', String(10 * workloads));
    const bytes = (settled() - before) / entries.table.size;
    return Promise.resolve([figure(`memory/${workloads}/cache`, bytes, 'bytes a mirror')]);
  },
};

/** Bytes of the heap and of what lies outside of it, after a full collection. */
function heapAfterCollection(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
