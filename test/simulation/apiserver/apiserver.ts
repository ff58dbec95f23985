import { mergePatch } from '../../../src/simulator/merge-patch.ts';
import { collectGarbage } from './garbage.ts';
import { resources, sameContent, sameSpec, type ResourceModel, type StoredObject } from './objects.ts';
import { conflict, expired, notFound, Refusal } from './refusal.ts';
import { Storage } from './storage.ts';

export interface ModelRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body?: unknown;
}

export interface ModelAnswer {
  readonly code: number;
  readonly body: object;
}

/** What a path names. */
export interface Target {
  readonly resource: string;
  readonly model: ResourceModel;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly status: boolean;
}

type Body = { metadata?: Record<string, unknown>; status?: unknown } & Record<string, unknown>;

/** A page that is not the last: the rest as it was when the first was read. */
interface Rest {
  readonly version: number;
  readonly objects: readonly StoredObject[];
}

export interface ApiserverOptions {
  /** Wall clock, ms since the epoch. */
  readonly now: () => number;
  readonly storage?: Storage;
}

/**
 * A kube-apiserver, as far as the operator and its tests use one: the verbs, versions and preconditions of the
 * resources in objects.ts, continue tokens, the history that watches resume from, and the garbage collector.
 * test/integration/model compares it with a real one. Not in it: admission, defaults and managedFields.
 */
export class Apiserver {
  readonly storage: Storage;
  readonly #now: () => number;
  readonly #rests = new Map<string, Rest>();
  #made = 0;

  constructor({ now, storage = new Storage() }: ApiserverOptions) {
    this.#now = now;
    this.storage = storage;
  }

  handle(request: ModelRequest): ModelAnswer {
    try {
      const target = parsePath(request.path);
      return { code: request.method === 'POST' ? 201 : 200, body: this.#carryOut(request, target) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { code: error.code, body: error.body };
    }
  }

  /** Lets the garbage collector look once. */
  collect(): boolean {
    return collectGarbage(this.storage);
  }

  #carryOut(request: ModelRequest, target: Target): object {
    const { method, query, body } = request;
    const { namespace = '', name } = target;
    if (name === undefined) {
      if (method === 'GET') return this.#list(target, query);
      if (method === 'POST') return this.#create(target, body as Body);
      throw new Refusal(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      );
    }
    const stored = this.storage.get(target.resource, namespace, name);
    if (stored === undefined) {
      if (method === 'PUT' && target.model.createOnUpdate) return this.#putNew(target, body as Body);
      throw notFound(name);
    }
    switch (method) {
      case 'GET':
        return stored;
      case 'PUT':
        return this.#replace(target, stored, body as Body);
      case 'PATCH':
        return this.#patch(target, stored, body as Body);
      case 'DELETE':
        return this.#delete(target, stored, body ?? {});
      default:
        throw new Refusal(
          405,
          'MethodNotAllowed',
          'the server does not allow this method on the requested resource',
        );
    }
  }

