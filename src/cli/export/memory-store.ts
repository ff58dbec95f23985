import type { ObjectMeta } from '../../api/kinds/metadata.ts';
import type { MirrorStore, ObjectIdentity } from '../../controller/ports.ts';
import { EntryTable } from '../../kubernetes/entry-table.ts';
import type { StoreEntry } from '../../kubernetes/store-entry.ts';
import type { MetadataPatch } from '../../mirror/decision.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { CachedKind } from '../assembly/cached-kinds.ts';

interface StoredObject<S> {
  readonly metadata: ObjectMeta;
  readonly status?: S;
}

/**
 * The objects of one kind behind the port of a cluster's store, in memory. There is one writer, which plans on what
 * stands here at that moment: versions count, but nobody can be overtaken.
 */
export class MemoryStore<E extends StoreEntry, O extends StoredObject<S>, S> implements MirrorStore<E, O, S> {
  readonly #kind: CachedKind<O, E>;
  readonly #clock: Clock;
  readonly #entries: EntryTable<E>;
  readonly #objects = new Map<string, O>();
  readonly #listeners = new Set<(old: E | undefined, entry: E | undefined) => void>();
  #version = 0;

  constructor(kind: CachedKind<O, E>, clock: Clock) {
    this.#kind = kind;
    this.#clock = clock;
    this.#entries = new EntryTable(kind.indexers);
  }

  get(namespace: string, name: string): E | undefined {
    return this.#entries.get(namespace, name);
  }
  byIndex(index: string, value: string): readonly E[] {
    return this.#entries.byIndex(index, value);
  }
  countByIndex(index: string, value: string): number {
    return this.#entries.countByIndex(index, value);
  }
  values(): Iterable<E> {
    return this.#entries.values();
  }
  get size(): number {
    return this.#entries.size;
  }
  hasSynced(): boolean {
    return true;
  }
  synced(): Promise<void> {
    return Promise.resolve();
  }
  onChange(listener: (old: E | undefined, entry: E | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole object of an entry. */
  object({ namespace, name }: Pick<E, 'namespace' | 'name'>): O | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }
  objects(): Iterable<O> {
    return this.#objects.values();
  }

  stands({ namespace, name, uid }: ObjectIdentity): Promise<boolean> {
    return Promise.resolve(this.get(namespace, name)?.uid === uid);
  }

  create(object: O): Promise<O> {
    const metadata = {
      ...object.metadata,
      uid: `${object.metadata.name}-${this.#version}`,
      generation: 1,
      creationTimestamp: new Date(this.#clock.now()).toISOString(),
    };
    return Promise.resolve(this.#put({ ...object, metadata }));
  }

  replaceStatus(entry: E, status: S): Promise<O> {
    return this.#change(entry, (object) => ({ ...object, status }));
  }

  patchMetadata(entry: E, { labels, annotations, ownerReferences }: MetadataPatch): Promise<O> {
    return this.#change(entry, (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        labels: merged(object.metadata.labels, labels),
        annotations: merged(object.metadata.annotations, annotations),
        ...(ownerReferences && { ownerReferences: [...ownerReferences] }),
      },
    }));
  }

  delete({ namespace, name }: E): Promise<void> {
    const entry = this.#entries.get(namespace, name);
    if (entry === undefined) return Promise.resolve();
    this.#entries.remove(entry);
    this.#objects.delete(keyOf(namespace, name));
    this.#tell(entry, undefined);
    return Promise.resolve();
  }

  #change({ namespace, name }: E, change: (object: O) => O): Promise<O> {
    const object = this.#objects.get(keyOf(namespace, name));
    if (object === undefined) return Promise.reject(new Error(`there is no ${namespace}/${name} in memory`));
    return Promise.resolve(this.#put(change(object)));
  }

  #put(object: O): O {
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    const stored = asStored({ ...object, metadata });
    const entry = this.#kind.project(stored);
    this.#objects.set(keyOf(entry.namespace, entry.name), stored);
    this.#tell(this.#entries.put(entry), entry);
    return stored;
  }

  #tell(old: E | undefined, entry: E | undefined): void {
    for (const listener of this.#listeners) listener(old, entry);
  }
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

/** As it would come back from an apiserver: without what is undefined, and nobody else's to change. */
function asStored<O>(object: O): O {
  return JSON.parse(JSON.stringify(object)) as O;
}

function merged(
  before: Readonly<Record<string, string>> = {},
  patch: Readonly<Record<string, string | null>> = {},
): Record<string, string> {
  const all = Object.entries({ ...before, ...patch });
  return Object.fromEntries(all.filter((pair): pair is [string, string] => pair[1] !== null));
}
