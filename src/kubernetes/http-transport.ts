import type { KubeConfig } from '@kubernetes/client-node';
import { readAnswer } from './answer.ts';
import { ApiError, TransportError, isTurnedAway } from './errors.ts';
import { KubeConfigConnection } from './kubeconfig-connection.ts';
import type { Connection, ConnectionSource } from './kubeconfig-connection.ts';
import { retryDelay } from './retry.ts';
import type { Runtime } from './runtime.ts';
import { sleep } from './runtime.ts';
import type { ApiRequest, ByteStream, RequestObservation, Transport } from './transport.ts';
import type { WholeAnswer, WholeRequest } from './whole-answers.ts';

/** A page of 500 objects at etcd's limit of 1.5 MB would be 750 MB; nobody's list is that large, and memory is finite. */
const defaultMaxResponseBytes = 256 * 1024 * 1024;
/** Of what comes in the place of a stream: a Status has a fraction of it. */
const maxRefusalBytes = 64 * 1024;

export interface HttpTransportOptions {
  /** Read at the first request, and again as its credentials age. */
  readonly kubeConfig: KubeConfig;
  /** Where to send, and how it is renewed. Default: what the kubeconfig says, over sockets. */
  readonly connection?: ConnectionSource | undefined;
  readonly runtime: Runtime;
  /** Sent as User-Agent; the apiserver's audit log and metrics show it. */
  readonly userAgent: string;
  /** The most sockets for requests, watches not counted. Default 64. */
  readonly maxSockets?: number;
  /** A longer answer is refused; streams have no such bound. Default 256 MiB. */
  readonly maxResponseBytes?: number;
  /** Deadline of a request that names none. Default 30,000 ms. */
  readonly deadlineMs?: number;
  /** Told of each attempt. Must not throw. */
  readonly observe?: (observation: RequestObservation) => void;
}

/** Transport over kept-alive HTTP/1.1 connections. */
export class HttpTransport implements Transport {
  readonly #connection: ConnectionSource;
  readonly #runtime: Runtime;
  readonly #userAgent: string;
  readonly #deadlineMs: number;
  readonly #observe: (observation: RequestObservation) => void;

  constructor(options: HttpTransportOptions) {
    this.#runtime = options.runtime;
    this.#userAgent = options.userAgent;
    this.#deadlineMs = options.deadlineMs ?? 30_000;
    this.#observe = options.observe ?? (() => undefined);
    this.#connection =
      options.connection ??
      new KubeConfigConnection({
        kubeConfig: options.kubeConfig,
        clock: options.runtime,
        maxSockets: options.maxSockets ?? 64,
        maxResponseBytes: options.maxResponseBytes ?? defaultMaxResponseBytes,
      });
  }

  async request<T>(request: ApiRequest): Promise<T> {
    const scope = new CallScope(this.#runtime, request, request.deadlineMs ?? this.#deadlineMs);
    try {
      return (await this.#retried(request, scope, async () => {
        const response = await this.#send(request, scope, ({ requests }, sent) => requests.request(sent));
        return readAnswer(describe(request), await rawAnswer(response), this.#runtime.now());
      })) as T;
    } finally {
      scope.end();
    }
  }

  async stream(request: ApiRequest): Promise<ByteStream> {
    const scope = new CallScope(this.#runtime, request, request.deadlineMs ?? this.#deadlineMs);
    try {
      const response = await this.#retried(request, scope, async () => {
        const begun = await this.#send(request, scope, ({ streams }, sent) => streams.request(sent));
        if (begun.statusCode !== 200) {
          const refusal = { ...begun, body: { text: () => beginning(begun.body) } };
          readAnswer(describe(request), await rawAnswer(refusal), this.#runtime.now());
          throw new TransportError(
            `${describe(request)}: HTTP ${begun.statusCode} where a stream was expected`,
          );
        }
        return begun;
      });
      scope.endDeadline();
      return bytes(response.body, scope);
    } catch (error) {
      scope.end();
      throw error;
    }
  }

  /** See ConnectionSource. */
  get clientCertificateEndsAt(): number | undefined {
    return this.#connection.clientCertificateEndsAt;
  }

