import type { Mutation } from './stage.ts';

/** Errors that an operator could have, put in at its ports: each with the invariant by which it must be found. */
export const mutations: Readonly<
  Record<string, { readonly breaks: readonly string[]; readonly make: () => Mutation }>
> = {
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

function twiceTheBudget(spec: Record<string, unknown>): void {
  const limit = spec['rateLimit'] as { requestsPerSecond: number; burst: number };
  limit.requestsPerSecond *= 2;
  limit.burst *= 2;
}
