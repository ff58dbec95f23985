import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { findBinaries } from './control-plane/binaries.ts';
import { ControlPlane } from './control-plane/control-plane.ts';

/**
 * `cluster up` and `cluster down`: a control plane in .cache/cluster that outlives the command. Both may be repeated:
 * `up` restarts only what does not run and keeps the data; `down` stops everything and removes the data.
 */
const directory = join(import.meta.dirname, '..', '.cache', 'cluster');
const log = (line: string): void => console.error(line);

async function up(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const binaries = await findBinaries(log, stop.signal);
  const controlPlane = await ControlPlane.open({ binaries, directory, outlivesParent: true });
  const missing = controlPlane.parts.filter((part) => !part.isRunning()).map((part) => part.name);
  log(
    missing.length === 0
      ? 'the control plane runs already'
      : `starting ${missing.join(', ')} (${binaries.origin})`,
  );
  await controlPlane.start();
  if (controlPlane.controllerManager === undefined) {
    log(
      'no kube-controller-manager at hand: owned objects are not collected, deleted namespaces do not go away',
    );
  }
  log(`apiserver ${controlPlane.url}; stop it with: npm run cluster:down`);
  console.log(controlPlane.kubeconfigPath);
}

async function down(): Promise<void> {
  if (!existsSync(directory)) return log('no control plane to stop');
  // Stopping needs no programs: the processes are known by their numbers.
  const binaries = { origin: '', etcd: '', kubeApiserver: '', kubeControllerManager: '' };
  const controlPlane = await ControlPlane.open({ binaries, directory, outlivesParent: true });
  await controlPlane.stop({ removeData: true });
  log('the control plane is stopped and its data removed');
}

const commands: Record<string, (() => Promise<void>) | undefined> = { up, down };
const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  log('usage: npm run cluster:up | npm run cluster:down');
  process.exitCode = 2;
} else {
  await command().catch((error: unknown) => {
    log(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
