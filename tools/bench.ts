import { fullSync } from '../bench/full-sync.ts';
import { clusterAt, type Bench } from '../bench/harness.ts';
import { queueDrain } from '../bench/queue-drain.ts';
import { quiet } from '../bench/quiet.ts';
import { readingCost } from '../bench/reading-cost.ts';
import { findBinaries } from './control-plane/binaries.ts';
import { startControlPlane } from './control-plane/control-plane.ts';

/**
 * `npm run bench [-- name ...]`: every benchmark, or those named, against one control plane of its own. Each figure is a
 * JSON line on stdout; what is being done goes to stderr.
 */
const benches: readonly Bench[] = [fullSync, readingCost, queueDrain, quiet];

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    console.error(
      `no such benchmark: ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  const binaries = await findBinaries((line) => console.error(line));
  const controlPlane = await startControlPlane({ binaries });
  try {
    const cluster = clusterAt(controlPlane.kubeconfigPath, binaries.kubectl ?? 'kubectl');
    await cluster.kubectl(['apply', '--server-side', '-f', 'crds/']);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    for (const bench of benches) {
      if (names.length > 0 && !names.includes(bench.name)) continue;
      console.error(`${bench.name} …`);
      for (const figure of await bench.run(cluster)) console.log(JSON.stringify(figure));
    }
  } finally {
    await controlPlane.stop();
  }
}

await main();
