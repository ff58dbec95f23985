import { keepAll } from './first-sync.ts';
import { prepareNamespace, type Cluster } from './harness.ts';
import { ObservedCluster } from './observed-cluster.ts';
import { startOperatorProgram, startSimulatorProgram, type SimulatorProgram } from './programs.ts';
import { scenarioOf, type Size } from './sizes.ts';

/** A namespace with that many mirrors, made by the operator, and the simulator that they are of. No operator runs. */
export interface MirroredWorld {
  readonly namespace: string;
  readonly size: Size;
  readonly simulator: SimulatorProgram;
  readonly observed: ObservedCluster;
}

/** Worlds are dear, and the benchmarks that need one of the same size can share it. */
export class MirroredWorlds {
  readonly #worlds = new Map<number, Promise<MirroredWorld>>();

  of(cluster: Cluster, size: Size): Promise<MirroredWorld> {
    let world = this.#worlds.get(size.workloads);
    if (!world) this.#worlds.set(size.workloads, (world = prepare(cluster, size)));
    return world;
  }

  async close(): Promise<void> {
    for (const pending of this.#worlds.values()) {
      const world = await pending.catch(() => undefined);
      await world?.simulator.program.stop();
      await world?.observed.close();
    }
  }
}

async function prepare(cluster: Cluster, size: Size): Promise<MirroredWorld> {
  console.error(`mirroring ${size.workloads} workloads …`);
  const namespace = `bench-world-${size.workloads}-${process.pid}`;
  const programs = await cluster.programs();
  const observed = new ObservedCluster(cluster);
  const simulator = await startSimulatorProgram(programs, scenarioOf(size));
  await prepareNamespace(cluster, namespace, simulator.url, keepAll);
  const program = startOperatorProgram(programs, { kubeconfig: cluster.kubeconfig, namespace });
  try {
    await program.during(observed.mirrored(namespace, size, 60_000 + size.workloads * 50));
    // The counts of pools and projects follow their mirrors.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  } finally {
    await program.stop();
  }
  return { namespace, size, simulator, observed };
}
