import { figure, median, prepareNamespace, type Bench } from './harness.ts';
import type { KubernetesObject } from '../src/kubernetes/objects.ts';
import { ObservedCluster } from './observed-cluster.ts';
import { startOperatorProgram, startSimulatorProgram } from './programs.ts';
import { keepAll } from './first-sync.ts';
import { scenarioOf } from './sizes.ts';

const rounds = 5;
const limitMs = 60_000;

/** From the start of the bundled operator, nothing mirrored yet, to the first status of a workload that can be read. */
export const coldStart: Bench = {
  name: 'cold-start',
  run: async (cluster) => {
    const programs = await cluster.programs();
    const simulator = await startSimulatorProgram(programs, scenarioOf({ pools: 5, workloads: 50 }));
    const observed = new ObservedCluster(cluster);
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const namespace = `bench-cold-${round}-${process.pid}`;
      await prepareNamespace(cluster, namespace, simulator.url, keepAll);
      const revision = await observed.revision(namespace);
      const program = startOperatorProgram(programs, { kubeconfig: cluster.kubeconfig, namespace });
      const changes = observed.changes(namespace, revision, AbortSignal.timeout(limitMs));
      await program.during(firstStatus(changes));
      seconds.push((performance.now() - program.startedAt) / 1000);
      await program.stop();
    }
    await simulator.program.stop();
    await observed.close();
    return [
      figure('cold-start/median', median(seconds), 's'),
      figure('cold-start/longest', Math.max(...seconds), 's'),
    ];
  },
};

async function firstStatus(changes: AsyncIterable<KubernetesObject>): Promise<void> {
  for await (const object of changes)
    if ((object as { status?: { phase?: string } }).status?.phase !== undefined) return;
  throw new Error(`there was no status within ${limitMs} ms`);
}
