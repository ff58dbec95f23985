import type { CallGate } from './call-gate.ts';
import type { KubernetesObject, ObjectList, ObjectRef, ResourceDefinition } from './objects.ts';
import { apiVersionOf } from './objects.ts';
import type { ApiRequest, ByteStream, QueryValue, Transport } from './transport.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The most the call may take, retries included. Default: the transport's. */
  readonly deadlineMs?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /** Asked instead of the client's `admitWrite`: by one of several writers that share a client. */
  readonly admitWrite?: ((deadlineMs: number) => void) | undefined;
}

export interface ListOptions extends CallOptions {
  /** Default: all namespaces. */
  readonly namespace?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Absent: the newest state. `0`: whatever the server has at hand. */
  readonly resourceVersion?: string | undefined;
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly resourceVersion: string;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds: number;
}

export interface DeleteOptions extends WriteOptions {
  /** The delete holds only for this object, and is refused with a conflict for its successor of the same name. */
  readonly uid?: string | undefined;
  /** … and only while it is at this version. */
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/** The kinds of PATCH. `apply` is server-side apply; with `force` it takes over fields of other managers. */
export type PatchType = 'merge' | 'json' | 'apply';
export interface PatchOptions extends WriteOptions {
  readonly type: PatchType;
  readonly subresource?: 'status';
  readonly force?: boolean;
}

export interface ResourceClientOptions {
  readonly transport: Transport;
  readonly resource: ResourceDefinition;
  /** Set on every write; names the writer in managedFields. */
  readonly fieldManager: string;
  /**
   * Called before a write is sent, with the most it may take (ms). It throws to refuse: a leader does so when its lease
   * would not outlive the call.
   */
  readonly admitWrite?: (deadlineMs: number) => void;
  /** Bounds how many writes are under way at once; shared by the clients of one server. Default: no bound. */
  readonly writeGate?: CallGate;
  /** Deadline of a write that names none. Default 30,000 ms. */
  readonly writeDeadlineMs?: number;
}

const patchContentTypes: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** What a DELETE answers: the object while something still holds it back, else a Status of success. */
export type DeleteAnswer<T> = { readonly gone: true } | { readonly gone: false; readonly object: T };

/** Everything one can do to one resource. Errors are those of Transport.request. */
export class ResourceClient<T extends KubernetesObject> {
  readonly resource: ResourceDefinition;
  readonly #transport: Transport;
  readonly #fieldManager: string;
  readonly #admitWrite: (deadlineMs: number) => void;
  readonly #writeGate: CallGate | undefined;
  readonly #writeDeadlineMs: number;

  constructor(options: ResourceClientOptions) {
    this.resource = options.resource;
    this.#transport = options.transport;
    this.#fieldManager = options.fieldManager;
    this.#admitWrite = options.admitWrite ?? (() => undefined);
    this.#writeGate = options.writeGate;
    this.#writeDeadlineMs = options.writeDeadlineMs ?? 30_000;
  }

  get(ref: ObjectRef, options: CallOptions = {}): Promise<T> {
    return this.#transport.request<T>({ method: 'GET', path: this.#path(ref), ...this.#call(options) });
  }