  #list({ resource, model, namespace }: Target, query: URLSearchParams): object {
    const limit = Number(query.get('limit') ?? 0);
    const token = query.get('continue');
    const rest = token === null ? undefined : this.#rests.get(token);
    if (token !== null && (rest === undefined || rest.version < this.storage.compacted))
      throw expired('The provided continue parameter is too old to display a consistent list result.');
    const version = rest?.version ?? this.storage.version;
    const all = rest?.objects ?? this.storage.list(resource, namespace);
    const items = limit > 0 ? all.slice(0, limit) : all;
    const left = all.slice(items.length);
    const metadata: Record<string, unknown> = { resourceVersion: String(version) };
    if (left.length > 0) {
      const next = `rest-${this.#rests.size}`;
      this.#rests.set(next, { version, objects: left });
      metadata['continue'] = next;
      metadata['remainingItemCount'] = left.length;
    }
    return { apiVersion: model.apiVersion, kind: `${model.kind}List`, metadata, items };
  }

  #create({ resource, model, namespace = '' }: Target, body: Body): StoredObject {
    const { status, metadata = {}, ...rest } = body;
    const name = metadata['name'] as string;
    if (metadata['resourceVersion'] !== undefined)
      throw new Refusal(400, 'BadRequest', 'resourceVersion should not be set on objects to be created');
    if (this.storage.get(resource, namespace, name) !== undefined)
      throw new Refusal(409, 'AlreadyExists', `${resource} "${name}" already exists`);
    const { uid: _u, generation: _g, deletionTimestamp: _d, ...own } = metadata;
    return this.storage.put(resource, {
      ...rest,
      ...(model.newStatus && { status: model.newStatus }),
      ...(!model.hasStatus && status !== undefined && { status }),
      apiVersion: model.apiVersion,
      kind: model.kind,
      metadata: {
        ...own,
        name,
        namespace,
        uid: uidOf(++this.#made),
        creationTimestamp: seconds(this.#now()),
        ...(model.hasStatus && { generation: 1 }),
        resourceVersion: '',
      },
    });
  }

  /** Of some resources a PUT makes the object, unless it names one that was there. */
  #putNew(target: Target, body: Body): StoredObject {
    const { uid, resourceVersion } = body.metadata ?? {};
    if (uid !== undefined || resourceVersion !== undefined)
      throw conflict(target.name ?? '', 'the object does not exist');
    return this.#create(target, body);
  }

  #replace(target: Target, stored: StoredObject, body: Body): StoredObject {
    const { metadata = {}, status, ...rest } = body;
    const given = metadata['resourceVersion'];
    checkPreconditions(stored, { uid: metadata['uid'] });
    if (given === undefined && !target.model.unconditionalUpdate)
      throw new Refusal(422, 'Invalid', 'metadata.resourceVersion: must be specified for an update');
    checkPreconditions(stored, { resourceVersion: given });
    if (target.status) return this.#store(target, stored, { ...stored, status });
    const next = {
      ...rest,
      ...(target.model.hasStatus
        ? stored.status !== undefined && { status: stored.status }
        : status !== undefined && { status }),
      apiVersion: stored.apiVersion,
      kind: stored.kind,
      metadata: { ...metadata, ...fixed(stored) },
    } as StoredObject;
    return this.#store(target, stored, next);
  }

  /** A merge patch. */
  #patch(target: Target, stored: StoredObject, patch: Body): StoredObject {
    const { uid, resourceVersion } = patch.metadata ?? {};
    checkPreconditions(stored, { resourceVersion });
    if (uid !== undefined && uid !== stored.metadata.uid)
      throw new Refusal(422, 'Invalid', 'metadata.uid: field is immutable');
    const merged = mergePatch(stored, patch) as StoredObject;
    if (target.status) return this.#store(target, stored, { ...stored, status: merged.status });
    const kept = target.model.hasStatus ? { status: stored.status } : {};
    const next = { ...merged, ...kept, metadata: { ...merged.metadata, ...fixed(stored) } };
    return this.#store(target, stored, next);
  }

  #delete({ resource }: Target, stored: StoredObject, options: DeleteOptions): object {
    checkPreconditions(stored, options.preconditions ?? {});
    const held = new Set(stored.metadata.finalizers ?? []);
    if (options.propagationPolicy === 'Orphan') held.add('orphan');
    if (options.propagationPolicy === 'Foreground') held.add('foregroundDeletion');
    if (held.size > 0) {
      const metadata = {
        ...stored.metadata,
        finalizers: [...held],
        deletionTimestamp: stored.metadata.deletionTimestamp ?? seconds(this.#now()),
        deletionGracePeriodSeconds: 0,
        ...(stored.metadata.generation !== undefined && { generation: stored.metadata.generation + 1 }),
      };
      return this.storage.put(resource, { ...stored, metadata });
    }
    this.storage.remove(resource, stored);
    const { name, uid } = stored.metadata;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, uid } };
  }

  /** What changes nothing makes no version. */
  #store({ resource, model }: Target, before: StoredObject, wanted: StoredObject): StoredObject {
    const next = JSON.parse(JSON.stringify(wanted)) as StoredObject;
    const changed = model.hasStatus && !sameSpec(next, before);
    const generation = (before.metadata.generation ?? 0) + (changed ? 1 : 0);
    const metadata = { ...next.metadata, ...(model.hasStatus && { generation }) };
    const object = { ...next, metadata };
    if (sameContent(object, before)) return before;
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) {
      this.storage.remove(resource, object);
      return object;
    }
    return this.storage.put(resource, object);
  }
}

interface DeleteOptions {
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: unknown; readonly resourceVersion?: unknown };
}

/** `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>[/status]`, or the same of the core group. */
export function parsePath(path: string): Target {
  const written = path.split('/').slice(1);
  const parts = path.includes('%') ? written.map(decodeURIComponent) : written;
  const rest = parts[0] === 'api' ? parts.slice(2) : parts.slice(3);
  const namespace = rest[0] === 'namespaces' ? rest[1] : undefined;
  const [resource = '', name, sub] = rest[0] === 'namespaces' ? rest.slice(2) : rest;
  const model = resources[resource];
  if (model === undefined) throw notFound(path);
  return { resource, model, namespace, name, status: sub === 'status' };
}

function checkPreconditions(
  { metadata }: StoredObject,
  { uid, resourceVersion }: { readonly uid?: unknown; readonly resourceVersion?: unknown },
): void {
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(metadata.name, `Precondition failed: UID in precondition: ${JSON.stringify(uid)}`);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      metadata.name,
      'the object has been modified; please apply your changes to the latest version',
    );
}

/** What no writer can change. */
function fixed({ metadata }: StoredObject): StoredObject['metadata'] {
  const { name, namespace, uid, creationTimestamp, deletionTimestamp, resourceVersion, generation } =
    metadata;
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(generation !== undefined && { generation }),
  };
}

const uidOf = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** metav1.Time. */
function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
