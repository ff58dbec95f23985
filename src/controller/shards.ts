import { createHash } from 'node:crypto';

import type { ProjectEntry } from './gather.ts';

export interface ShardsOptions {
  readonly count: number;
  readonly projects: { get(namespace: string, name: string): ProjectEntry | undefined };
}

/**
 * Which shard works on a project: that of its Secret, so that projects with one credential share one budget in one
 * process. Mirrors of a project that is not there go by the project's name.
 */
export class Shards {
  readonly #options: ShardsOptions;
  /** By the entry, which is replaced when the project changes. */
  readonly #known = new WeakMap<ProjectEntry, number>();

  constructor(options: ShardsOptions) {
    this.#options = options;
  }

  of(namespace: string, project: string): number {
    const { projects, count } = this.#options;
    const entry = projects.get(namespace, project);
    if (entry === undefined) return shardOf(namespace, project, count);
    let shard = this.#known.get(entry);
    if (shard === undefined) {
      shard = shardOf(namespace, entry.object.spec.credentials.secretRef.name, count);
      this.#known.set(entry, shard);
    }
    return shard;
  }
}

/** The same in every process and every version: replicas that disagree would both work on a project. */
export function shardOf(namespace: string, name: string, count: number): number {
  const digest = createHash('sha256').update(`${namespace}/${name}`).digest();
  return Number(digest.readBigUInt64BE() % BigInt(count));
}
