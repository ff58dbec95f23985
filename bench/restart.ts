import { createServer } from 'node:net';

import { against, figure, median, until, type Bench, type Cluster, type Figure } from './harness.ts';
import type { MirroredWorld } from './mirrored-world.ts';
import { startOperatorProgram, underEachNode } from './programs.ts';
import { numberFrom, sizeOf } from './sizes.ts';

const rounds = 3;
/** Everything is read once, and settles. */
const settlingMs = 40_000;

/**
 * From the start of the process to ready with mirrors in place, against a bare list of the same objects by pages. The
 * start of Node and of the operator is in it. Then memory, once everything was read and came to rest, and the CPU until
 * then. BENCH_WORKLOADS: 10000; BENCH_NODE_OPTIONS.
 */
export const restart: Bench = {
  name: 'restart',
  run: async (cluster) => {
    const size = sizeOf(numberFrom('BENCH_WORKLOADS', 10_000));
    const world = await cluster.worlds.of(cluster, size);
    return underEachNode(`restart/${size.workloads}`, (name, node) => measured(name, cluster, world, node));
  },
};

async function measured(
  name: string,
  cluster: Cluster,
  world: MirroredWorld,
  node: readonly string[],
): Promise<Figure[]> {
  const programs = await cluster.programs();
  const lists: number[] = [];
  const starts: number[] = [];
  let memory = { now: 0, most: 0 };
  let cpu = 0;
  for (let round = 0; round < rounds; round++) {
    lists.push(await listed(world));
    const probes = `127.0.0.1:${await freePort()}`;
    const { namespace } = world;
    const program = startOperatorProgram(programs, {
      kubeconfig: cluster.kubeconfig,
      namespace,
      probes,
      node,
    });
    await until('ready', 300_000, () =>
      fetch(`http://${probes}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    starts.push((performance.now() - program.startedAt) / 1000);
    if (round === rounds - 1) {
      await new Promise((resolve) => setTimeout(resolve, settlingMs));
      memory = await program.memory();
      cpu = await program.cpuSeconds();
    }
    await program.stop();
  }
  return [
    against(`${name}/ready`, median(starts), 's', median(lists)),
    figure(`${name}/rss`, memory.now / 1e6, 'MB'),
    figure(`${name}/peak-rss`, memory.most / 1e6, 'MB'),
    figure(`${name}/cpu`, cpu, 's'),
  ];
}

/** Seconds for all pages of the workloads, each read and parsed. */
async function listed({ observed, namespace }: MirroredWorld): Promise<number> {
  const started = performance.now();
  let next: string | undefined;
  do {
    const page = await observed.workloads.list({ namespace, limit: 500, continue: next });
    next = page.metadata.continue;
  } while (next !== undefined && next !== '');
  return (performance.now() - started) / 1000;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
