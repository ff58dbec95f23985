import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { getContainerRuntimeClient, ImageName, type ContainerRuntimeClient } from 'testcontainers';

import type { Log } from './log.ts';

/** A program, and where a published image has it. */
export interface ProgramImage {
  /** Also the name of the file that is written. */
  readonly name: string;
  readonly image: string;
  /** Absolute, in the image. */
  readonly path: string;
}

export interface ImagesOptions {
  readonly programs: readonly ProgramImage[];
  /** Where the programs are put. */
  readonly directory: string;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

/** The images that Kubernetes and etcd publish themselves. What is in them is linked statically, and runs as it is. */
export function publishedImages(version: string): readonly ProgramImage[] {
  const goMod = readFileSync(join(import.meta.dirname, 'etcd', 'go.mod'), 'utf8');
  const etcd = /^\s*(?:require )?go\.etcd\.io\/etcd\/server\/v3 (v\S+)/m.exec(goMod)?.[1];
  if (etcd === undefined) throw new Error('tools/control-plane/etcd/go.mod requires no etcd server');
  const ofKubernetes = (name: string, folder: string): ProgramImage => ({
    name,
    image: `registry.k8s.io/${name}:${version}`,
    path: `${folder}/${name}`,
  });
  return [
    { name: 'etcd', image: `gcr.io/etcd-development/etcd:${etcd}`, path: '/usr/local/bin/etcd' },
    ofKubernetes('kube-apiserver', '/usr/local/bin'),
    ofKubernetes('kube-controller-manager', '/usr/local/bin'),
    ofKubernetes('kubectl', '/bin'),
  ];
}

/**
 * Takes programs out of container images, pulling those that the engine does not have. Nothing runs in a container: so
 * the parts can be killed and restarted one by one like those of any other origin. All appear in `directory`, or none.
 *
 * @throws Error where this is no Linux, no Docker engine answers, or an image cannot be had or lacks its program.
 */
export async function copyFromImages({ programs, directory, log, signal }: ImagesOptions): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the programs of images only run on Linux');
  const engine = await getContainerRuntimeClient().catch((cause: unknown) => {
    throw new Error('no Docker engine answers', { cause });
  });
  await mkdir(join(directory, '..'), { recursive: true });
  const unfinished = await mkdtemp(`${directory}.`);
  try {
    for (const program of programs) {
      signal?.throwIfAborted();
      await copyOne(engine, program, unfinished, log);
    }
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function copyOne(
  engine: ContainerRuntimeClient,
  { name, image, path }: ProgramImage,
  directory: string,
  log: Log,
): Promise<void> {
  const imageName = ImageName.fromString(image);
  if (!(await engine.image.exists(imageName))) {
    log(`  pulling ${image}`);
    await engine.image.pull(imageName).catch((cause: unknown) => {
      throw new Error(`${image} cannot be pulled: ${firstLineOf(cause)}`, { cause });
    });
  }
  // It is never started; an image without a command of its own wants one all the same.
  const container = await engine.container.dockerode.createContainer({ Image: image, Cmd: [path] });
  try {
    const archive = await container.getArchive({ path }).catch((cause: unknown) => {
      throw new Error(`${image} has no ${path}`, { cause });
    });
    const file = join(directory, `${name}.tar`);
    await writeFile(file, await buffer(archive));
    await promisify(execFile)('tar', ['-xf', file, '-C', directory]);
    await rm(file);
    if (!existsSync(join(directory, name))) throw new Error(`${path} of ${image} is no file`);
  } finally {
    await container.remove({ force: true });
  }
}

const firstLineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
