import { cachedWorkloads } from '../src/cli/assembly/cached-kinds.ts';
import { MirroredEntries } from '../src/kubernetes/mirrored-entries.ts';
import type { StoredObject } from '../src/mirror/records.ts';
import type { WorkloadRecord } from '../src/mirror/world.ts';
import { WorkloadObservations } from '../src/controller/workload-observations.ts';
import { decodeWorkloadPage } from '../src/modelarts/decode/workload.ts';
import { Cursor } from '../src/modelarts/decode/read.ts';
import { exposeGC, figure, type Figure } from './harness.ts';
import { listedWorkload, storedWorkload } from './stored-workload.ts';
import { numberFrom } from './sizes.ts';

const pageSize = 500;

/**
 * Bytes that the cache keeps for a mirror, indexes included, and those that are kept of what was read of its workload:
 * what the heap grows by when lists of them, parsed from text as answers are, are taken in. BENCH_WORKLOADS: 100000.
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
    const cached = settled();
    const observations = observe(workloads, entries);
    const rows = (settled() - cached) / workloads;
    // Both live until both are measured.
    if (observations.row('') !== undefined || entries.table.size !== workloads) throw new Error('lost rows');
    return Promise.resolve([
      figure(`memory/${workloads}/cache`, (cached - before) / workloads, 'bytes a mirror'),
      figure(`memory/${workloads}/rows`, rows, 'bytes a workload'),
    ]);
  },
};

/** What reading the same workloads leaves, each of them found in sync with its mirror. */
function observe(workloads: number, mirrors: MirroredEntries<WorkloadRecord>): WorkloadObservations {
  const observations = new WorkloadObservations();
  const family = { parentOf: () => undefined, isRead: () => true };
  for (let first = 0; first < workloads; first += pageSize) {
    const items = Array.from({ length: Math.min(pageSize, workloads - first) }, (_, at) =>
      listedWorkload(first + at),
    );
    const pool = items[0]?.namespace ?? '';
    const known = new Map(
      items
        .map(({ uid }) => mirrors.table.get('bench', uid)?.identity ?? '')
        .map((uid) => [uid, { uid, terminal: true }]),
    );
    const read = decodeWorkloadPage(new Cursor(JSON.parse(JSON.stringify({ items }))), pool)?.items ?? [];
    const rows = read.map((facts) => ({ facts, readAt: Date.UTC(2026, 5, 1) + first, sequence: first }));
    for (const uid of observations.applyRows(pool, rows, family, known)) observations.compared(uid, true);
  }
  return observations;
}

/** Bytes of the heap and of what lies outside of it, after a full collection. */
function heapAfterCollection(): () => number {
  const collect = exposeGC();
  return () => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
