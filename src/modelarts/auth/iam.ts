import { UpstreamError } from '../../api/errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import { withDeadline } from '../../runtime/wait.ts';
import { buildURL, operations } from '../endpoints.ts';
import { decodeFailure } from '../failure.ts';
import { sendOnce, type WireOptions } from '../wire.ts';
import type { IssuedToken } from './iam-token.ts';

export interface IAMUser {
  readonly username: string;
  readonly password: string;
  readonly domainName: string;
  /** ModelArts is regional: a token is for one project, by name or by id. */
  readonly project: { readonly name: string } | { readonly id: string };
}

export interface IAMOptions extends WireOptions {
  readonly clock: Clock;
  /** For the whole exchange. */
  readonly deadlineMs: number;
  readonly user: IAMUser;
}

/** The life that a token is taken to have where IAM does not say: documented as 24 hours; less does no harm. */
const assumedLifeMs = 60 * 60_000;

/** IAM's base URL without the `/v3` that documentation writes with it and without. */
export function iamBase(url: URL): URL {
  const base = new URL(url);
  base.pathname = base.pathname.replace(/\/+$/, '').replace(/\/v3$/, '');
  return base;
}

/**
 * `POST /v3/auth/tokens`: a token for the user, in the header X-Subject-Token of the answer. One try; rejects with
 * UpstreamError.
 */
export async function createToken(options: IAMOptions): Promise<IssuedToken> {
  const operation = operations.createToken;
  const url = buildURL(options.base, operation, {}, [['nocatalog', 'true']]);
  const request = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      auth: { identity: identity(options.user), scope: { project: options.user.project } },
    }),
  };
  const { clock } = options;
  const answer = await withDeadline(clock, operation, options.deadlineMs, undefined, (signal) =>
    sendOnce(options, request, signal),
  );
  const { status, headers, body } = answer;
  if (status !== 201 && status !== 200) {
    const secrets = [options.user.password];
    throw decodeFailure({
      operation,
      status,
      headers,
      now: clock.now(),
      secrets,
      dated: false,
      ...(body === undefined ? {} : { body }),
    });
  }
  const token = headers.get('x-subject-token');
  if (token === null || !/^[\x21-\x7e]+$/.test(token)) {
    const message = `${operation} was answered with HTTP ${status} but without a token. Check credentials.iamEndpoint.`;
    throw new UpstreamError('InvalidResponse', message, { operation, status });
  }
  return { token, ...lifeOf(body?.['token'], clock.now()) };
}

function identity(user: IAMUser): unknown {
  const { username, password, domainName } = user;
  return {
    methods: ['password'],
    password: { user: { name: username, password, domain: { name: domainName } } },
  };
}

function lifeOf(token: unknown, now: number): { issuedAt: number; expiresAt: number } {
  const times = typeof token === 'object' && token !== null ? (token as Record<string, unknown>) : {};
  const issuedAt = timeOf(times['issued_at']) ?? now;
  return { issuedAt, expiresAt: timeOf(times['expires_at']) ?? issuedAt + assumedLifeMs };
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
