import { group, version } from '../../api/kinds/metadata.ts';
import { modelArtsPool, type ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import { modelArtsProject, type ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { modelArtsWorkload, type ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { ResourceClient } from '../../kubernetes/resource-client.ts';
import type { Transport } from '../../kubernetes/transport.ts';
import { fieldManager } from '../../mirror/identity.ts';
import { apiFailure } from './api-failure.ts';

const pageSize = 500;
/** Of one page: whoever waits at a terminal wants to know soon. */
const deadlineMs = 10_000;

/** Fields that must have these values: `{'spec.poolName': 'pool-a'}`. */
export type Fields = Readonly<Record<string, string>>;

export interface MirrorsOptions {
  readonly transport: Transport;
  readonly signal: AbortSignal;
}

/** What the cluster holds of us, read when asked for. Rejects with CliFailure where the apiserver says no. */
export class Mirrors {
  readonly pools: ResourceClient<ModelArtsPool>;
  readonly #projects: ResourceClient<ModelArtsProject>;
  readonly #workloads: ResourceClient<ModelArtsWorkload>;
  readonly #signal: AbortSignal;

  constructor({ transport, signal }: MirrorsOptions) {
    const client = <T extends KubernetesObject>({ plural, kind }: { plural: string; kind: string }) =>
      new ResourceClient<T>({
        transport,
        resource: { group, version, plural, kind, namespaced: true },
        fieldManager: `${fieldManager}-cli`,
      });
    this.#signal = signal;
    this.pools = client(modelArtsPool);
    this.#projects = client(modelArtsProject);
    this.#workloads = client(modelArtsWorkload);
  }

  /** `namespace`: undefined for all. */
  listPools(namespace: string | undefined, fields: Fields = {}): Promise<ModelArtsPool[]> {
    return this.#list(this.pools, namespace, fields);
  }

  listProjects(namespace: string | undefined): Promise<ModelArtsProject[]> {
    return this.#list(this.#projects, namespace, {});
  }

  /** `most`: no more than about so many. */
  listWorkloads(
    namespace: string | undefined,
    fields: Fields,
    most = Number.POSITIVE_INFINITY,
  ): Promise<ModelArtsWorkload[]> {
    return this.#list(this.#workloads, namespace, fields, most);
  }

  async #list<T extends KubernetesObject>(
    client: ResourceClient<T>,
    namespace: string | undefined,
    fields: Fields,
    most = Number.POSITIVE_INFINITY,
  ): Promise<T[]> {
    const fieldSelector = selectorOf(fields);
    const items: T[] = [];
    let next: string | undefined;
    try {
      do {
        const page = await client.list({
          namespace,
          limit: pageSize,
          continue: next,
          fieldSelector,
          signal: this.#signal,
          deadlineMs,
        });
        items.push(...page.items);
        next = page.metadata.continue || undefined;
      } while (next !== undefined && items.length < most);
    } catch (error) {
      throw apiFailure(error, { verb: 'list', resource: client.resource.plural, namespace });
    }
    return items;
  }
}

/** Values come from a person: what the syntax of selectors uses is escaped as Kubernetes does it. */
function selectorOf(fields: Fields): string | undefined {
  const parts = Object.entries(fields).map(
    ([field, value]) => `${field}=${value.replaceAll(/[\\,=]/g, (character) => `\\${character}`)}`,
  );
  return parts.length === 0 ? undefined : parts.join(',');
}
