import { findBinaries } from './control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from './control-plane/control-plane.ts';
import type { Counts } from './counts.ts';
import { kubeconfigsIn, kubeconfigsOf } from './test-kubeconfigs.ts';

/** Runs tests with the clusters of the environment, or with so many control planes, which live as long as they do. */
export async function withClusters(
  count: number,
  run: (env: NodeJS.ProcessEnv) => Promise<Counts>,
  signal: AbortSignal,
): Promise<Counts> {
  if (kubeconfigsOf(process.env).length > 0) return run(process.env);
  const binaries = await findBinaries((line) => console.log(line), signal);
  const started: ControlPlane[] = [];
  try {
    while (started.length < count) {
      const before = performance.now();
      const controlPlane = await startControlPlane({ binaries });
      started.push(controlPlane);
      const seconds = ((performance.now() - before) / 1000).toFixed(1);
      console.log(`control plane (${binaries.origin}) ready at ${controlPlane.url} after ${seconds} s`);
    }
    return await run({
      ...process.env,
      ...kubeconfigsIn(started.map(({ kubeconfigPath }) => kubeconfigPath)),
      MODELARTS_TEST_CONTROLLER_MANAGER: String(
        started.every(({ controllerManager }) => controllerManager !== undefined),
      ),
    });
  } finally {
    for (const controlPlane of started) await controlPlane.stop();
  }
}
