import { isDeepStrictEqual } from 'node:util';

import { ApiError } from '../../../src/kubernetes/errors.ts';
import { leaseResource } from '../../../src/kubernetes/lease.ts';
import type { KubernetesObject, ObjectMeta, ResourceDefinition } from '../../../src/kubernetes/objects.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import type { Transport } from '../../../src/kubernetes/transport.ts';
import type { Named, Operation } from './operations.ts';

interface AnyObject extends KubernetesObject {
  spec?: unknown;
  status?: unknown;
}

const custom = (kind: string, plural: string): ResourceDefinition => ({
  group: 'modelarts-operator.dev',
  version: 'v1alpha1',
  plural,
  kind,
  namespaced: true,
});

export const resourcesUnderTest = [
  custom('ModelArtsProject', 'modelartsprojects'),
  custom('ModelArtsPool', 'modelartspools'),
  leaseResource,
] as const;

/** What a watch told, without what differs between any two servers. */
export interface SeenChange {
  readonly type: string;
  readonly name: string;
  readonly object: unknown;
}

interface Known {
  readonly uid: string;
  readonly versions: readonly string[];
  readonly content: unknown;
}

/** One of two servers, and what a client of it knows: each has versions and uids of its own. */
export class Side {
  readonly #clients: readonly ResourceClient<AnyObject>[];
  readonly #namespace: string;
  readonly #known = new Map<string, Known>();

  constructor(transport: Transport, namespace: string) {
    this.#clients = resourcesUnderTest.map(
      (resource) => new ResourceClient<AnyObject>({ transport, resource, fieldManager: 'model' }),
    );
    this.#namespace = namespace;
  }

  /** Of a list of each resource, now. */
  async versions(): Promise<ReadonlyMap<string, string>> {
    const all = await Promise.all(
      this.#clients.map(
        async (client) =>
          [
            client.resource.plural,
            (await client.list({ namespace: this.#namespace })).metadata.resourceVersion,
          ] as const,
      ),
    );
    return new Map(all);
  }

  /** The answer as far as two servers can agree on it. */
  async carryOut(operation: Operation): Promise<unknown> {
    try {
      return await this.#ask(operation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { code: error.code, reason: error.reason };
    }
  }

  seen({ type, object }: { readonly type: string; readonly object: AnyObject }): SeenChange {
    return { type, name: object.metadata.name ?? '', object: comparable(object) };
  }

  async #ask(operation: Operation): Promise<unknown> {
    const client = this.#clients[operation.resource] as ResourceClient<AnyObject>;
    const name = `object-${operation.name}`;
    const ref = { namespace: this.#namespace, name };
    const key = `${operation.resource}/${name}`;
    const uid = this.#uid(key, operation.uid);
    const resourceVersion = this.#version(key, operation.version);
    const metadata: ObjectMeta = {
      ...ref,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    };
    const labels = { value: String(operation.value) };
    const status = client.resource.kind === 'Lease' ? {} : { status: statusOf(operation) };
    const spec = specOf(client.resource.kind, operation);
    switch (operation.do) {
      case 'create':
        return this.#took(key, await client.create({ metadata: { ...ref, labels }, spec, ...status }));
      case 'get':
        return this.#took(key, await client.get(ref));
      case 'list':
        return this.#list(client, operation.limit);
      case 'replace':
        return this.#took(key, await client.replace({ metadata: { ...metadata, labels }, spec, ...status }));
      case 'replaceStatus':
        if (client.resource.kind === 'Lease') return 'a Lease has no status';
        return this.#took(
          key,
          await client.replaceStatus({ metadata: metadata as never, status: statusOf(operation) }),
        );
      case 'patch':
        return this.#took(
          key,
          await client.patch(ref, { metadata: { ...metadata, labels } }, { type: 'merge' }),
        );
      case 'delete': {
        const preconditions = {
          ...(uid !== undefined && { uid }),
          ...(resourceVersion !== undefined && { resourceVersion }),
        };
        return (await client.delete(ref, preconditions)).gone;
      }
    }
  }

  async #list(client: ResourceClient<AnyObject>, limit: number): Promise<unknown> {
    const pages: unknown[] = [];
    let next: string | undefined;
    do {
      const page = await client.list({ namespace: this.#namespace, limit, continue: next });
      const { continue: more, remainingItemCount } = page.metadata;
      pages.push({
        items: page.items.map(comparable),
        remainingItemCount,
        more: more !== undefined && more !== '',
      });
      next = more === '' ? undefined : more;
    } while (next !== undefined);
    return pages;
  }

  /**
   * Notes the version. What changes the content must move it; a real server may move it for managedFields alone, which
   * the model has none of, and then the last version is only known by another number.
   */
  #took(key: string, object: AnyObject): unknown {
    const { uid = '', resourceVersion = '' } = object.metadata;
    const content = comparable(object);
    const before = this.#known.get(key);
    const known = before?.uid === uid ? before : { uid, versions: [], content: undefined };
    const changed = !isDeepStrictEqual(known.content, content);
    const moved = known.versions.at(-1) !== resourceVersion;
    const versions = changed ? known.versions : known.versions.slice(0, -1);
    this.#known.set(key, { uid, versions: [...versions, resourceVersion], content });
    return { content, changed, movedWhenChanged: moved || !changed };
  }

  #uid(key: string, which: Named): string | undefined {
    if (which === 'none') return undefined;
    const nobody = '00000000-0000-0000-0000-000000000000';
    return which === 'current' ? (this.#known.get(key)?.uid ?? nobody) : nobody;
  }

  #version(key: string, which: Named): string | undefined {
    const { versions = [] } = this.#known.get(key) ?? {};
    if (which === 'none') return undefined;
    return (which === 'current' ? versions.at(-1) : versions[0]) ?? '1';
  }
}

function specOf(kind: string, { name, value }: Operation): unknown {
  switch (kind) {
    case 'Lease':
      return { holderIdentity: `holder-${value}`, leaseDurationSeconds: 15 };
    case 'ModelArtsPool':
      return { projectRef: { name: 'model' }, poolName: `pool-${name}` };
    default:
      return {
        endpoint: 'https://modelarts.example.com',
        projectID: '0'.repeat(32),
        credentials: { secretRef: { name: 'model' } },
        suspend: value === 1,
      };
  }
}

/** Never what a new object has anyway: to write that again changes managedFields, which the model has none of. */
const statusOf = ({ value }: Operation): unknown => ({ observedGeneration: value + 1 });

/** Without what a server makes up, and without the defaults of a project's spec. */
function comparable({ metadata, spec, status }: AnyObject): unknown {
  const { name, namespace, generation, labels, annotations, deletionTimestamp } = metadata;
  const { suspend } = (spec ?? {}) as { suspend?: boolean };
  return {
    spec: suspend === undefined ? spec : { suspend },
    status,
    metadata: { name, namespace, generation, labels, annotations, deleting: deletionTimestamp !== undefined },
  };
}