  /** Ends every connection at once. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async #retried<R>(request: ApiRequest, scope: CallScope, attempt: () => Promise<R>): Promise<R> {
    let refreshed = false;
    for (let retries = 0; ; retries++) {
      try {
        return await attempt();
      } catch (cause) {
        const error = scope.translate(cause);
        if (isTurnedAway(error) && !refreshed && scope.connection !== undefined) {
          refreshed = true;
          const pending = this.#connection.refresh(scope.connection);
          const other = await orAborted(pending, scope.signal).catch((reason: unknown) => {
            throw scope.translate(reason);
          });
          if (other) continue;
        }
        const delay = retryDelay(request.method, error, retries, this.#runtime);
        if (delay === undefined || delay >= scope.remainingMs()) throw error;
        await sleep(this.#runtime, delay, scope.signal).catch((reason: unknown) => {
          throw scope.translate(reason);
        });
      }
    }
  }

  async #send<R extends { readonly statusCode: number }>(
    request: ApiRequest,
    scope: CallScope,
    over: (connection: Connection, sent: WholeRequest) => Promise<R>,
  ): Promise<R> {
    scope.signal.throwIfAborted();
    const connection = await orAborted(this.#connection.open(), scope.signal);
    scope.connection = connection;
    scope.throwIfOver();
    const start = this.#runtime.monotonic();
    let code = '<error>';
    try {
      const pending = over(connection, {
        origin: connection.origin,
        path: connection.basePath + request.path + queryString(request),
        method: request.method,
        headers: {
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
          ...request.headers,
          ...connection.headers,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: scope.signal,
      });
      const response = await orAborted(pending, scope.signal);
      code = String(response.statusCode);
      return response;
    } finally {
      const durationMs = this.#runtime.monotonic() - start;
      this.#observe({ method: request.method, resource: request.resource ?? '', code, durationMs });
    }
  }
}

/** One call's deadline and the caller's signal, as one signal; and what an abort through it means. */
class CallScope {
  /** What the latest attempt was sent over. */
  connection: Connection | undefined;
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #what: string;
  readonly #deadlineMs: number;
  readonly #endsAt: number;
  readonly #runtime: Runtime;
  readonly #cancelTimer: () => void;
  readonly #onParent = (): void => this.#controller.abort(this.#parent?.reason);
  #timedOut = false;

  constructor(runtime: Runtime, request: ApiRequest, deadlineMs: number) {
    this.#runtime = runtime;
    this.#parent = request.signal;
    this.#what = describe(request);
    this.#deadlineMs = deadlineMs;
    this.#endsAt = runtime.monotonic() + deadlineMs;
    if (this.#parent?.aborted) this.#onParent();
    this.#parent?.addEventListener('abort', this.#onParent, { once: true });
    this.#cancelTimer = runtime.timer(deadlineMs, () => this.#timeOut());
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  remainingMs(): number {
    return this.#endsAt - this.#runtime.monotonic();
  }

  /** After the process was stopped for a while its timers are late, and a write would leave that nobody admits any more. */
  throwIfOver(): void {
    if (this.remainingMs() <= 0) this.#timeOut();
    this.signal.throwIfAborted();
  }

  endDeadline(): void {
    this.#cancelTimer();
  }

  end(): void {
    this.#cancelTimer();
    this.#parent?.removeEventListener('abort', this.#onParent);
  }

  #timeOut(): void {
    this.#timedOut = true;
    this.#controller.abort();
  }

  /** The caller's own reason when the caller stopped it; else one of this folder's errors, with the cause kept. */
  translate(error: unknown): unknown {
    if (this.#parent?.aborted) return this.#parent.reason;
    if (this.#timedOut) {
      return new TransportError(`${this.#what}: no answer within ${this.#deadlineMs} ms`, {
        timedOut: true,
        cause: error,
      });
    }
    if (error instanceof ApiError || error instanceof TransportError) return error;
    const why =
      error instanceof Error
        ? error.message || ((error as { code?: string }).code ?? error.name)
        : String(error);
    return new TransportError(`${this.#what}: ${why}`, { cause: error });
  }
}

/**
 * Rejects as soon as `signal` aborts. Undici drops an aborted request only when it has a connection for it, and a
 * credential plugin cannot be stopped at all: neither should keep the caller.
 */
function orAborted<R>(pending: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

async function* bytes(body: AsyncIterable<Uint8Array>, scope: CallScope): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw scope.translate(error);
  } finally {
    scope.end();
  }
}

/** What is longer is cut, and its connection ended. */
async function beginning(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxRefusalBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function rawAnswer(response: WholeAnswer): Promise<Parameters<typeof readAnswer>[1]> {
  return {
    code: response.statusCode,
    contentType: single(response.headers['content-type']) ?? '',
    retryAfter: single(response.headers['retry-after']),
    body: await response.body.text(),
  };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function queryString(request: ApiRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** `GET /api/v1/namespaces/x/configmaps/y`: paths hold names only, never a secret. */
function describe(request: ApiRequest): string {
  return `${request.method} ${request.path}`;
}
