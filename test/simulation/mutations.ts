import type { ModelRequest } from './apiserver/apiserver.ts';
import type { Mutation } from './stage.ts';

/** Errors that an operator could have, put in at its ports: each with the invariant by which it must be found. */
export const mutations: Readonly<
  Record<string, { readonly breaks: readonly string[]; readonly make: () => Mutation }>
> = {
  'a leader does not look whether it still holds the lease': {
    breaks: ['OneWriter'],
    make: () => ({ misassembly: { unadmitted: true } }),
  },
  'deletes and patches name no version': {
    breaks: ['OneWriter'],
    make: () => ({ apiserver: { request: withoutVersion } }),
  },
  'a deletion is confirmed once less': {
    breaks: ['NeverGuess'],
    make: () => ({ apiserver: { answer: (_request, answer) => edited(answer, fewerConfirmations) } }),
  },
  'a watch goes on three versions later than it should': {
    breaks: ['Faithful', 'Quiet'],
    make: () => ({ apiserver: { request: watchingLater } }),
  },
  'the budget is twice what was allowed': {
    breaks: ['Polite'],
    make: () => ({ apiserver: { answer: (_request, answer) => edited(answer, twiceTheBudget) } }),
  },
  'Retry-After is not read': {
    breaks: ['Polite'],
    make: () => ({
      upstream: (_call, { headers: { 'Retry-After': _r, ...headers }, ...answer }) => ({
        ...answer,
        headers,
      }),
    }),
  },
  'something that grows stands in a status': {
    breaks: ['Quiet'],
    make: () => {
      let writes = 0;
      return {
        apiserver: {
          request: (request) =>
            request.path.endsWith('/status')
              ? { ...request, body: withStatus(request.body, ++writes) }
              : request,
        },
      };
    },
  },
  'a list that failed counts as an empty one': {
    breaks: ['NeverGuess'],
    make: () => ({
      upstream: (call, answer) =>
        call === 'ListWorkloads' && answer.status >= 500
          ? { status: 200, headers: {}, body: Buffer.from('{"items":[]}') }
          : answer,
    }),
  },
  'the credential stands in a status': {
    breaks: ['NoSecretLeaves'],
    make: () => ({
      apiserver: {
        request: (request) =>
          request.path.endsWith('/status')
            ? { ...request, body: { ...(request.body as object), note: canaries } }
            : request,
      },
    }),
  },
};

const canaries = ['token', 'key', 'password'].map((what) => `secret-${what}-of-p0`).join(' ');

function withoutVersion(request: ModelRequest): ModelRequest {
  if (request.method !== 'DELETE' && request.method !== 'PATCH') return request;
  const { metadata, preconditions: _p, ...rest } = (request.body ?? {}) as Record<string, unknown>;
  const { resourceVersion: _r, uid: _u, ...own } = (metadata ?? {}) as Record<string, unknown>;
  return { ...request, body: { ...rest, ...(metadata !== undefined && { metadata: own }) } };
}

function watchingLater(request: ModelRequest): ModelRequest {
  const version = request.query.get('resourceVersion');
  if (!request.query.has('watch') || version === null) return request;
  const query = new URLSearchParams(request.query);
  query.set('resourceVersion', String(Number(version) + 3));
  return { ...request, query };
}

/** Of the projects in a list or an answer; what a watch tells is left as it is. */
function edited<A extends { readonly body: object }>(
  answer: A,
  edit: (spec: Record<string, unknown>) => void,
): A {
  const { kind } = answer.body as { kind?: string };
  if (kind !== 'ModelArtsProjectList' && kind !== 'ModelArtsProject') return answer;
  const body = structuredClone(answer.body) as {
    items?: { spec: Record<string, unknown> }[];
    spec?: Record<string, unknown>;
  };
  for (const { spec } of body.items ?? []) edit(spec);
  if (body.spec !== undefined) edit(body.spec);
  return { ...answer, body };
}

function fewerConfirmations(spec: Record<string, unknown>): void {
  const deletion = spec['deletion'] as { confirmations: number };
  deletion.confirmations = Math.max(1, deletion.confirmations - 1);
}

function twiceTheBudget(spec: Record<string, unknown>): void {
  const limit = spec['rateLimit'] as { requestsPerSecond: number; burst: number };
  limit.requestsPerSecond *= 2;
  limit.burst *= 2;
}

function withStatus(body: unknown, counter: number): unknown {
  const { status, ...rest } = body as { status?: object };
  return { ...rest, status: { ...status, counter } };
}