  list(options: ListOptions = {}): Promise<ObjectList<T>> {
    const { limit, continue: next, fieldSelector, labelSelector, resourceVersion } = options;
    return this.#transport.request<ObjectList<T>>({
      method: 'GET',
      path: this.#path({ namespace: options.namespace }),
      query: { limit, continue: next, fieldSelector, labelSelector, resourceVersion },
      ...this.#call(options),
    });
  }

  /** The bytes of a watch: one JSON object `{type, object}` a line. */
  watch(options: WatchOptions): Promise<ByteStream> {
    const { fieldSelector, labelSelector, resourceVersion, timeoutSeconds } = options;
    return this.#transport.stream({
      method: 'GET',
      path: this.#path({ namespace: options.namespace }),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        fieldSelector,
        labelSelector,
        resourceVersion,
        timeoutSeconds,
      },
      ...this.#call(options),
    });
  }

  create(object: T, options: WriteOptions = {}): Promise<T> {
    const path = this.#path({ namespace: object.metadata.namespace });
    return this.#write<T>({ method: 'POST', path, body: this.#typed(object) }, options);
  }

  /** PUT of the whole object; a `metadata.resourceVersion` makes it conditional. The status part is ignored. */
  replace(object: T, options: WriteOptions = {}): Promise<T> {
    return this.#write<T>(
      { method: 'PUT', path: this.#path(named(object)), body: this.#typed(object) },
      options,
    );
  }

  /**
   * PUT of the status subresource. The server takes only `status` (and checks `metadata.resourceVersion` and `uid`), so
   * those are all that has to be sent: spec, labels and annotations keep their stored values.
   */
  replaceStatus(
    object: {
      metadata: { namespace?: string; name: string; resourceVersion: string; uid?: string };
      status: unknown;
    },
    options: WriteOptions = {},
  ): Promise<T> {
    const path = `${this.#path(object.metadata)}/status`;
    return this.#write<T>({ method: 'PUT', path, body: this.#typed(object) }, options);
  }

  /** `body` is a merge patch, a list of JSON patch operations, or an apply configuration. */
  patch(ref: ObjectRef, body: unknown, options: PatchOptions): Promise<T> {
    const path = this.#path(ref) + (options.subresource ? `/${options.subresource}` : '');
    return this.#write<T>(
      {
        method: 'PATCH',
        path,
        body: options.type === 'apply' ? this.#typed(body as object) : body,
        contentType: patchContentTypes[options.type],
        query: { force: options.force },
      },
      options,
    );
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<DeleteAnswer<T>> {
    const { uid, resourceVersion, propagationPolicy = 'Background' } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      ...(uid !== undefined || resourceVersion !== undefined
        ? {
            preconditions: {
              ...(uid !== undefined && { uid }),
              ...(resourceVersion !== undefined && { resourceVersion }),
            },
          }
        : {}),
    };
    const answer = await this.#write<T>({ method: 'DELETE', path: this.#path(ref), body }, options);
    return answer.kind === 'Status' || answer.metadata.uid === undefined
      ? { gone: true }
      : { gone: false, object: answer };
  }

  async #write<R>(
    request: Omit<ApiRequest, 'deadlineMs' | 'signal' | 'resource'>,
    options: WriteOptions,
  ): Promise<R> {
    const deadlineMs = options.deadlineMs ?? this.#writeDeadlineMs;
    const query: Record<string, QueryValue> = { ...request.query };
    if (request.method !== 'DELETE') query['fieldManager'] = this.#fieldManager;
    const leave = await this.#writeGate?.enter(options.signal);
    try {
      // Asked last: whoever waited may have lost its lease.
      (options.admitWrite ?? this.#admitWrite)(deadlineMs);
      return await this.#transport.request<R>({
        ...request,
        query,
        ...this.#call({ ...options, deadlineMs }),
      });
    } finally {
      leave?.();
    }
  }

  #call(options: CallOptions): Pick<ApiRequest, 'deadlineMs' | 'signal' | 'resource'> {
    return { deadlineMs: options.deadlineMs, signal: options.signal, resource: this.resource.plural };
  }

  /** Items of lists and watches, and what callers build, may lack these two; the server wants them. */
  #typed(object: object): object {
    return { apiVersion: apiVersionOf(this.resource), kind: this.resource.kind, ...object };
  }

  #path(ref: { readonly namespace?: string | undefined; readonly name?: string | undefined }): string {
    const { group, version, plural, namespaced } = this.resource;
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const scope =
      namespaced && ref.namespace !== undefined ? `/namespaces/${encodeURIComponent(ref.namespace)}` : '';
    return `${root}${scope}/${plural}${ref.name === undefined ? '' : `/${encodeURIComponent(ref.name)}`}`;
  }
}

function named(object: KubernetesObject): ObjectRef {
  if (object.metadata.name === undefined) throw new TypeError('a replace needs metadata.name');
  return { name: object.metadata.name, namespace: object.metadata.namespace };
}
