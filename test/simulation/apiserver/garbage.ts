import { resources, type StoredObject } from './objects.ts';
import type { Storage } from './storage.ts';

/** What the garbage collector does at one look; true when it did something, and so may find more. */
export function collectGarbage(storage: Storage): boolean {
  const all = Object.keys(resources).flatMap((resource) =>
    storage.list(resource).map((object) => ({ resource, object })),
  );
  const alive = new Set(all.map(({ object }) => object.metadata.uid));
  for (const { resource, object } of all) {
    const { finalizers = [], deletionTimestamp, ownerReferences = [] } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.includes('orphan')) {
      for (const dependent of all) orphan(storage, dependent, object.metadata.uid);
      release(storage, resource, object, 'orphan');
      return true;
    } else if (ownerReferences.length > 0 && ownerReferences.every(({ uid }) => !alive.has(uid))) {
      storage.remove(resource, object);
      return true;
    }
  }
  return false;
}

function orphan(
  storage: Storage,
  { resource, object }: { resource: string; object: StoredObject },
  uid: string,
): void {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const left = ownerReferences.filter((owner) => owner.uid !== uid);
  if (left.length === ownerReferences.length) return;
  storage.put(resource, {
    ...object,
    metadata: { ...metadata, ...(left.length > 0 && { ownerReferences: left }) },
  });
}

function release(storage: Storage, resource: string, object: StoredObject, finalizer: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  if (finalizers.length === 0) storage.remove(resource, object);
  else storage.put(resource, { ...object, metadata: { ...object.metadata, finalizers } });
}
