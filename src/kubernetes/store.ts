import type { Indexer } from './entry-table.ts';
import { isNotFound } from './errors.ts';
import { MirroredEntries } from './mirrored-entries.ts';
import type { KubernetesObject, ObjectRef } from './objects.ts';
import { Reflector } from './reflector.ts';
import type { ReflectorEvent } from './reflector-state.ts';
import type {
  CallOptions,
  DeleteOptions,
  PatchOptions,
  ResourceClient,
  WriteOptions,
} from './resource-client.ts';
import type { Runtime } from './runtime.ts';
import type { ChangeListener, Identity, StoreEntry, StoreReader } from './store-entry.ts';

export interface StoreOptions<T extends KubernetesObject, E extends StoreEntry> {
  readonly client: ResourceClient<T>;
  readonly runtime: Runtime;
  /** What is kept of an object. Called once for each version seen; the object is dropped after it. Must not throw. */
  readonly project: (object: T) => E;
  /** By index name; an indexer is pure, and quick. */
  readonly indexers?: Readonly<Record<string, Indexer<E>>>;
  /** One list and watch each. Default: one over all namespaces. */
  readonly namespaces?: readonly string[] | undefined;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Told of each failed list or watch, all of which are survived. Must not throw. */
  readonly onError?: (error: unknown) => void;
}

/** Names the object that a delete means, and the version on which it was decided. */
export interface DeleteTarget extends Identity {
  readonly resourceVersion?: string;
}

/**
 * A cache of one resource that is kept up to date by list and watch, and the way to write it: answers to writes through
 * the store are in the cache before the caller has them, so that nobody plans on what he himself has changed.
 *
 * Writes fail as those of ResourceClient do, and then leave the cache as it is.
 */
export class Store<T extends KubernetesObject, E extends StoreEntry> implements StoreReader<E> {
  readonly #client: ResourceClient<T>;
  readonly #options: StoreOptions<T, E>;
  readonly #project: (object: T) => E;
  readonly #entries: MirroredEntries<E>;
  readonly #unsynced: Set<string | undefined>;
  readonly #synced = Promise.withResolvers<void>();

  constructor(options: StoreOptions<T, E>) {
    this.#client = options.client;
    this.#options = options;
    this.#project = options.project;
    this.#entries = new MirroredEntries(options.indexers ?? {});
    this.#unsynced = new Set(options.namespaces ?? [undefined]);
  }

  /** Lists and watches until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, runtime, fieldSelector, labelSelector, onError } = this.#options;
    const reflectors = [...this.#unsynced].map(
      (namespace) =>
        new Reflector<T>({
          client,
          runtime,
          namespace,
          fieldSelector,
          labelSelector,
          onError,
          onEvent: (event) => this.#onEvent(namespace, event),
        }),
    );
    await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
  }

  get(namespace: string, name: string): E | undefined {
    return this.#entries.table.get(namespace, name);
  }

  byIndex(index: string, value: string): readonly E[] {
    return this.#entries.table.byIndex(index, value);
  }

  countByIndex(index: string, value: string): number {
    return this.#entries.table.countByIndex(index, value);
  }

  values(): Iterable<E> {
    return this.#entries.table.values();
  }

  get size(): number {
    return this.#entries.table.size;
  }

  hasSynced(): boolean {
    return this.#unsynced.size === 0;
  }

  synced(signal?: AbortSignal): Promise<void> {
    if (!signal) return this.#synced.promise;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      void this.#synced.promise.then(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  onChange(listener: ChangeListener<E>): () => void {
    return this.#entries.listen(listener);
  }

  /**
   * Whether this very object is there and not being deleted, by the server itself: the cache may not have seen its end
   * yet. Asked as a list, for which whoever fills a cache has the right.
   */
  async stands({ namespace, name, uid }: Identity, options?: CallOptions): Promise<boolean> {
    const { items } = await this.#client.list({
      ...options,
      namespace: givenNamespace(namespace),
      fieldSelector: `metadata.name=${name}`,
    });
    return items.some(({ metadata }) => metadata.uid === uid && metadata.deletionTimestamp === undefined);
  }

  async create(object: T, options?: WriteOptions): Promise<T> {
    return this.#written(await this.#client.create(object, options));
  }

  async replaceStatus(
    object: Parameters<ResourceClient<T>['replaceStatus']>[0],
    options?: WriteOptions,
  ): Promise<T> {
    return this.#written(await this.#client.replaceStatus(object, options));
  }

  async patch(ref: ObjectRef, body: unknown, options: PatchOptions): Promise<T> {
    return this.#written(await this.#client.patch(ref, body, options));
  }

  /** An object that is gone already counts as deleted. A conflict means that it is not the one or not the version meant. */
  async delete(
    target: DeleteTarget,
    options: Omit<DeleteOptions, 'uid' | 'resourceVersion'> = {},
  ): Promise<void> {
    const { namespace, name, uid, resourceVersion } = target;
    const ref = { namespace: givenNamespace(namespace), name };
    this.#entries.deleting(uid);
    try {
      const answer = await this.#client.delete(ref, { ...options, uid, resourceVersion });
      if (!answer.gone) {
        this.#written(answer.object);
        this.#entries.notDeleted(uid);
        return;
      }
    } catch (error) {
      if (!isNotFound(error)) {
        this.#entries.notDeleted(uid);
        throw error;
      }
    }
    this.#entries.deleted(namespace, name, uid);
  }

  /** Each own write is told twice, by its answer and by the watch; to project an object is most of what that costs. */
  #knows({ metadata }: T): boolean {
    const known = this.get(metadata.namespace ?? '', metadata.name ?? '');
    return (
      known !== undefined && known.uid === metadata.uid && known.resourceVersion === metadata.resourceVersion
    );
  }

  #written(object: T): T {
    if (this.#knows(object)) return object;
    const entry = this.#project(object);
    this.#entries.written(this.#options.namespaces ? entry.namespace : undefined, entry);
    return object;
  }

  #onEvent(namespace: string | undefined, event: ReflectorEvent<T>): void {
    switch (event.type) {
      case 'relistStarted':
        return this.#entries.relistStarted(namespace);
      case 'listed':
        return this.#entries.listed(namespace, this.#project(event.object));
      case 'relistDone':
        this.#entries.relistDone(namespace, event.version);
        if (this.#unsynced.delete(namespace) && this.#unsynced.size === 0) this.#synced.resolve();
        return;
      case 'applied':
        if (this.#knows(event.object))
          return this.#entries.saw(namespace, event.object.metadata.resourceVersion ?? '');
        return this.#entries.applied(namespace, this.#project(event.object));
      case 'deleted':
        return this.#entries.removed(namespace, this.#project(event.object));
    }
  }
}

/** As requests have it: none for cluster-scoped objects. */
const givenNamespace = (namespace: string): string | undefined => (namespace === '' ? undefined : namespace);
