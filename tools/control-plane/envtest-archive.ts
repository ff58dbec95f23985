import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

import type { Log } from './log.ts';

/** Published by the controller-tools project: per version and archive a SHA-512 and an address. */
const indexURL =
  'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml';

interface Index {
  releases: Record<string, Record<string, { hash: string; selfLink: string }>>;
}

/**
 * Downloads etcd, kube-apiserver and kubectl for this platform from the newest envtest archive of the same Kubernetes
 * minor version, and checks its SHA-512 against the published one.
 *
 * @throws Error when the index does not answer within five seconds, or holds nothing for this platform, or the archive
 * is not what the index says.
 */
export async function downloadEnvtest(
  version: string,
  directory: string,
  log: Log,
  signal?: AbortSignal,
): Promise<void> {
  const index = parse((await download(indexURL, 5_000, signal)).toString('utf8')) as Index;
  const { release, url, hash } = choose(index, version);
  log(`downloading etcd and kube-apiserver ${release}`);
  const archive = await download(url, 300_000, signal);
  const actual = createHash('sha512').update(archive).digest('hex');
  if (actual !== hash)
    throw new Error(
      `${url} has SHA-512 ${actual.slice(0, 16)}…, and not the published ${hash.slice(0, 16)}…`,
    );

  await mkdir(join(directory, '..'), { recursive: true });
  const unfinished = await mkdtemp(`${directory}.`);
  try {
    const file = join(unfinished, 'envtest.tar.gz');
    await writeFile(file, archive);
    await promisify(execFile)('tar', ['-xzf', file, '-C', unfinished, '--strip-components=2']);
    await rm(file);
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The newest patch release of the wanted minor version that has an archive for this platform. */
export function choose(
  index: Index,
  version: string,
  platform = envtestPlatform(),
): { release: string; url: string; hash: string } {
  const minor = version.split('.').slice(0, 2).join('.');
  const patch = (release: string): number => Number(release.split('.')[2]);
  const releases = Object.keys(index.releases)
    .filter((release) => release.startsWith(`${minor}.`) && Number.isInteger(patch(release)))
    .sort((a, b) => patch(b) - patch(a));
  for (const release of releases) {
    const archive = index.releases[release]?.[`envtest-${release}-${platform}.tar.gz`];
    if (archive !== undefined) return { release, url: archive.selfLink, hash: archive.hash };
  }
  throw new Error(`no envtest archive of ${minor} is published for ${platform}`);
}

function envtestPlatform(): string {
  return `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

async function download(url: string, withinMs: number, signal?: AbortSignal): Promise<Buffer> {
  const limit = AbortSignal.any([AbortSignal.timeout(withinMs), ...(signal ? [signal] : [])]);
  const response = await fetch(url, { signal: limit }).catch((cause: unknown) => {
    throw new Error(`${new URL(url).host} cannot be reached`, { cause });
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
