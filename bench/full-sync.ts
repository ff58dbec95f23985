import { firstSync, type FirstSync } from './first-sync.ts';
import { against, figure, median, type Bench, type Figure } from './harness.ts';
import { RawWrites } from './raw-writes.ts';
import { numberFrom, numbersFrom, sizeOf } from './sizes.ts';

/**
 * From the operator's start to the last status written, against the same number of bare creates and status writes at the
 * concurrency that is best for them, done before and after: a machine's speed changes in between. The medians of all rounds,
 * and each round by itself. BENCH_WORKLOADS: 5000,20000; BENCH_ROUNDS: 3.
 */
export const fullSync: Bench = {
  name: 'full-sync',
  run: async (cluster) => {
    const figures: Figure[] = [];
    const rounds = numberFrom('BENCH_ROUNDS', 3);
    for (const workloads of numbersFrom('BENCH_WORKLOADS', [5_000, 20_000])) {
      const size = sizeOf(workloads);
      const programs = await cluster.programs();
      const raw = await RawWrites.prepare(cluster, 'full-sync', size);
      const concurrency = await raw.bestConcurrency();
      const bare = [await raw.perSecond(concurrency)];
      const syncs: FirstSync[] = [];
      for (let round = 1; round <= rounds; round++) {
        const options = { name: `full-sync-${round}`, size, by: 'operator', settle: false } as const;
        syncs.push(await firstSync(cluster, programs, options));
        bare.push(await raw.perSecond(concurrency));
      }
      await raw.close();
      const name = `full-sync/${size.workloads}`;
      const leastWrites = 2 * (size.workloads + size.pools);
      const middle = (field: keyof FirstSync): number => median(syncs.map((sync) => sync[field]));
      figures.push(
        against(`${name}/throughput`, size.workloads / middle('seconds'), 'workloads/s', median(bare)),
        ...syncs.map(({ seconds }, i) => {
          const beside = median(bare.slice(i, i + 2));
          return against(`${name}/round-${i + 1}`, size.workloads / seconds, 'workloads/s', beside);
        }),
        figure(`${name}/raw-concurrency`, concurrency, 'writers'),
        against(`${name}/apiserver-writes`, middle('writes'), 'requests', leastWrites),
        figure(`${name}/modelarts-requests`, middle('upstreamRequests'), 'requests'),
        figure(`${name}/cpu`, middle('cpuSeconds'), 's'),
      );
    }
    return figures;
  },
};
