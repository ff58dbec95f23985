import { KubeConfig } from '@kubernetes/client-node';

import type { Condition } from '../../src/api/kinds/condition.ts';
import { group, version } from '../../src/api/kinds/metadata.ts';
import type { ModelArtsPool } from '../../src/api/kinds/modelarts-pool.ts';
import type { ModelArtsProject } from '../../src/api/kinds/modelarts-project.ts';
import type { ModelArtsResourceSpec } from '../../src/api/kinds/modelarts-resource-spec.ts';
import type { ModelArtsWorkload } from '../../src/api/kinds/modelarts-workload.ts';
import { secretResource, type SecretObject } from '../../src/cli/assembly/cluster-ports.ts';
import { isNotFound } from '../../src/kubernetes/errors.ts';
import { eventResource, type EventObject } from '../../src/kubernetes/event-object.ts';
import { HttpTransport } from '../../src/kubernetes/http-transport.ts';
import type { KubernetesObject, ResourceDefinition } from '../../src/kubernetes/objects.ts';
import { ResourceClient } from '../../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../../src/runtime/system.ts';
import { SeenReasons } from './seen-reasons.ts';

const resource = (plural: string, kind: string): ResourceDefinition => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

/** One kind in one namespace, straight from the apiserver: no cache in between. */
export class ObjectsOf<T extends KubernetesObject> {
  readonly #client: ResourceClient<T>;
  readonly #namespace: string;
  readonly #seen: SeenReasons;

  constructor(client: ResourceClient<T>, namespace: string, seen: SeenReasons) {
    this.#client = client;
    this.#namespace = namespace;
    this.#seen = seen;
  }

  /** Sorted by name. */
  async all(): Promise<T[]> {
    const { items } = await this.#client.list({ namespace: this.#namespace });
    for (const item of items) this.#seen.object(item);
    return items.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  }

  /** Rejects with an ApiError where there is none. */
  async get(name: string): Promise<T> {
    const object = await this.#client.get({ namespace: this.#namespace, name });
    this.#seen.object(object);
    return object;
  }

  async find(name: string): Promise<T | undefined> {
    try {
      return await this.get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  create(object: Omit<T, 'metadata'> & { metadata: object & { name: string } }): Promise<T> {
    const { metadata } = object;
    return this.#client.create({ ...object, metadata: { ...metadata, namespace: this.#namespace } } as T);
  }

  /** A JSON merge patch, as a person's `kubectl patch` would send it. */
  patch(name: string, body: object, subresource?: 'status'): Promise<T> {
    return this.#client.patch({ namespace: this.#namespace, name }, body, {
      type: 'merge',
      ...(subresource && { subresource }),
    });
  }

  async delete(name: string): Promise<void> {
    await this.#client.delete({ namespace: this.#namespace, name });
  }
}

/** What a test sees of a namespace and does in it by hand. */
export interface ClusterObjects {
  readonly projects: ObjectsOf<ModelArtsProject>;
  readonly pools: ObjectsOf<ModelArtsPool>;
  readonly workloads: ObjectsOf<ModelArtsWorkload>;
  readonly resourceSpecs: ObjectsOf<ModelArtsResourceSpec>;
  readonly secrets: ObjectsOf<SecretObject>;
  readonly events: ObjectsOf<EventObject>;
  readonly seen: SeenReasons;
  /** resourceVersion of each object of ours and of each event: equal maps show that nothing at all was written between. */
  versions(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

export function clusterObjects(kubeconfig: string, namespace: string): ClusterObjects {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const transport = new HttpTransport({ kubeConfig, runtime: systemRuntime, userAgent: 'integration-test' });
  const seen = new SeenReasons();
  const objects = <T extends KubernetesObject>(definition: ResourceDefinition): ObjectsOf<T> =>
    new ObjectsOf(
      new ResourceClient<T>({ transport, resource: definition, fieldManager: 'a-person' }),
      namespace,
      seen,
    );
  const kinds = {
    projects: objects<ModelArtsProject>(resource('modelartsprojects', 'ModelArtsProject')),
    pools: objects<ModelArtsPool>(resource('modelartspools', 'ModelArtsPool')),
    workloads: objects<ModelArtsWorkload>(resource('modelartsworkloads', 'ModelArtsWorkload')),
    resourceSpecs: objects<ModelArtsResourceSpec>(
      resource('modelartsresourcespecs', 'ModelArtsResourceSpec'),
    ),
    secrets: objects<SecretObject>(secretResource),
    events: objects<EventObject>(eventResource),
  };
  return {
    ...kinds,
    seen,
    versions: async () => {
      const { secrets: _secrets, ...written } = kinds;
      const lists = await Promise.all(Object.values(written).map((objects) => objects.all()));
      return Object.fromEntries(
        lists
          .flat()
          .map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion ?? '']),
      );
    },
    close: () => transport.close(),
  };
}

/** A condition as `Status/Reason`, which is all that most tests ask of it; undefined where there is none. */
export function said(
  object: { readonly status?: { readonly conditions?: readonly Condition[] | undefined } } | undefined,
  type: string,
): string | undefined {
  const condition = object?.status?.conditions?.find((each) => each.type === type);
  return condition && `${condition.status}/${condition.reason}`;
}

/** The condition's message; '' where there is none. */
export function messageOf(
  object: { readonly status?: { readonly conditions?: readonly Condition[] | undefined } } | undefined,
  type: string,
): string {
  return object?.status?.conditions?.find((each) => each.type === type)?.message ?? '';
}
