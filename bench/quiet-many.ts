import { activeStatuses, terminalStatuses } from '../src/api/facts.ts';
import { against, figure, until, type Bench, type Cluster, type Figure } from './harness.ts';
import type { MirroredWorld } from './mirrored-world.ts';
import { startBarePolls, startOperatorProgram, underEachNode } from './programs.ts';
import { numberFrom, scenarioOf, sizeOf, type Size } from './sizes.ts';

/** The default intervals, seconds. */
const poolInterval = 30;
const workloadInterval = 15;
const maxStaleness = 300;
const pageSize = 500;
/** A turn comes up to a tenth of its interval late: five hundredths on average. */
const late = 1.05;

/**
 * Many pools in which nothing changes: writes, CPU against that of a program that only polls, and requests to ModelArts
 * against the formula in docs/performance.md.
 * BENCH_WORKLOADS: 10000, a thousand a pool; BENCH_MINUTES: 5; BENCH_NODE_OPTIONS.
 */
export const quietMany: Bench = {
  name: 'quiet-many',
  run: async (cluster) => {
    const size = sizeOf(numberFrom('BENCH_WORKLOADS', 10_000));
    const minutes = numberFrom('BENCH_MINUTES', 5);
    const world = await cluster.worlds.of(cluster, size);
    const polling = await cpuOfPolling(world, minutes);
    return underEachNode(`quiet-many/${size.workloads}`, (name, node) =>
      measured(name, cluster, world, node, { minutes, polling }),
    );
  },
};

async function measured(
  name: string,
  cluster: Cluster,
  { namespace, simulator, observed, size }: MirroredWorld,
  node: readonly string[],
  { minutes, polling }: { readonly minutes: number; readonly polling: number },
): Promise<Figure[]> {
  const { kubeconfig } = cluster;
  const program = startOperatorProgram(await cluster.programs(), { kubeconfig, namespace, node });
  const lists = async (): Promise<number> => (await simulator.requests()).byCall['ListWorkloads'] ?? 0;
  // The first turn of each pool reads everything.
  const before = await lists();
  await until('the first turn', 300_000, async () => (await lists()) - before >= perThoroughTurn(size));
  await new Promise((resolve) => setTimeout(resolve, 2 * workloadInterval * 1000));
  const begun = {
    writes: await observed.writes(),
    cpu: await program.cpuSeconds(),
    requests: (await simulator.requests()).total,
    at: performance.now(),
  };
  await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
  const seconds = (performance.now() - begun.at) / 1000;
  const cpu = (await program.cpuSeconds()) - begun.cpu;
  const requests = (await simulator.requests()).total - begun.requests;
  const writes = (await observed.writes()) - begun.writes;
  const { now } = await program.memory();
  await program.stop();
  return [
    figure(`${name}/apiserver-writes`, writes, `writes/${minutes} min`),
    against(`${name}/cpu`, (100 * cpu) / seconds, '% of a core', polling),
    against(`${name}/modelarts-requests`, (60 * requests) / seconds, 'requests/min', perMinute(size)),
    figure(`${name}/rss`, now / 1e6, 'MB'),
  ];
}

/** Per cent of a core that a program takes which only asks for what the operator asks for. */
async function cpuOfPolling({ simulator, size }: MirroredWorld, minutes: number): Promise<number> {
  const pools = scenarioOf(size).projects.flatMap(({ pools = [] }) => pools.flatMap(({ id }) => id ?? []));
  const program = startBarePolls(simulator.url, pools, workloadInterval * late * 1000);
  const measure = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 2 * workloadInterval * 1000));
    const before = await program.cpuSeconds();
    await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
    return ((await program.cpuSeconds()) - before) / (minutes * 60);
  };
  const share = await program.during(measure());
  await program.stop();
  return 100 * share;
}

/**
 * Requests a minute of one workspace whose pools have running jobs and ended ones of two words: each turn of a pool's jobs
 * is the statistics and the pages of running jobs; once in `maxStaleness` also all other statuses and the pool itself.
 */
function perMinute(size: Size): number {
  const { pools } = size;
  const project = (2 * 60) / (poolInterval * late);
  const turns = (pools * 60 * (1 + pagesOf(active(size)))) / (workloadInterval * late);
  const thorough = (pools * 60 * (without + ended(size) + 1)) / (maxStaleness * late);
  return project + turns + thorough;
}

/** Pages of statuses in which nothing is: all but Running, Completed and Failed. */
const without = activeStatuses.length + terminalStatuses.length - 3;
const active = ({ pools, workloads }: Size): number => Math.floor(workloads / pools / 4);
const pagesOf = (rows: number): number => Math.max(1, Math.ceil(rows / pageSize));

/** Pages of completed and failed jobs of a pool: one in ten of those that ended has failed. */
function ended(size: Size): number {
  const rows = size.workloads / size.pools - active(size);
  return pagesOf(rows * 0.9) + pagesOf(rows * 0.1);
}

const perThoroughTurn = (size: Size): number => size.pools * (pagesOf(active(size)) + without + ended(size));
