import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { projectCache } from '../go/project-cache.ts';
import { downloadEnvtest } from './envtest-archive.ts';
import { buildWithGo } from './go-build.ts';
import type { Log } from './log.ts';

/** Paths of the programs that a control plane is made of. */
export interface Binaries {
  /** Where they came from, for people. */
  origin: string;
  etcd: string;
  kubeApiserver: string;
  /** Absent in published envtest archives. */
  kubeControllerManager?: string;
  kubectl?: string;
}

/** The version that is downloaded or built, `v1.35.4`: read from go.mod, its only source. */
export function kubernetesVersion(): string {
  const goMod = readFileSync(join(import.meta.dirname, 'go.mod'), 'utf8');
  const version = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error('tools/control-plane/go.mod requires no k8s.io/kubernetes');
  return version;
}

/**
 * Finds the programs, first that works: the folder that KUBEBUILDER_ASSETS names; the cache; the published envtest
 * archive; a build from their Go modules; the published container images, where a Docker engine answers. A cluster of
 * any other kind is used by naming its kubeconfig in MODELARTS_TEST_KUBECONFIG.
 *
 * @throws Error whose message lists what was tried and what a person can do.
 */
export async function findBinaries(log: Log, signal?: AbortSignal): Promise<Binaries> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') {
    const binaries = inDirectory(assets, 'KUBEBUILDER_ASSETS');
    if (binaries !== undefined) return binaries;
    throw new Error(
      `KUBEBUILDER_ASSETS is set, but ${assets} holds no etcd and kube-apiserver: mend or unset it.`,
    );
  }

  const version = kubernetesVersion();
  const cache = cacheDirectory();
  const built = join(cache, version);
  const builtEarlier = inDirectory(built, 'built earlier');
  // The controller manager is built last: without it the build was interrupted, and goes on below.
  if (builtEarlier?.kubeControllerManager !== undefined) return builtEarlier;
  const downloaded = join(cache, `${version}-envtest`);
  const copied = join(cache, `${version}-images`);
  const earlier = inDirectory(downloaded, 'downloaded earlier') ?? inDirectory(copied, 'from images');
  if (earlier !== undefined) return earlier;

  const attempts = [
    { what: 'download', directory: downloaded, run: () => downloadEnvtest(version, downloaded, log, signal) },
    {
      what: 'build',
      directory: built,
      run: () =>
        buildWithGo({ version, directory: built, kubectl: onPath('kubectl') === undefined, log, signal }),
    },
    {
      what: 'images',
      directory: copied,
      run: async () => {
        // It loads a Docker client, which the ways before it have no use for.
        const { copyFromImages, publishedImages } = await import('./images.ts');
        await copyFromImages({ programs: publishedImages(version), directory: copied, log, signal });
      },
    },
  ];
  const failures: string[] = [];
  for (const { what, directory, run } of attempts) {
    try {
      await run();
      const binaries = inDirectory(directory, what);
      if (binaries !== undefined) return binaries;
      failures.push(`${what}: it held no etcd and kube-apiserver`);
    } catch (error) {
      if (signal?.aborted)
        throw new Error('stopped while the control plane was being fetched or built', { cause: error });
      const reason = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      log(reason);
      failures.push(reason);
    }
  }
  throw new Error(
    `No etcd and kube-apiserver ${version} could be had (${failures.join('; ')}). ` +
      'Install Go 1.25 or newer, or allow downloads from github.com, or start a Docker engine that can pull, or point ' +
      'KUBEBUILDER_ASSETS at a folder that holds etcd and kube-apiserver, or use a cluster that you have with ' +
      'MODELARTS_TEST_KUBECONFIG.',
  );
}

/** kubectl from PATH, else one that came with a control plane. Undefined when there is none. */
export function findKubectl(): string | undefined {
  const version = kubernetesVersion();
  const folders = [version, `${version}-envtest`, `${version}-images`].map((name) =>
    join(cacheDirectory(), name),
  );
  return (
    onPath('kubectl') ??
    folders.map((folder) => inDirectory(folder, '')?.kubectl).find((path) => path !== undefined)
  );
}

function cacheDirectory(): string {
  return projectCache('control-plane');
}

function inDirectory(directory: string, origin: string): Binaries | undefined {
  if (!existsSync(directory)) return undefined;
  const names = new Set(readdirSync(directory));
  if (!names.has('etcd') || !names.has('kube-apiserver')) return undefined;
  return {
    origin,
    etcd: join(directory, 'etcd'),
    kubeApiserver: join(directory, 'kube-apiserver'),
    ...(names.has('kube-controller-manager') && {
      kubeControllerManager: join(directory, 'kube-controller-manager'),
    }),
    ...(names.has('kubectl') && { kubectl: join(directory, 'kubectl') }),
  };
}

function onPath(program: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(directory, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here: the next folder.
    }
  }
  return undefined;
}
