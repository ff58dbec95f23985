import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../src/simulator/schema.ts';
import { against, mirror, simulate, until, type Bench } from './harness.ts';

const active = 200;
const finished = 50_000;
const rounds = 5;
/** A poller without a plan walks everything: a statistics read and every page. */
const wholeWalk = 1 + Math.ceil((active + finished) / 500);

const poolID = 'pool-history-0123456789abcdef0123456789abcdef';

function scenario(): Scenario {
  return {
    name: 'history',
    seed: 5,
    projects: [
      {
        id: demoProjectID,
        tokens: [demoToken],
        pools: [
          {
            name: 'history',
            id: poolID,
            retention: '3650d',
            resources: [{ flavor: 'modelarts.bm.gpu.8v100', count: active / 8 }],
            load: { arrivalsPerMinute: 0, finished },
            jobs: Array.from({ length: active }, (_, index) => ({
              name: `active-${index}`,
              status: 'Running' as const,
              cards: 1,
              age: '1h',
            })),
          },
        ],
      },
    ],
  };
}

/** Requests to ModelArts of one pass over a pool with a long history: quiet, and when ten jobs change between passes. */
export const readingCost: Bench = {
  name: 'reading-cost',
  run: async (cluster) => {
    const simulator = await simulate(scenario(), true);
    const mirrored = await mirror(cluster, {
      name: 'reading-cost',
      simulator,
      spec: { polling: { poolInterval: '1h', workloadInterval: '2s', maxStaleness: '1h' } },
    });
    const passes = (): number => simulator.requests().byCall['ShowWorkloadStatistics'] ?? 0;
    const running = (): number =>
      [...mirrored.operator.stores.workloads.values()].filter(({ phase }) => phase === 'Running').length;
    await until(
      'the first sync',
      120_000,
      () => running() === active && mirrored.operator.stores.workloads.size > active,
    );
    await until('a quiet pass', 30_000, atLeast(passes, passes() + 2));

    const cost = async (between: (round: number) => void): Promise<number> => {
      let requests = 0;
      for (let round = 0; round < rounds; round++) {
        await until('the end of a pass', 30_000, atLeast(passes, passes() + 1));
        await new Promise((resolve) => setTimeout(resolve, 500));
        simulator.resetRequests();
        between(round);
        await until('a pass', 30_000, atLeast(passes, 1));
        await new Promise((resolve) => setTimeout(resolve, 500));
        requests += simulator.requests().total;
      }
      return requests / rounds;
    };
    const quiet = await cost(() => undefined);
    const uids = [...mirrored.operator.stores.workloads.values()]
      .filter(({ phase }) => phase === 'Running')
      .map(({ identity }) => identity);
    const changing = await cost((round) => {
      for (const job of uids.slice(round * 10, round * 10 + 10))
        simulator.act({ finishJob: { pool: poolID, job, outcome: 'Completed' } });
    });
    await mirrored.stop();
    return [
      against('reading-cost/quiet', quiet, 'requests/pass', wholeWalk),
      against('reading-cost/ten-changes', changing, 'requests/pass', wholeWalk),
    ];
  },
};

const atLeast = (count: () => number, wanted: number) => (): boolean => count() >= wanted;
