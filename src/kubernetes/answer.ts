import { ApiError, TransportError } from './errors.ts';
import type { ApiStatus, ApiStatusDetails } from './errors.ts';

/** Codes that say something of who asks, or of what was asked for. Whatever stands in between may answer with them too. */
const believed = new Set([401, 403, 404]);

/** What came back over HTTP, before anyone judged it. */
export interface RawAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/**
 * The parsed body of a success; otherwise throws. A body that is not JSON (a proxy's error page) is never echoed: it may
 * hold anything. `what` names the request for the message; `now` (epoch ms) is needed for a Retry-After that is a date.
 */
export function readAnswer(what: string, answer: RawAnswer, now: number): unknown {
  const json = parse(answer.body);
  if (believed.has(answer.code) && !isStatus(json) && !isOfUnknownPath(answer)) {
    throw new TransportError(
      `${what}: ${describe(answer)} where a Kubernetes Status was expected; is this the apiserver?`,
      { code: answer.code },
    );
  }
  if (answer.code >= 400) throw new ApiError(what, statusOf(json, answer, now));
  if (answer.code < 200 || answer.code >= 300 || json === undefined) {
    throw new TransportError(`${what}: ${describe(answer)} where JSON was expected; is this the apiserver?`);
  }
  return json;
}

/** A metav1.Status that came as data: the `object` of a watch's ERROR event. */
export function statusError(what: string, status: unknown): ApiError {
  return new ApiError(
    what,
    statusOf(status, { code: 500, contentType: '', retryAfter: undefined, body: '' }, 0),
  );
}

function statusOf(json: unknown, answer: RawAnswer, now: number): ApiStatus {
  const status = isStatus(json) ? json : undefined;
  const details = isRecord(status?.['details']) ? (status['details'] as ApiStatusDetails) : undefined;
  const message = status?.['message'];
  const code = status?.['code'];
  const seconds = details?.retryAfterSeconds;
  return {
    code: typeof code === 'number' && code >= 400 && code < 600 ? code : answer.code,
    reason: typeof status?.['reason'] === 'string' ? status['reason'] : '',
    message: typeof message === 'string' ? message : `${describe(answer)} without a Kubernetes Status`,
    details,
    retryAfterMs:
      parseRetryAfter(answer.retryAfter, now) ?? (typeof seconds === 'number' ? seconds * 1000 : undefined),
  };
}

/** All that an apiserver says of a path below a group that is not installed. */
function isOfUnknownPath({ code, body }: RawAnswer): boolean {
  return code === 404 && body.trim() === '404 page not found';
}

/** RFC 9110 Retry-After, seconds or a date, in milliseconds from `now`. Undefined when absent or unreadable. */
function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function describe(answer: RawAnswer): string {
  return `HTTP ${answer.code} with ${answer.contentType === '' ? 'no content type' : answer.contentType.slice(0, 80)}`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isStatus(json: unknown): json is Record<string, unknown> {
  return isRecord(json) && json['kind'] === 'Status';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
