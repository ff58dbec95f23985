import { fullSync } from '../bench/full-sync.ts';
import { fuzz } from '../bench/fuzz.ts';
import { clusterAt, type Bench, type Figure } from '../bench/harness.ts';
import { queueDrain } from '../bench/queue-drain.ts';
import { quiet } from '../bench/quiet.ts';
import { readingCost } from '../bench/reading-cost.ts';
import { findBinaries } from './control-plane/binaries.ts';
import { startControlPlane } from './control-plane/control-plane.ts';

/**
 * `npm run bench [-- name ...]`: every benchmark, or those named, against one control plane of its own where one is needed. Each
 * figure is a JSON line on stdout; what is being done goes to stderr.
 */
const benches: readonly Bench[] = [fullSync, readingCost, queueDrain, quiet];
/** Those that need no control plane. */
const alone = [fuzz];
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
  const controlPlane = await startControlPlane({ binaries });
  try {
    const cluster = clusterAt(controlPlane.kubeconfigPath, binaries.kubectl ?? 'kubectl');
    await cluster.kubectl(['apply', '--server-side', '-f', 'crds/']);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    for (const bench of benches.filter(wanted)) await print(bench.name, () => bench.run(cluster));
  } finally {
    await controlPlane.stop();
  }
}

async function print(name: string, run: () => Promise<readonly Figure[]>): Promise<void> {
  console.error(`${name} …`);
  for (const figure of await run()) console.log(JSON.stringify(figure));
}

await main();
