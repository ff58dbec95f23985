import { bandEnd } from '../src/mirror/queue-position.ts';
import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../src/simulator/schema.ts';
import { against, apiserverRequests, mirror, simulate, until, type Bench } from './harness.ts';

const queued = 1_000;
/** Jobs that leave the queue between two passes. */
const perPass = 20;
const poolID = 'pool-queue-0123456789abcdef0123456789abcdef';

function scenario(): Scenario {
  return {
    name: 'queue',
    seed: 7,
    projects: [
      {
        id: demoProjectID,
        tokens: [demoToken],
        pools: [
          {
            name: 'queue',
            id: poolID,
            retention: '3650d',
            resources: [{ flavor: 'modelarts.bm.gpu.8v100', count: 1 }],
            load: { arrivalsPerMinute: 0 },
            // One that takes the whole pool and never ends keeps the others waiting.
            jobs: [
              { name: 'holder', status: 'Running', cards: 8, age: '2h' },
              ...Array.from({ length: queued }, (_, index) => ({
                name: `queued-${index}`,
                status: 'Queue' as const,
                cards: 8,
                age: `${queued - index}s`,
              })),
            ],
          },
        ],
      },
    ],
  };
}

/**
 * Status writes while a queue of a thousand jobs drains, against those that exact positions would take: every job that
 * still waits moves up with each pass.
 */
export const queueDrain: Bench = {
  name: 'queue-drain',
  run: async (cluster) => {
    const simulator = await simulate(scenario(), true);
    const mirrored = await mirror(cluster, {
      name: 'queue-drain',
      simulator,
      spec: {
        polling: { poolInterval: '1h', workloadInterval: '1s', maxStaleness: '1h' },
        workloads: { history: { maxPerPool: 2 * queued } },
      },
    });
    const { stores } = mirrored.operator;
    const waiting = (): string[] =>
      [...stores.workloads.values()].filter(({ phase }) => phase === 'Queue').map(({ identity }) => identity);
    await until('the queue', 120_000, () => waiting().length === queued);
    const before = (await apiserverRequests(mirrored.operator))['PUT'] ?? 0;
    let exact = 0;
    for (let left = queued; left > 0; left -= perPass) {
      const first = queued - left;
      const head = range(perPass).map((place) => `queued-${first + place - 1}`);
      simulator.act(...head.map((job) => ({ stopJob: { pool: poolID, job } })));
      exact += left;
      await until('the pass', 30_000, () => waiting().length === left - perPass);
    }
    const writes = ((await apiserverRequests(mirrored.operator))['PUT'] ?? 0) - before;
    await mirrored.stop();
    return [
      against('queue-drain/status-writes', writes, 'writes', exact),
      { name: 'queue-drain/writes-per-job', value: writes / queued, unit: 'writes' },
      {
        name: 'queue-drain/bands-a-job-passes-at-most',
        value: new Set(range(queued).map(bandEnd)).size,
        unit: 'bands',
      },
    ];
  },
};

const range = (end: number): number[] => Array.from({ length: end }, (_, index) => index + 1);
