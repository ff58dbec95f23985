/** The fields of a metav1.Status that a caller can act on. */
export interface ApiStatus {
  /** HTTP status code, 400 to 599 (or the code inside a watch's ERROR event). */
  readonly code: number;
  /** metav1.StatusReason (`NotFound`, `Conflict`, …); empty when the server sent none. */
  readonly reason: string;
  readonly message: string;
  /** metav1.StatusDetails, as sent. */
  readonly details?: ApiStatusDetails | undefined;
  /** How long the server asked to wait, from Retry-After or details.retryAfterSeconds. */
  readonly retryAfterMs?: number | undefined;
}

export interface ApiStatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly retryAfterSeconds?: number;
  readonly causes?: readonly {
    readonly reason?: string;
    readonly message?: string;
    readonly field?: string;
  }[];
}

/** The apiserver answered, and the answer was no. */
export class ApiError extends Error implements ApiStatus {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: ApiStatusDetails | undefined;
  readonly retryAfterMs: number | undefined;

  /** `what` names the request (`PUT configmaps ns/name`), for people. */
  constructor(what: string, status: ApiStatus) {
    super(`${what}: ${status.code} ${status.reason ? `${status.reason}: ` : ''}${status.message}`);
    this.code = status.code;
    this.reason = status.reason;
    this.details = status.details;
    this.retryAfterMs = status.retryAfterMs;
  }
}

/** No usable answer came: connection refused or cut, TLS failure, deadline passed, body that is not what it must be. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** True when the request's own deadline ended it. Whether a write was carried out is then unknown. */
  readonly timedOut: boolean;
  /** The HTTP status code of an answer that came, and was not the apiserver's. */
  readonly code: number | undefined;

  constructor(message: string, options: { cause?: unknown; timedOut?: boolean; code?: number } = {}) {
    super(message, { cause: options.cause });
    this.timedOut = options.timedOut ?? false;
    this.code = options.code;
  }
}

const hasReason = (error: unknown, reason: string): boolean =>
  error instanceof ApiError && error.reason === reason;
const hasCode = (error: unknown, code: number): boolean => error instanceof ApiError && error.code === code;

/** There is no such object, or no such kind in its group. */
export const isNotFound = (error: unknown): boolean => hasReason(error, 'NotFound');
/** … or nothing of its group. That says what is installed, and nothing of an object: others answer in the same words. */
export const isUnknown = (error: unknown): boolean => hasCode(error, 404);
/** Another write came first, or a precondition did not hold. Not the 409 of a create whose name is taken. */
export const isConflict = (error: unknown): boolean =>
  hasCode(error, 409) && !hasReason(error, 'AlreadyExists');
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, 'AlreadyExists');
/** The resource version or continue token is too old (`Expired`) or gone: list again. */
export const isExpired = (error: unknown): boolean => hasCode(error, 410) || hasReason(error, 'Expired');
export const isUnauthorized = (error: unknown): boolean => hasCode(error, 401);
/** … or refused by what stands before the apiserver. */
export const isTurnedAway = (error: unknown): boolean =>
  isUnauthorized(error) || (error instanceof TransportError && error.code === 401);
export const isForbidden = (error: unknown): boolean => hasCode(error, 403);
export const isInvalid = (error: unknown): boolean => hasCode(error, 422);

/** What RBAC says is lacking (`patch events`); undefined for other errors, and where another authorizer has other words. */
export function rightRefused(error: unknown): string | undefined {
  if (!isForbidden(error)) return undefined;
  const [, verb, resource] = /cannot (\w+) resource "([^"]+)"/.exec((error as ApiError).message) ?? [];
  return verb && `${verb} ${resource}`;
}
