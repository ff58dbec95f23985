import { group, version } from '../src/api/kinds/metadata.ts';
import { modelArtsWorkload } from '../src/api/kinds/modelarts-workload.ts';
import { HttpTransport } from '../src/kubernetes/http-transport.ts';
import type { KubernetesObject } from '../src/kubernetes/objects.ts';
import { ResourceClient } from '../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../src/runtime/system.ts';
import { kubeConfigOf, until, type Cluster } from './harness.ts';
import type { Size } from './sizes.ts';

const { kind, plural } = modelArtsWorkload;

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
   * is as far as they need, nothing else has to be asked.
   */
  async mirrored(namespace: string, { pools, workloads }: Size, ms: number): Promise<void> {
    const begun = (await this.#first(namespace)).revision;
    const known = await this.count(namespace);
    const writes = 2 * (workloads + pools - known);
    let near = false;
    await until(`the mirror of ${workloads} workloads`, ms, async () => {
      near ||= (await this.#first(namespace)).revision >= begun + writes;
      if (!near) return false;
      const without = ['Running', 'Completed', 'Failed'].map((phase) => `status.phase!=${phase}`).join(',');
      return (await this.count(namespace)) === workloads && !(await this.#first(namespace, without)).found;
    });
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
