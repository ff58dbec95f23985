import type { MirrorStore, ObjectIdentity } from '../../controller/ports.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { WriteOptions } from '../../kubernetes/resource-client.ts';
import type { StoreEntry } from '../../kubernetes/store-entry.ts';
import type { Store } from '../../kubernetes/store.ts';
import type { MetadataPatch } from '../../mirror/decision.ts';

/** Under which lease an operator writes. Neither: under none. */
export interface WriteAdmission {
  /** Asked before each write, with the most it may take, milliseconds; throws to refuse. */
  readonly admitWrite?: ((deadlineMs: number) => void) | undefined;
  /** Default 30,000. Under a lease it must be well below the lease's duration. */
  readonly writeDeadlineMs?: number | undefined;
}

/** The controller's view of a store: every write names the uid and the version that it was planned on. */
export class ClusterMirrorStore<T extends KubernetesObject, E extends StoreEntry, S> implements MirrorStore<
  E,
  T,
  S
> {
  readonly #store: Store<T, E>;
  readonly #write: Pick<WriteOptions, 'admitWrite' | 'deadlineMs'>;

  constructor(store: Store<T, E>, { admitWrite, writeDeadlineMs }: WriteAdmission = {}) {
    this.#store = store;
    this.#write = { admitWrite, deadlineMs: writeDeadlineMs };
  }

  get(namespace: string, name: string): E | undefined {
    return this.#store.get(namespace, name);
  }
  byIndex(index: string, value: string): readonly E[] {
    return this.#store.byIndex(index, value);
  }

  countByIndex(index: string, value: string): number {
    return this.#store.countByIndex(index, value);
  }
  values(): Iterable<E> {
    return this.#store.values();
  }
  get size(): number {
    return this.#store.size;
  }
  hasSynced(): boolean {
    return this.#store.hasSynced();
  }
  synced(signal?: AbortSignal): Promise<void> {
    return this.#store.synced(signal);
  }
  onChange(listener: (old: E | undefined, entry: E | undefined) => void): () => void {
    return this.#store.onChange(listener);
  }

  stands(object: ObjectIdentity, signal: AbortSignal): Promise<boolean> {
    return this.#store.stands(object, { signal });
  }

  create(object: T, signal: AbortSignal): Promise<T> {
    return this.#store.create(object, { ...this.#write, signal });
  }

  replaceStatus(entry: E, status: S, signal: AbortSignal): Promise<T> {
    const { namespace, name, uid, resourceVersion } = entry;
    return this.#store.replaceStatus(
      { metadata: { namespace, name, uid, resourceVersion }, status },
      { ...this.#write, signal },
    );
  }

  patchMetadata(entry: E, patch: MetadataPatch, signal: AbortSignal): Promise<T> {
    const { namespace, name, uid, resourceVersion } = entry;
    const body = { metadata: { ...patch, uid, resourceVersion } };
    return this.#store.patch({ namespace, name }, body, { ...this.#write, type: 'merge', signal });
  }

  delete(entry: E, options: { readonly orphan: boolean }, signal: AbortSignal): Promise<void> {
    return this.#store.delete(entry, {
      ...this.#write,
      propagationPolicy: options.orphan ? 'Orphan' : 'Background',
      signal,
    });
  }
}
