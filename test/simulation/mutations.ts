import type { ModelArtsProjectSpec } from '../../src/api/kinds/modelarts-project.ts';
import type { WireAnswer } from '../../src/simulator/faulty-answer.ts';
import type { ActionKind } from './actions.ts';
import type { ModelRequest } from './apiserver/apiserver.ts';
import type { StoredObject } from './apiserver/objects.ts';
import type { Mutation } from './stage.ts';
import type { Story } from './story.ts';

interface KnownMutation {
  /** The invariants by which it may be found. */
  readonly breaks: readonly string[];
  readonly make: () => Mutation;
}

/** Errors that an operator could have, put in at its ports: each with the invariant by which it must be found. */
export const mutations: Readonly<Record<string, KnownMutation>> = {
  'the budget is twice what was allowed': {
    breaks: ['Polite'],
    make: () => ({ apiserver: { object: projects(twiceTheBudget) } }),
  },
  'Retry-After is not read': {
    breaks: ['Polite'],
    make: () => ({
      provoke: (story) => ({
        ...story,
        rates: { ...story.rates, upstream: { rate: 0.15, kinds: ['throttledFor'] } },
      }),
      upstream: (_call, { headers: { 'Retry-After': _r, ...headers }, ...answer }) => ({
        ...answer,
        headers,
      }),
    }),
  },
  'the credential stands in a status': {
    breaks: ['NoSecretLeaves'],
    make: () => ({ apiserver: { request: statuses((text) => `${text} ${canaries}`) } }),
  },
  'a message counts on': {
    breaks: ['Quiet'],
    make: () => {
      let n = 0;
      return { apiserver: { request: statuses((text) => `${text} (${++n})`) } };
    },
  },
  'writes name no version': {
    breaks: ['OneWriter'],
    make: () => ({
      provoke: (story) => withActions(story, ['removeJob', 'removePool']),
      apiserver: { request: withoutVersions },
    }),
  },
  'a write is not asked whether the lease is held': {
    breaks: ['OneWriter'],
    make: () => ({
      provoke: (story) =>
        withActions(
          {
            ...story,
            sharing: 'led',
            replicas: 2,
            size: { ...story.size, pauses: [12, 20] },
            chaosMs: 60_000,
          },
          pausedAtWork,
        ),
      misassembly: { unadmitted: true },
    }),
  },
  'a watch begins a few versions after what was seen': {
    breaks: ['Faithful', 'NeverGuess', 'OneWriter', 'Quiet'],
    make: () => ({ apiserver: { request: laterWatch } }),
  },
  'one list fewer confirms a deletion': {
    breaks: ['NeverGuess'],
    make: () => ({
      provoke: (story) => withActions(story, ['removePool', 'removeJob', 'removeJob']),
      apiserver: { object: projects(oneConfirmationFewer) },
    }),
  },
  'a list that failed is an empty one': {
    breaks: ['NeverGuess'],
    make: () => ({
      provoke: (story) => ({
        ...story,
        chaosMs: Math.max(story.chaosMs, 40_000),
        rates: { ...story.rates, upstream: { rate: 0.4, kinds: ['internalError', 'forbidden'] } },
      }),
      upstream: (call, answer) => (isFailedList(call, answer) ? emptyList(answer) : answer),
    }),
  },
};

const canaries = ['token', 'key', 'password'].map((what) => `secret-${what}-of-p0`).join(' ');

/** Pauses longer than a lease, again and again, while there is always something to write. */
const pausedAtWork: readonly ActionKind[] = Array.from({ length: 12 }, () => [
  'editStatus' as const,
  'addJob' as const,
  'pause' as const,
]).flat();

/** … and these, at equal distances. */
function withActions(story: Story, kinds: readonly ActionKind[]): Story {
  const from = story.actions.length;
  const more = kinds.map((kind, i) => ({
    id: `action#${from + i}:${kind}`,
    at: 10_000 + (i * (story.chaosMs - 10_000)) / kinds.length,
    kind,
    n: from + i,
  }));
  return { ...story, actions: [...story.actions, ...more] };
}

function projects(
  edit: (spec: ModelArtsProjectSpec) => ModelArtsProjectSpec,
): (object: StoredObject) => StoredObject {
  return (object) =>
    object.kind === 'ModelArtsProject'
      ? { ...object, spec: edit(object.spec as ModelArtsProjectSpec) }
      : object;
}

function twiceTheBudget(spec: ModelArtsProjectSpec): ModelArtsProjectSpec {
  const { requestsPerSecond = 1, burst = 1 } = spec.rateLimit ?? {};
  return { ...spec, rateLimit: { requestsPerSecond: 2 * requestsPerSecond, burst: 2 * burst } };
}

function oneConfirmationFewer(spec: ModelArtsProjectSpec): ModelArtsProjectSpec {
  const { confirmations = 3 } = spec.deletion ?? {};
  return { ...spec, deletion: { ...spec.deletion, confirmations: Math.max(1, confirmations - 1) } };
}

/** The message of the first condition of each status that is written. */
function statuses(edit: (message: string) => string): (request: ModelRequest) => ModelRequest {
  return (request) => {
    if (!request.path.endsWith('/status')) return request;
    const body = request.body as { status?: { conditions?: { message: string }[] } };
    const [first, ...others] = body.status?.conditions ?? [];
    if (first === undefined) return request;
    const conditions = [{ ...first, message: edit(first.message) }, ...others];
    return { ...request, body: { ...body, status: { ...body.status, conditions } } };
  };
}

function withoutVersions(request: ModelRequest): ModelRequest {
  if (request.method === 'DELETE') return { ...request, body: {} };
  if (request.method !== 'PATCH') return request;
  const { metadata, ...body } = request.body as { metadata?: Record<string, unknown> };
  const { resourceVersion: _r, uid: _u, ...rest } = metadata ?? {};
  return { ...request, body: { ...body, metadata: rest } };
}

function laterWatch(request: ModelRequest): ModelRequest {
  const seen = request.query.get('resourceVersion');
  if (!request.query.has('watch') || seen === null) return request;
  const query = new URLSearchParams(request.query);
  query.set('resourceVersion', String(Number(seen) + 4));
  return { ...request, query };
}

function isFailedList(call: string, { status }: WireAnswer): boolean {
  return (call === 'ListPools' || call === 'ListWorkloads') && status >= 400 && status !== 401;
}

function emptyList(answer: WireAnswer): WireAnswer {
  const body = Buffer.from(JSON.stringify({ items: [], total: 0, count: 0 }));
  return { status: 200, headers: { ...answer.headers, 'Content-Type': 'application/json' }, body };
}
