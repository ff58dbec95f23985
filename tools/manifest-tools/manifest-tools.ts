import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { Log } from '../control-plane/log.ts';
import { withLock } from '../go/lock.ts';
import { projectCache } from '../go/project-cache.ts';
import { runGo } from '../go/run-go.ts';

/** Paths of the programs that render, apply and check what installs the operator. */
export interface ManifestTools {
  readonly helm: string;
  readonly kustomize: string;
  readonly kubeconform: string;
}

/** Cheapest first. */
const packages = {
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5',
  helm: 'helm.sh/helm/v4/cmd/helm',
} as const;

/** Where the programs of this go.mod are kept. */
const directory = (): string => {
  const goMod = readFileSync(join(import.meta.dirname, 'go.mod'));
  const version = createHash('sha256').update(goMod).digest('hex').slice(0, 12);
  return join(projectCache('manifest-tools'), version);
};

/** The programs, where they were built before. */
export function builtManifestTools(): ManifestTools | undefined {
  const tools = {
    helm: join(directory(), 'helm'),
    kustomize: join(directory(), 'kustomize'),
    kubeconform: join(directory(), 'kubeconform'),
  };
  return Object.values(tools).every((path) => existsSync(path)) ? tools : undefined;
}

/**
 * Builds helm, kustomize and kubeconform from the modules pinned in go.mod, once.
 *
 * @throws GoMissing, or Error that ends with what Go said.
 */
export async function buildManifestTools(log: Log, signal?: AbortSignal): Promise<void> {
  if (builtManifestTools() !== undefined) return;
  const cwd = import.meta.dirname;
  await runGo(['version'], { cwd, signal });
  await mkdir(directory(), { recursive: true });
  await withLock(join(directory(), '.lock'), log, async () => {
    const due = Object.entries(packages).filter(([name]) => !existsSync(join(directory(), name)));
    if (due.length > 0)
      log('building helm, kustomize and kubeconform from their Go modules; this takes some minutes, once');
    for (const [name, path] of due) {
      const unfinished = join(directory(), `${name}.unfinished`);
      const flags = ['-v', '-mod=readonly', '-trimpath', '-ldflags=-s -w'];
      const seconds = await runGo(['build', ...flags, '-o', unfinished, path], {
        cwd,
        signal,
        progress: (elapsed, compiled) => log(`  ${name}: ${elapsed} s, ${compiled} packages compiled`),
      });
      await rename(unfinished, join(directory(), name));
      log(`  ${name}: done in ${seconds} s`);
    }
  });
}
