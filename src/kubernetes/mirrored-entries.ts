import { EntryTable } from './entry-table.ts';
import type { Indexer } from './entry-table.ts';
import { compareResourceVersions } from './objects.ts';
import type { ChangeListener, ChangeOrigin, StoreEntry } from './store-entry.ts';

/** One list-and-watch's view: a namespace, or (undefined) all of them. */
interface Scope<E> {
  /** The newest version that list or watch have told of. */
  seen: string | undefined;
  /** The list under way. */
  relist:
    | {
        readonly entries: E[];
        readonly seenAtStart: string | undefined;
        readonly deletedBefore: ReadonlySet<string>;
      }
    | undefined;
}

/**
 * What a store knows, fed by two sources that know nothing of each other's order: the watch, and the answers to this
 * process's own writes. The resource version decides which of two is newer:
 *
 *   watch 10 · own write answered 11 · watch 10 again        → 11 stays
 *   watch 11, 12, deleted 13 · own write answered 11 (late)  → stays deleted: the watch has seen 11 already
 *   own delete answered · watch 11 (late)                    → stays deleted, until the watch confirms
 *   own delete answered · list begun after it has it still   → it stands: the answer was wrong
 *   watch 11, deleted 13 · watch 11 again                    → a list must tell: a may be gone, or 11 may be late
 *   list taken at 20 · own create answered 21 · list done    → 21 stays: the watch from 20 on will tell
 */
export class MirroredEntries<E extends StoreEntry> {
  readonly table: EntryTable<E>;
  readonly #scopes = new Map<string | undefined, Scope<E>>();
  readonly #listeners = new Set<ChangeListener<E>>();
  /** Uids whose delete was asked for and neither answered nor seen yet. */
  readonly #deleting = new Set<string>();
  /** Uids whose delete was answered, and not yet seen by the watch or by a list that began after it. */
  readonly #deleted = new Set<string>();

  constructor(indexers: Readonly<Record<string, Indexer<E>>>) {
    this.table = new EntryTable(indexers);
  }

  listen(listener: ChangeListener<E>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  relistStarted(namespace: string | undefined): void {
    const scope = this.#scope(namespace);
    scope.relist = { entries: [], seenAtStart: scope.seen, deletedBefore: new Set(this.#deleted) };
  }

  listed(namespace: string | undefined, entry: E): void {
    this.#scope(namespace).relist?.entries.push(entry);
  }

  /** Swaps the scope for what was listed; readers see all of it or nothing. */
  relistDone(namespace: string | undefined, version: string): void {
    const scope = this.#scope(namespace);
    const relist = scope.relist;
    if (!relist) return;
    scope.relist = undefined;
    scope.seen = version;
    // A list older than what was known before it began is a cluster restored from a backup: only the list counts.
    const restored = isOlder(version, relist.seenAtStart);
    const changes: [E | undefined, E | undefined][] = [];
    const kept = new Set<E>();
    // The list began after these were answered: what it has of them stands, whatever the answer was worth.
    for (const uid of relist.deletedBefore) this.#deleted.delete(uid);
    for (const entry of relist.entries) {
      if (this.#deleted.has(entry.uid)) continue;
      const known = this.table.get(entry.namespace, entry.name);
      if (known && !restored && !isOlder(known.resourceVersion, entry.resourceVersion)) {
        kept.add(known);
        continue;
      }
      this.table.put(entry);
      kept.add(entry);
      changes.push([known, entry]);
    }
    for (const known of [...this.table.inScope(namespace)]) {
      if (kept.has(known) || (!restored && isOlder(version, known.resourceVersion))) continue;
      this.table.remove(known);
      changes.push([known, undefined]);
    }
    for (const [old, entry] of changes) this.#notify(old, entry, 'watch');
  }

  /**
   * Throws where an object that is not known comes at a version that the watch has passed: it may be gone again, or may
   * have been overtaken by others. Only a list tells which.
   */
  applied(namespace: string | undefined, entry: E): void {
    const known = (): boolean =>
      this.table.get(entry.namespace, entry.name) !== undefined || this.#deleted.has(entry.uid);
    if (this.#hasPassed(namespace, entry.resourceVersion) && !known()) {
      throw new RangeError(`the watch went back to ${entry.resourceVersion}, to an object that is not known`);
    }
    this.saw(namespace, entry.resourceVersion);
    if (!this.#deleted.has(entry.uid)) this.#putIfNewer(entry, 'watch');
  }

  /** Notes how far the watch of a scope has come. */
  saw(namespace: string | undefined, version: string): void {
    const scope = this.#scope(namespace);
    if (scope.seen === undefined || !isOlder(version, scope.seen)) scope.seen = version;
  }

  removed(namespace: string | undefined, entry: E): void {
    this.saw(namespace, entry.resourceVersion);
    this.#deleting.delete(entry.uid);
    this.#deleted.delete(entry.uid);
    const known = this.table.get(entry.namespace, entry.name);
    // A successor of the same name may be known already, from an own create.
    if (!known || (known.uid !== entry.uid && !isOlder(known.resourceVersion, entry.resourceVersion))) return;
    this.table.remove(known);
    this.#notify(known, undefined, 'watch');
  }

  /** Takes in the answer to an own write. `namespace` is that of the scope that watches the object. */
  written(namespace: string | undefined, entry: E): void {
    const old = this.#hasPassed(namespace, entry.resourceVersion) || this.#deleted.has(entry.uid);
    if (!old) this.#putIfNewer(entry, 'write');
  }

  deleting(uid: string): void {
    this.#deleting.add(uid);
  }

  /** The delete was not carried out, or not at once (the object has a finalizer). */
  notDeleted(uid: string): void {
    this.#deleting.delete(uid);
  }

  /** The object is gone, by the server's answer. */
  deleted(namespace: string, name: string, uid: string): void {
    // Where the watch was quicker than the answer, nothing will come any more that a mark could keep out.
    if (this.#deleting.delete(uid)) this.#deleted.add(uid);
    const known = this.table.get(namespace, name);
    if (known?.uid !== uid) return;
    this.table.remove(known);
    this.#notify(known, undefined, 'write');
  }

  /** Whether list and watch of a scope have told of this version or a later one. */
  #hasPassed(namespace: string | undefined, version: string): boolean {
    const { seen } = this.#scope(namespace);
    return seen !== undefined && isNoNewer(version, seen);
  }

  #putIfNewer(entry: E, origin: ChangeOrigin): void {
    const known = this.table.get(entry.namespace, entry.name);
    if (known && isNoNewer(entry.resourceVersion, known.resourceVersion)) return;
    this.table.put(entry);
    this.#notify(known, entry, origin);
  }

  #scope(namespace: string | undefined): Scope<E> {
    let scope = this.#scopes.get(namespace);
    if (!scope) this.#scopes.set(namespace, (scope = { seen: undefined, relist: undefined }));
    return scope;
  }

  #notify(old: E | undefined, entry: E | undefined, origin: ChangeOrigin): void {
    for (const listener of this.#listeners) listener(old, entry, origin);
  }
}

/** What cannot be compared counts as newer. */
const isNoNewer = (version: string, than: string): boolean =>
  (compareResourceVersions(version, than) ?? 1) <= 0;

function isOlder(version: string, than: string | undefined): boolean {
  return than !== undefined && (compareResourceVersions(version, than) ?? 0) < 0;
}
