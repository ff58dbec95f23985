import { UpstreamError } from '../api/errors.ts';
import { canonicalQuery } from './auth/sign.ts';

/**
 * Every request that this operator can make, by name: method and path. All of them read; the POST asks IAM for a token.
 * There is no way to send another one (invariant 9).
 */
export const operations = {
  listPools: 'GET /v2/{project}/pools',
  getPool: 'GET /v2/{project}/pools/{pool}',
  listWorkloads: 'GET /v2/{project}/pools/{pool}/workloads',
  getStatistics: 'GET /v2/{project}/statistics/pools/{pool}/workloads',
  getRuntimeMetrics: 'GET /v2/{project}/metrics/runtime/pools',
  listWorkspaces: 'GET /v1/{project}/workspaces',
  listTrainingJobVersions: 'GET /v1/{project}/training-jobs/versions',
  listResourceSpecs: 'GET /v1/{project}/job/resource-specs',
  listResourceFlavors: 'GET /v1/{project}/resourceflavors',
  createToken: 'POST /v3/auth/tokens',
} as const;

export type OperationName = keyof typeof operations;
/** `GET /v2/{project}/pools/{pool}`: what messages, metrics and errors call a request. */
export type Operation = (typeof operations)[OperationName];

/** Names and values; undefined values are left out. */
export type Query = readonly (readonly [string, string | undefined])[];

/** One path segment: what ids of projects and pools are made of. Not `.` and `..`, which would climb. */
const idPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/**
 * The URL of an operation. The query is in the canonical form that is also signed. Throws UpstreamError NotAllowed for
 * an id that could change the path.
 */
export function buildURL(
  base: URL,
  operation: Operation,
  ids: Readonly<Record<string, string>>,
  query: Query = [],
): URL {
  const path = pathOf(operation).replace(/\{(\w+)\}/g, (_match, name: string) => {
    const id = ids[name];
    if (id === undefined || !idPattern.test(id)) {
      throw notAllowed(
        operation,
        `The ${name} id of ${operation} must be letters, digits, '.', '_' and '-' only.`,
      );
    }
    return id;
  });
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/+$/, '') + path;
  const pairs = query.filter((pair): pair is [string, string] => pair[1] !== undefined);
  url.search = canonicalQuery(pairs);
  return url;
}

/**
 * The last look before a request is sent: the method and path on the wire must be those of a known operation under
 * `base`. Throws UpstreamError NotAllowed otherwise.
 */
export function assertAllowed(base: URL, method: string, url: URL): Operation {
  const prefix = base.pathname.replace(/\/+$/, '');
  const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : undefined;
  const found = Object.values(operations).find((operation) => {
    return url.origin === base.origin && path !== undefined && patterns[operation].test(`${method} ${path}`);
  });
  if (found !== undefined) return found;
  throw notAllowed(
    method,
    `A ${/^[A-Z]{1,8}$/.test(method) ? method : 'foreign'} request outside the read-only list was stopped before it was ` +
      'sent. This is a fault of the operator; please report it.',
  );
}

/** True for methods that cannot change anything on the server. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function pathOf(operation: Operation): string {
  return operation.slice(operation.indexOf(' ') + 1);
}

const patterns = Object.fromEntries(
  Object.values(operations).map((operation) => [
    operation,
    new RegExp(`^${operation.replace(/\{\w+\}/g, '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,128}')}$`),
  ]),
) as unknown as Readonly<Record<Operation, RegExp>>;

function notAllowed(operation: string, message: string): UpstreamError {
  return new UpstreamError('NotAllowed', message, { operation });
}
