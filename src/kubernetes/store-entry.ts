/** Names one object, and none that comes under its name later. */
export interface Identity {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The least that a store keeps of an object. Users keep what else they need beside it, and nothing more. */
export interface StoreEntry extends Identity {
  readonly resourceVersion: string;
}

/** Where a change came from: seen by the list or watch, or made by this store's own write. */
export type ChangeOrigin = 'watch' | 'write';

/** Called at each change, `entry` absent when the object went, `old` absent when it came. Must only enqueue; never throws. */
export type ChangeListener<E> = (old: E | undefined, entry: E | undefined, origin: ChangeOrigin) => void;

/** What readers see of a store. Entries are replaced, never changed in place. */
export interface StoreReader<E extends StoreEntry> {
  get(namespace: string, name: string): E | undefined;
  /** Entries whose indexer named `index` yields `value`. Throws on an index that was not declared. */
  byIndex(index: string, value: string): readonly E[];
  /** How many `byIndex` would give. */
  countByIndex(index: string, value: string): number;
  values(): Iterable<E>;
  readonly size: number;
  /** True once every watched namespace was listed in full. */
  hasSynced(): boolean;
  /** Resolves at that moment; rejects with the signal's reason. */
  synced(signal?: AbortSignal): Promise<void>;
  /** The returned function ends it. */
  onChange(listener: ChangeListener<E>): () => void;
}
