import { group, version } from '../src/api/kinds/metadata.ts';
import { modelArtsWorkload } from '../src/api/kinds/modelarts-workload.ts';
import { HttpTransport } from '../src/kubernetes/http-transport.ts';
import { jsonLines } from '../src/kubernetes/json-lines.ts';
import type { KubernetesObject } from '../src/kubernetes/objects.ts';
import { ResourceClient } from '../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../src/runtime/system.ts';
import { kubeConfigOf, until, type Cluster } from './harness.ts';
import type { Size } from './sizes.ts';

const { kind, plural } = modelArtsWorkload;

/** More than any apiserver does in a second on the machines that these run on. */
const mostWritesPerSecond = 2_000;

/** What the benchmarks ask the apiserver, cheaply enough not to disturb what they measure. */
export class ObservedCluster {
  readonly workloads: ResourceClient<KubernetesObject>;
  readonly #transport: HttpTransport;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#transport = new HttpTransport({
      kubeConfig: kubeConfigOf(cluster),
      runtime: systemRuntime,
      userAgent: 'bench',
      maxSockets: 128,
    });
    this.workloads = new ResourceClient<KubernetesObject>({
      transport: this.#transport,
      resource: { group, version, plural, kind, namespaced: true },
      fieldManager: 'bench',
    });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /**
   * Waits until every workload is there and has a phase. etcd's revision counts the writes of the whole cluster: before it
   * is as far as they need, nothing else has to be asked, and not before it can be.
   */
  async mirrored(namespace: string, { pools, workloads }: Size, ms: number): Promise<void> {
    const begun = await this.revision(namespace);
    const known = await this.count(namespace);
    let left = 2 * (workloads + pools - known);
    const needed = begun + left;
    const without = ['Running', 'Completed', 'Failed'].map((phase) => `status.phase!=${phase}`).join(',');
    await until(
      `the mirror of ${workloads} workloads`,
      ms,
      async () => {
        if (left > 0) left = needed - (await this.revision(namespace));
        if (left > 0) return false;
        return (await this.count(namespace)) === workloads && !(await this.#first(namespace, without)).found;
      },
      () => Math.max(20, (left / mostWritesPerSecond) * 1000),
    );
  }

  /** Of etcd, now. */
  async revision(namespace: string): Promise<number> {
    return (await this.#first(namespace)).revision;
  }

  /** Workloads as they are made or changed after `revision`, until the watch ends, the signal aborts or nobody reads on. */
  async *changes(
    namespace: string,
    revision: number,
    signal?: AbortSignal,
  ): AsyncGenerator<KubernetesObject> {
    const resourceVersion = String(revision);
    try {
      const bytes = await this.workloads.watch({ namespace, resourceVersion, timeoutSeconds: 3600, signal });
      for await (const line of jsonLines(bytes)) {
        const { type, object } = line as { readonly type: string; readonly object: KubernetesObject };
        if (type === 'ADDED' || type === 'MODIFIED') yield object;
      }
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  }

  async count(namespace: string): Promise<number> {
    const { found, remaining } = await this.#first(namespace);
    return found ? 1 + remaining : 0;
  }

  /** Writes of our kinds that the apiserver has answered so far, whoever sent them. */
  async writes(): Promise<number> {
    const text = await this.#cluster.kubectl(['get', '--raw', '/metrics']);
    const lines = text.matchAll(/^apiserver_request_total\{([^}]*)\} (\S+)$/gm);
    let sum = 0;
    for (const [, labels = '', value] of lines) {
      if (labels.includes(`group="${group}"`) && /verb="(?:POST|PUT|PATCH|DELETE)"/.test(labels))
        sum += Number(value);
    }
    return sum;
  }

  async #first(
    namespace: string,
    fieldSelector?: string,
  ): Promise<{ revision: number; remaining: number; found: boolean }> {
    const { items, metadata } = await this.workloads.list({ namespace, limit: 1, fieldSelector });
    return {
      revision: Number(metadata.resourceVersion),
      remaining: (metadata as { remainingItemCount?: number }).remainingItemCount ?? 0,
      found: items.length > 0,
    };
  }
}
