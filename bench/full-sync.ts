import { firstSync } from './first-sync.ts';
import { against, figure, type Bench, type Figure } from './harness.ts';
import { RawWrites } from './raw-writes.ts';
import { numbersFrom, sizeOf } from './sizes.ts';

/**
 * From the operator's start to the last status written, against the same number of bare creates and status writes at the
 * concurrency that is best for them, done once before and once after, of which the faster counts. BENCH_WORKLOADS: 5000,20000.
 */
export const fullSync: Bench = {
  name: 'full-sync',
  run: async (cluster) => {
    const figures: Figure[] = [];
    for (const workloads of numbersFrom('BENCH_WORKLOADS', [5_000, 20_000])) {
      const size = sizeOf(workloads);
      const programs = await cluster.programs();
      const raw = await RawWrites.prepare(cluster, 'full-sync', size);
      const concurrency = await raw.bestConcurrency();
      const before = await raw.perSecond(concurrency);
      const sync = await firstSync(cluster, programs, {
        name: 'full-sync',
        size,
        by: 'operator',
        settle: false,
      });
      const after = await raw.perSecond(concurrency);
      await raw.close();
      const name = `full-sync/${size.workloads}`;
      const leastWrites = 2 * (size.workloads + size.pools);
      figures.push(
        against(`${name}/throughput`, size.workloads / sync.seconds, 'workloads/s', Math.max(before, after)),
        figure(`${name}/raw-concurrency`, concurrency, 'writers'),
        against(`${name}/apiserver-writes`, sync.writes, 'requests', leastWrites),
        figure(`${name}/modelarts-requests`, sync.upstreamRequests, 'requests'),
        figure(`${name}/cpu`, sync.cpuSeconds, 's'),
      );
    }
    return figures;
  },
};
