import type { StoredObject } from './objects.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Change {
  readonly version: number;
  readonly type: ChangeType;
  readonly resource: string;
  readonly object: StoredObject;
  /** As a watch sends it. */
  readonly line: () => string;
}

/** What etcd and the watch cache are together: the objects of now, and every change since the last compaction. */
export class Storage {
  readonly #objects = new Map<string, Map<string, StoredObject>>();
  readonly #changes: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  #version: number;
  #compacted: number;

  /** `version`: of the first list. */
  constructor(version = 1000) {
    this.#version = version;
    this.#compacted = version;
  }

  get version(): number {
    return this.#version;
  }

  /** Changes up to this version are forgotten. */
  get compacted(): number {
    return this.#compacted;
  }

  get(resource: string, namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(resource)?.get(`${namespace}/${name}`);
  }

  /** In the order of their keys, as etcd lists them. */
  list(resource: string, namespace?: string): StoredObject[] {
    const all = [...(this.#objects.get(resource)?.entries() ?? [])];
    all.sort(([a], [b]) => (a < b ? -1 : 1));
    const objects = all.map(([, object]) => object);
    return namespace === undefined
      ? objects
      : objects.filter((each) => each.metadata.namespace === namespace);
  }

  /** Stores it at a new version. */
  put(resource: string, object: StoredObject): StoredObject {
    const ofResource = this.#ofResource(resource);
    const key = keyOf(object);
    const type = ofResource.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = at(object, ++this.#version);
    ofResource.set(key, stored);
    this.#tell(type, resource, stored);
    return stored;
  }

  remove(resource: string, object: StoredObject): void {
    if (!this.#ofResource(resource).delete(keyOf(object))) return;
    this.#tell('DELETED', resource, at(object, ++this.#version));
  }

  changesAfter(version: number, resource: string): Change[] {
    return this.#changes.filter((change) => change.version > version && change.resource === resource);
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all but the last `kept` changes. */
  compact(kept: number): void {
    const gone = this.#changes.splice(0, Math.max(0, this.#changes.length - kept)).at(-1);
    if (gone !== undefined) this.#compacted = gone.version;
  }

  #ofResource(resource: string): Map<string, StoredObject> {
    let objects = this.#objects.get(resource);
    if (objects === undefined) this.#objects.set(resource, (objects = new Map()));
    return objects;
  }

  #tell(type: ChangeType, resource: string, object: StoredObject): void {
    let text: string | undefined;
    const line = (): string => (text ??= watchLine(type, object));
    const change = { version: this.#version, type, resource, object, line };
    this.#changes.push(change);
    for (const listener of this.#listeners) listener(change);
  }
}

export function watchLine(type: ChangeType, object: StoredObject): string {
  return `{"type":"${type}","object":${JSON.stringify(object)}}\n`;
}

const keyOf = ({ metadata }: StoredObject): string => `${metadata.namespace}/${metadata.name}`;

function at(object: StoredObject, version: number): StoredObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
