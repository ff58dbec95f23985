import type { ExportEvent } from './documents.ts';
import { exportedObject, type ExportedObject, type MirrorObject } from './exported-object.ts';
import type { MemoryStores } from './memory-operator.ts';

interface Followed<E> {
  onChange(listener: (old: E | undefined, entry: E | undefined) => void): () => void;
  object(entry: E): MirrorObject | undefined;
}

/** Tells what changes in the mirrors: only what an export would show, and each change once. */
export class Follower {
  readonly #tell: (event: ExportEvent) => void;
  /** What was told last. */
  readonly #shown = new Map<string, { readonly text: string; readonly object: ExportedObject }>();

  constructor(tell: (event: ExportEvent) => void) {
    this.#tell = tell;
  }

  follow({ pools, workloads, resourceSpecs }: MemoryStores): void {
    this.#followOne('ModelArtsPool', pools);
    this.#followOne('ModelArtsWorkload', workloads);
    this.#followOne('ModelArtsResourceSpec', resourceSpecs);
  }

  show(object: ExportedObject): void {
    const key = `${object.kind}/${object.metadata.name}`;
    const text = JSON.stringify(object);
    const before = this.#shown.get(key);
    if (before?.text === text) return;
    this.#shown.set(key, { text, object });
    this.#tell({ type: before === undefined ? 'ADDED' : 'MODIFIED', object });
  }

  #followOne<E extends { readonly name: string }>(kind: string, store: Followed<E>): void {
    store.onChange((old, entry) => {
      const object = entry && store.object(entry);
      // One that has no status yet was made a moment ago; the next write gives it one.
      if (object?.status !== undefined) this.show(exportedObject(object));
      if (entry === undefined && old !== undefined) this.#remove(`${kind}/${old.name}`);
    });
  }

  #remove(key: string): void {
    const shown = this.#shown.get(key);
    if (shown === undefined) return;
    this.#shown.delete(key);
    this.#tell({ type: 'DELETED', object: shown.object });
  }
}
