import { prepareNamespace, type Cluster } from './harness.ts';
import { ObservedCluster } from './observed-cluster.ts';
import { startOperatorProgram, startPeerProgram, startSimulatorProgram, type Programs } from './programs.ts';
import { scenarioOf, type Size } from './sizes.ts';

/** Who mirrors: the operator, or the Go program with one of its two caches. */
export type Mirrorer = 'operator' | 'peer' | 'peer-metadata';

export interface FirstSync {
  /** From the start of the process to the last status written. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Bytes in memory a while after, and at most. */
  readonly rss: number;
  readonly peakRSS: number;
  readonly writes: number;
  readonly upstreamRequests: number;
}

/** Every ended job of the scenario stays in the history. */
export const keepAll = { workloads: { history: { maxPerPool: 1000, ttl: '8760h' } } };
/** One interval: what the first sync left behind has settled. */
const settleMs = 15_000;
/** A cluster that takes no more than twenty a second is broken. */
const limitMs = ({ workloads }: Size): number => 60_000 + workloads * 50;

/** Mirrors a project of this size into an empty namespace, from the start of the process on. */
export async function firstSync(
  cluster: Cluster,
  programs: Programs,
  options: { readonly name: string; readonly size: Size; readonly by: Mirrorer; readonly settle?: boolean },
): Promise<FirstSync> {
  const { size, by, settle = true } = options;
  const namespace = `bench-${options.name}-${by}-${size.workloads}-${process.pid}`;
  const observed = new ObservedCluster(cluster);
  const simulator = await startSimulatorProgram(programs, scenarioOf(size));
  await prepareNamespace(cluster, namespace, simulator.url, keepAll);
  const writesBefore = await observed.writes();
  const { kubeconfig } = cluster;
  const program =
    by === 'operator'
      ? startOperatorProgram(programs, { kubeconfig, namespace })
      : startPeerProgram(programs, {
          kubeconfig,
          namespace,
          endpoint: simulator.url,
          metadataOnly: by === 'peer-metadata',
        });
  try {
    await program.during(observed.mirrored(namespace, size, limitMs(size)));
    const seconds = (performance.now() - program.startedAt) / 1000;
    const cpuSeconds = await program.cpuSeconds();
    const upstreamRequests = (await simulator.requests()).total;
    if (settle) await new Promise((resolve) => setTimeout(resolve, settleMs));
    const { now, most } = await program.memory();
    const writes = (await observed.writes()) - writesBefore;
    return { seconds, cpuSeconds, rss: now, peakRSS: most, writes, upstreamRequests };
  } catch (error) {
    throw new Error(`${by}: ${(error as Error).message}`, { cause: error });
  } finally {
    await program.stop();
    await simulator.program.stop();
    await observed.close();
  }
}
