export type QueryValue = string | number | boolean | undefined;

/** One call to the apiserver. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path below the server's URL, each segment already escaped: `/api/v1/namespaces/x/configmaps`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The most the whole call may take, retries and waiting included. Default: the transport's. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Metric label: the resource's plural name. Default: the path is not used, the label is empty. */
  readonly resource?: string;
}

/** A stream of bytes that the caller reads to its end or abandons by returning from its loop. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** What one attempt came to, for `rest_client_requests_total` and its durations. */
export interface RequestObservation {
  readonly method: string;
  readonly resource: string;
  /** HTTP status code, or `<error>` when no answer came (client-go's word). */
  readonly code: string;
  readonly durationMs: number;
}

/** The way to an apiserver. */
export interface Transport {
  /**
   * Resolves with the parsed JSON answer. Rejects with ApiError (the server said no), TransportError (no usable answer)
   * or the signal's reason. 429 and 503 with Retry-After are waited out, within the deadline; a GET is tried again after
   * a network failure, a write never: it may have been carried out.
   */
  request<T>(request: ApiRequest): Promise<T>;
  /** As `request`, for a watch: resolves when a 200 began, with its bytes. The deadline bounds only the beginning. */
  stream(request: ApiRequest): Promise<ByteStream>;
}
