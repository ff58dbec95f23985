import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { withLock } from '../go/lock.ts';
import { runGo } from '../go/run-go.ts';
import type { Log } from './log.ts';

export interface GoBuildOptions {
  /** The version that the binaries report, `v1.35.4`. */
  version: string;
  /** Where they are put. */
  directory: string;
  /** Whether kubectl is wanted too. */
  kubectl: boolean;
  log: Log;
  /** Ends the build. */
  signal?: AbortSignal | undefined;
}

/** What is built, cheapest first; folders are relative to this file. etcd and the apiserver come before the rest. */
const targets = [
  { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', module: 'etcd' },
  { name: 'kube-apiserver', package: 'k8s.io/kubernetes/cmd/kube-apiserver', module: '.' },
  { name: 'kube-controller-manager', package: 'k8s.io/kubernetes/cmd/kube-controller-manager', module: '.' },
  { name: 'kubectl', package: 'k8s.io/kubernetes/cmd/kubectl', module: '.' },
] as const;

/**
 * Builds the control plane from the Go modules pinned in go.mod and etcd/go.mod. A binary appears in `directory` only
 * when it is whole; one that is there is not built again. Of several processes that build at once, one does.
 *
 * @throws Error when Go is missing or a build fails; the message ends with what Go said.
 */
export async function buildWithGo(options: GoBuildOptions): Promise<void> {
  const { version, directory, kubectl, log, signal } = options;
  await runGo(['version'], { cwd: import.meta.dirname, signal });
  await mkdir(directory, { recursive: true });
  await withLock(join(directory, '.lock'), log, async () => {
    const due = targets.filter(
      ({ name }) => (name !== 'kubectl' || kubectl) && !existsSync(join(directory, name)),
    );
    if (due.length === 0) return;
    log(`building Kubernetes ${version} and etcd from their Go modules; this takes about ten minutes, once`);
    for (const target of due) await buildOne(target, options);
  });
}

async function buildOne(
  { name, package: path, module }: (typeof targets)[number],
  { version, directory, log, signal }: GoBuildOptions,
): Promise<void> {
  const unfinished = join(directory, `${name}.unfinished`);
  const flags = ['-v', '-mod=readonly', '-trimpath', `-ldflags=${linkerFlags(version)}`];
  const seconds = await runGo(['build', ...flags, '-o', unfinished, path], {
    cwd: join(import.meta.dirname, module),
    signal,
    progress: (elapsed, packages) => log(`  ${name}: ${elapsed} s, ${packages} packages compiled`),
  });
  await rename(unfinished, join(directory, name));
  log(`  ${name}: done in ${seconds} s`);
}

/** Without these, the binaries call themselves v0.0.0, and clients that look at the version go wrong. */
function linkerFlags(version: string): string {
  const [major, minor] = version.slice(1).split('.') as [string, string];
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const settings = packages.flatMap((path) =>
    Object.entries(values).map(([key, value]) => `-X ${path}.${key}=${value}`),
  );
  return ['-s -w', ...settings].join(' ');
}
