import type { StoreEntry } from './store-entry.ts';

/** Names the values under which an entry can be found. */
export type Indexer<E> = (entry: E) => readonly string[];

/** Most index values lead to one entry or to many: one needs no set around it. */
type Bucket<E> = E | Set<E>;

/** Entries by namespace and name, and by declared indexes. */
export class EntryTable<E extends StoreEntry> {
  /** Two levels instead of a joined key: the names are strings that the entries hold anyway. */
  readonly #byNamespace = new Map<string, Map<string, E>>();
  readonly #indexers: readonly (readonly [string, Indexer<E>])[];
  readonly #indexes = new Map<string, Map<string, Bucket<E>>>();
  #size = 0;

  constructor(indexers: Readonly<Record<string, Indexer<E>>>) {
    this.#indexers = Object.entries(indexers);
    for (const [name] of this.#indexers) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#size;
  }

  get(namespace: string, name: string): E | undefined {
    return this.#byNamespace.get(namespace)?.get(name);
  }

  byIndex(index: string, value: string): readonly E[] {
    const bucket = this.#bucket(index, value);
    if (bucket === undefined) return [];
    return bucket instanceof Set ? [...bucket] : [bucket];
  }

  /** How many `byIndex` would give, without a list of them. */
  countByIndex(index: string, value: string): number {
    const bucket = this.#bucket(index, value);
    if (bucket === undefined) return 0;
    return bucket instanceof Set ? bucket.size : 1;
  }

  *values(): IterableIterator<E> {
    for (const names of this.#byNamespace.values()) yield* names.values();
  }

  /** Entries of one namespace; all of them where it is undefined. */
  inScope(namespace: string | undefined): Iterable<E> {
    return namespace === undefined ? this.values() : (this.#byNamespace.get(namespace)?.values() ?? []);
  }

  /** The entry that was there before. */
  put(entry: E): E | undefined {
    let names = this.#byNamespace.get(entry.namespace);
    if (!names) this.#byNamespace.set(entry.namespace, (names = new Map<string, E>()));
    const old = names.get(entry.name);
    if (old) this.#unindex(old);
    else this.#size++;
    names.set(entry.name, entry);
    for (const [index, indexer] of this.#indexers) {
      const buckets = this.#indexes.get(index) as Map<string, Bucket<E>>;
      for (const value of indexer(entry)) addTo(buckets, value, entry);
    }
    return old;
  }

  remove(entry: E): void {
    const names = this.#byNamespace.get(entry.namespace);
    if (names?.get(entry.name) !== entry) return;
    names.delete(entry.name);
    if (names.size === 0) this.#byNamespace.delete(entry.namespace);
    this.#size--;
    this.#unindex(entry);
  }

  #bucket(index: string, value: string): Bucket<E> | undefined {
    const buckets = this.#indexes.get(index);
    if (!buckets)
      throw new TypeError(`no index "${index}"; declared: ${[...this.#indexes.keys()].join(', ') || 'none'}`);
    return buckets.get(value);
  }

  #unindex(entry: E): void {
    for (const [index, indexer] of this.#indexers) {
      const buckets = this.#indexes.get(index) as Map<string, Bucket<E>>;
      for (const value of indexer(entry)) removeFrom(buckets, value, entry);
    }
  }
}

function addTo<E extends StoreEntry>(buckets: Map<string, Bucket<E>>, value: string, entry: E): void {
  const bucket = buckets.get(value);
  if (bucket === undefined) buckets.set(value, entry);
  else if (bucket instanceof Set) bucket.add(entry);
  else if (bucket !== entry) buckets.set(value, new Set([bucket, entry]));
}

function removeFrom<E extends StoreEntry>(buckets: Map<string, Bucket<E>>, value: string, entry: E): void {
  const bucket = buckets.get(value);
  if (bucket === entry) buckets.delete(value);
  else if (bucket instanceof Set) {
    bucket.delete(entry);
    if (bucket.size === 0) buckets.delete(value);
  }
}
