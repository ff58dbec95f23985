import { UpstreamError, type UpstreamErrorFields, type UpstreamErrorKind } from '../api/errors.ts';
import { toleratedClockSkewMs } from './auth/credential.ts';
import { redacted } from './printable.ts';
import { retryAfter } from './retry-after.ts';

/** An answer that is not the document that was asked for. */
export interface FailedAnswer {
  readonly operation: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body where it is a JSON object. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly secrets: readonly string[];
  /** Whether the request told the time here: then a 401 may mean no more than that the clock is off. */
  readonly dated: boolean;
}

type Meaning = { readonly kind: UpstreamErrorKind; readonly what?: NonNullable<UpstreamErrorFields['what']> };

const poolMissing = ['ModelArts.50015001', 'ModelArts.2890'];
const projectMismatch = ['ModelArts.2786', 'ModelArts.0210'];
const workspaceMissing = ['ModelArts.0102', 'ModelArts.7005'];
const throttled = [
  'ModelArts.2799',
  'ModelArts.4206',
  'ModelArts.6101',
  'ModelArts.5039',
  'APIGW.0308',
  'APIG.0308',
];
const internal = [
  'ModelArts.0010',
  'ModelArts.7001',
  'ModelArts.7008',
  'ModelArts.7009',
  'ModelArts.50005000',
];
const forbidden = ['ModelArts.0108', 'ModelArts.0112'];

/** The one reader of error answers, whatever family the body is of: gateway, ModelArts v2 or v1, IAM, or none. */
export function decodeFailure(answer: FailedAnswer): UpstreamError {
  const { code, text } = readBody(answer.body);
  const detail = text === undefined ? undefined : redacted(text, answer.secrets);
  const shownCode = code === undefined ? undefined : redacted(code, answer.secrets);
  const meaning = classify(answer.status, code);
  const requestID = pickText(answer.body?.['request_id']) ?? answer.headers.get('x-request-id') ?? undefined;
  const wait = retryAfter(answer.headers, answer.now);
  const skew = answer.dated && meaning.kind === 'Unauthorized' ? clockSkew(answer.headers, answer.now) : 0;
  const skewed = Math.abs(skew) > toleratedClockSkewMs;
  return new UpstreamError(meaning.kind, message(answer, meaning, shownCode, detail, skewed ? skew : 0), {
    operation: answer.operation,
    status: answer.status,
    ...(shownCode === undefined ? {} : { code: shownCode }),
    ...(detail === undefined ? {} : { detail }),
    ...(requestID === undefined ? {} : { requestID: redacted(requestID, answer.secrets) }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(meaning.what === undefined ? {} : { what: meaning.what }),
    ...(skewed ? { clockSkewMs: skew } : {}),
  });
}

/** True when a body that came with 200 says that the call failed: v1's `is_success`, or an error code alone. */
export function saysFailure(body: Readonly<Record<string, unknown>>): boolean {
  const success = body['is_success'];
  if (success === false || (typeof success === 'string' && success.toLowerCase() === 'false')) return true;
  return pickText(body['error_code']) !== undefined && success === undefined && body['items'] === undefined;
}

/** Milliseconds by which this machine's clock is ahead of the answer's Date; 0 without a Date. */
export function clockSkew(headers: { get(name: string): string | null }, now: number): number {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? 0 : now - date;
}

function classify(status: number, code: string | undefined): Meaning {
  const is = (codes: readonly string[]): boolean => code !== undefined && codes.includes(code);
  if (status === 200) {
    // Without a status that says so, no code is trusted to mean that something is gone.
    if (is(throttled)) return { kind: 'Throttled' };
    if (is(internal)) return { kind: 'Unreachable' };
    if (is(forbidden)) return { kind: 'Forbidden' };
    return { kind: 'BadRequest' };
  }
  if (status < 400) return { kind: 'InvalidResponse' };
  if (status === 401) return { kind: 'Unauthorized' };
  if (status === 403) return { kind: 'Forbidden' };
  if (status === 404) {
    if (is(poolMissing)) return { kind: 'NotFound', what: 'pool' };
    if (is(projectMismatch)) return { kind: 'NotFound', what: 'project' };
    if (is(workspaceMissing)) return { kind: 'NotFound', what: 'workspace' };
    return { kind: 'NotFound', what: code?.startsWith('ModelArts.') === true ? 'other' : 'api' };
  }
  if (status === 405 || status === 410 || status === 501) return { kind: 'NotFound', what: 'api' };
  if (status === 429 || (status === 500 && is(throttled))) return { kind: 'Throttled' };
  if (status === 408 || status >= 500) return { kind: 'Unreachable' };
  if (status === 400 && is(workspaceMissing)) return { kind: 'NotFound', what: 'workspace' };
  return { kind: 'BadRequest' };
}

function message(
  answer: FailedAnswer,
  meaning: Meaning,
  code: string | undefined,
  detail: string | undefined,
  skew: number,
): string {
  const said = [code, detail].filter((text) => text !== undefined).join(': ');
  const answered = `${answer.operation} was answered with HTTP ${answer.status}${said === '' ? '' : ` (${said})`}`;
  const advice = adviceFor(meaning, answer, skew);
  return advice === undefined ? `${answered}.` : `${answered}: ${advice}`;
}

function adviceFor(meaning: Meaning, answer: FailedAnswer, skew: number): string | undefined {
  switch (meaning.kind) {
    case 'Unauthorized': {
      if (skew === 0)
        return "the credential was refused. Check the Secret's values and that they are still valid.";
      const direction = skew > 0 ? 'ahead of' : 'behind';
      const limit = toleratedClockSkewMs / 60_000;
      return `the clock here is more than ${limit} minutes ${direction} the server's. Set it right.`;
    }
    case 'Forbidden':
      return 'the credential may not do this. Check its permissions, the project id and the region.';
    case 'Throttled':
      return 'too many requests. Fewer follow by themselves; lower rateLimit where this stays.';
    case 'Unreachable':
      return 'the service has trouble. It is tried again.';
    case 'NotFound':
      return notFoundAdvice[meaning.what ?? 'other'];
    case 'BadRequest':
      return "the request is not accepted as it is. Check the project's spec.";
    case 'InvalidResponse':
      return answer.status >= 300 && answer.status < 400
        ? 'redirects are not followed. Set the endpoint to where the service really is.'
        : 'that is not a documented answer. Check the endpoint.';
    default:
      return undefined;
  }
}

const notFoundAdvice = {
  pool: 'the pool does not exist.',
  project: 'the project id does not belong to the credential. Check both.',
  workspace: 'the workspace does not exist. Check discovery.workspaces.',
  api: 'this API is not offered there. Check the endpoint and its path.',
  other: 'something it refers to does not exist.',
} as const;

/** Code and text under any of the names that are in use, at the top or one level down (D31). */
function readBody(body: Readonly<Record<string, unknown>> | undefined): { code?: string; text?: string } {
  if (body === undefined) return {};
  const nested = Object.values(body).filter(
    (value): value is Record<string, unknown> =>
      typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  for (const candidate of [body, ...nested]) {
    const code = first(candidate, ['error_code', 'errorCode', 'code']);
    const text = first(candidate, ['error_msg', 'error_message', 'errorMsg', 'message']);
    if (code !== undefined || text !== undefined) {
      return { ...(code === undefined ? {} : { code }), ...(text === undefined ? {} : { text }) };
    }
  }
  return {};
}

function first(body: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = pickText(body[name]);
    if (text !== undefined) return text;
  }
  return undefined;
}

function pickText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
