/**
 * What can go wrong towards ModelArts and IAM, by meaning. The class says what the caller does next:
 *
 * | class | what it means | what follows |
 * |---|---|---|
 * | Unauthorized | the credential was refused (401) | ask for the credential again, then wait |
 * | Forbidden | the credential may not do this (403) | tell the user, try again slowly |
 * | NotFound | 404, with the meaning in `what` | only `what: 'pool'` is a step towards a deletion |
 * | Throttled | 429, or 500 ModelArts.5039 | wait `retryAfterMs`, else back off |
 * | BadRequest | 400: wrong until the spec changes | tell the user |
 * | Unreachable | no answer, 408, 5xx, cut body, timeout | back off |
 * | InvalidResponse | an answer that is not what the API documents | tell the user, back off |
 * | NotAllowed | a request outside the read-only list; a bug, never sent | fatal to that call |
 */
export type UpstreamErrorKind =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'Throttled'
  | 'BadRequest'
  | 'Unreachable'
  | 'InvalidResponse'
  | 'NotAllowed';

export interface UpstreamErrorFields {
  /** `GET /v2/{project}/pools/{pool}`: method and route template, never the URL with its ids and query. */
  readonly operation: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** `error_code` of the answer, e.g. `ModelArts.50015001`. */
  readonly code?: string;
  /** `error_msg` of the answer, printable and cut; never an echo of a body that is not ModelArts JSON. */
  readonly detail?: string;
  readonly requestID?: string;
  /** How long the server asked us to wait, milliseconds. */
  readonly retryAfterMs?: number;
  /** For NotFound: what is missing. `api`: this call is not offered here (gateway), or the endpoint is wrong. */
  readonly what?: 'pool' | 'project' | 'workspace' | 'api' | 'other';
  /** Milliseconds by which this machine's clock is ahead of the answer's Date header, where that is the likely cause. */
  readonly clockSkewMs?: number;
  /** For InvalidResponse of JSON: the member because of which the answer is of no use, e.g. `items`. */
  readonly path?: string;
  readonly cause?: unknown;
}

export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamErrorKind;
  readonly operation: string;
  readonly status?: number;
  readonly code?: string;
  readonly detail?: string;
  readonly requestID?: string;
  readonly retryAfterMs?: number;
  readonly what?: 'pool' | 'project' | 'workspace' | 'api' | 'other';
  readonly clockSkewMs?: number;
  readonly path?: string;

  constructor(kind: UpstreamErrorKind, message: string, fields: UpstreamErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.kind = kind;
    this.operation = fields.operation;
    if (fields.status !== undefined) this.status = fields.status;
    if (fields.code !== undefined) this.code = fields.code;
    if (fields.detail !== undefined) this.detail = fields.detail;
    if (fields.requestID !== undefined) this.requestID = fields.requestID;
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs;
    if (fields.what !== undefined) this.what = fields.what;
    if (fields.clockSkewMs !== undefined) this.clockSkewMs = fields.clockSkewMs;
    if (fields.path !== undefined) this.path = fields.path;
  }
}

/** The endpoint is one that this operator may not talk to (flags of `run`). Nothing was sent. */
export class EndpointNotAllowed extends Error {
  override readonly name = 'EndpointNotAllowed';
}

/** The connection cannot be used as it stands (a URL, a certificate, a missing part). Nothing was sent. */
export class InvalidConnection extends Error {
  override readonly name = 'InvalidConnection';
}

/** Finds the UpstreamError in an error or its chain of causes: a wrapped error keeps its meaning. */
export function upstreamError(error: unknown): UpstreamError | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 8; e = e.cause, depth++) {
    if (e instanceof UpstreamError) return e;
  }
  return undefined;
}

/** True when ModelArts itself said that the pool does not exist (50015001 or 2890): the only 404 that may lead to a deletion. */
export function isPoolNotFound(error: unknown): boolean {
  const e = upstreamError(error);
  return e?.kind === 'NotFound' && e.what === 'pool';
}

/** True when this API is not offered at the endpoint (gateway 404, 405, 410, 501). */
export function isApiAbsent(error: unknown): boolean {
  const e = upstreamError(error);
  return e?.kind === 'NotFound' && e.what === 'api';
}
