import { against, figure, prepareNamespace, type Bench } from './harness.ts';
import { ObservedCluster } from './observed-cluster.ts';
import { startOperatorProgram, startSimulatorProgram } from './programs.ts';
import { numberFrom } from './sizes.ts';
import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../src/simulator/schema.ts';

const pools = 10;
const arrivalsPerMinute = 30;
const sampleMs = 10_000;

/**
 * Jobs come, run and leave the history for BENCH_MINUTES (60), and memory is watched: the slope of a line through the
 * second half of its samples, in MB an hour, against what is in memory.
 */
export const churn: Bench = {
  name: 'churn',
  run: async (cluster) => {
    const minutes = numberFrom('BENCH_MINUTES', 60);
    const programs = await cluster.programs();
    const observed = new ObservedCluster(cluster);
    const simulator = await startSimulatorProgram(programs, scenario());
    const namespace = `bench-churn-${process.pid}`;
    const history = { maxPerPool: 20, ttl: '1h', minRetention: '10s' };
    await prepareNamespace(cluster, namespace, simulator.url, { workloads: { history } });
    const writesBefore = await observed.writes();
    const program = startOperatorProgram(programs, { kubeconfig: cluster.kubeconfig, namespace });
    const samples: (readonly [hours: number, megabytes: number])[] = [];
    while (performance.now() - program.startedAt < minutes * 60_000) {
      await new Promise((resolve) => setTimeout(resolve, sampleMs));
      const hours = (performance.now() - program.startedAt) / 3_600_000;
      samples.push([hours, (await program.memory()).now / 1e6]);
    }
    const writes = (await observed.writes()) - writesBefore;
    const mirrors = await observed.count(namespace);
    await program.stop();
    await simulator.program.stop();
    await observed.close();
    const half = samples.slice(Math.floor(samples.length / 2));
    const level = half.reduce((sum, [, megabytes]) => sum + megabytes, 0) / half.length;
    return [
      against('churn/rss-slope', slope(half), 'MB/h', level),
      figure('churn/writes', writes, `writes/${minutes} min`),
      figure('churn/mirrors', mirrors, 'mirrors at the end'),
    ];
  },
};

function scenario(): Scenario {
  return {
    name: 'churn',
    seed: 11,
    projects: [
      {
        id: demoProjectID,
        tokens: [demoToken],
        pools: Array.from({ length: pools }, (_, index) => ({
          name: `churn-${index}`,
          id: `pool-churn-${index}-0123456789abcdef0123456789abcdef`,
          retention: '1h',
          resources: [{ flavor: 'modelarts.bm.gpu.8v100', count: 4 }],
          // More cards than ever run: as many jobs wait at the end as at the beginning.
          load: { arrivalsPerMinute, backlog: 20, cards: [1], duration: { min: '10s', max: '1m' } },
        })),
      },
    ],
  };
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
