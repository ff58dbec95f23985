import { changeLatency } from '../bench/change-latency.ts';
import { churn } from '../bench/churn.ts';
import { coldStart } from '../bench/cold-start.ts';
import { fullSync } from '../bench/full-sync.ts';
import { fuzz } from '../bench/fuzz.ts';
import { growth } from '../bench/growth.ts';
import { clusterAt, type Bench, type Figure } from '../bench/harness.ts';
import { httpVersions } from '../bench/http-versions.ts';
import { memory } from '../bench/memory.ts';
import { peer } from '../bench/peer.ts';
import { queueDrain } from '../bench/queue-drain.ts';
import { quietMany } from '../bench/quiet-many.ts';
import { quietPass } from '../bench/quiet-pass.ts';
import { quiet } from '../bench/quiet.ts';
import { readingCost } from '../bench/reading-cost.ts';
import { restart } from '../bench/restart.ts';
import { findBinaries } from './control-plane/binaries.ts';
import { startControlPlane } from './control-plane/control-plane.ts';

/**
 * `npm run bench [-- name ...]`: every benchmark, or those named, against one control plane of its own where one is needed. Each
 * figure is a JSON line on stdout; what is being done goes to stderr.
 */
const benches: readonly Bench[] = [
  coldStart,
  fullSync,
  peer,
  restart,
  changeLatency,
  quietMany,
  growth,
  readingCost,
  queueDrain,
  quiet,
  httpVersions,
  churn,
];
/** Those that need no control plane. */
const alone = [fuzz, memory, quietPass];
const every = [...alone, ...benches];

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !every.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    console.error(
      `no such benchmark: ${unknown.join(', ')}; there are ${every.map(({ name }) => name).join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  const wanted = ({ name }: { readonly name: string }): boolean => names.length === 0 || names.includes(name);
  for (const bench of alone.filter(wanted)) await print(bench.name, () => bench.run());
  if (!benches.some(wanted)) return;
  const binaries = await findBinaries((line) => console.error(line));
  const controlPlane = await startControlPlane({
    binaries,
    // Collecting garbage takes as much CPU as writing, and nothing that is measured is deleted.
    controllers: ['namespace-controller'],
  });
  const cluster = clusterAt(controlPlane.kubeconfigPath, binaries.kubectl ?? 'kubectl');
  try {
    await cluster.kubectl(['apply', '--server-side', '-f', 'crds/']);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    for (const bench of benches.filter(wanted)) await print(bench.name, () => bench.run(cluster));
  } finally {
    await cluster.worlds.close();
    await controlPlane.stop();
  }
}

/** The others go on when one fails. */
async function print(name: string, run: () => Promise<readonly Figure[]>): Promise<void> {
  console.error(`${name} …`);
  try {
    for (const figure of await run()) console.log(JSON.stringify(figure));
  } catch (error) {
    console.error(`${name}:`, error);
    process.exitCode = 1;
  }
}

// Whoever stops it stops what it started: that ends when this process exits, which a signal alone does not let it see.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

await main();
