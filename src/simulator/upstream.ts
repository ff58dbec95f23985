import { ApiFailure, notPublished } from './api-failure.ts';
import { findRoute } from './routes.ts';
import type { SignedRequest } from './signature.ts';
import type { Simulation } from './simulation.ts';

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What kind of call a request is, before anyone asks who sends it. */
export interface Identified {
  readonly call: string;
  readonly project: string | undefined;
  readonly pool: string | undefined;
}

export function identify(method: string, path: string): Identified {
  const unknown = { call: 'unknown', project: undefined, pool: undefined };
  if (path === '/v3/auth/tokens' && method === 'POST') return { ...unknown, call: 'CreateToken' };
  if (path === '/v3/projects' && method === 'GET') return { ...unknown, call: 'ListProjects' };
  const found = method === 'GET' ? findRoute(path) : undefined;
  if (found === undefined) return unknown;
  return { call: found.route.name, project: found.params['project'], pool: found.params['pool'] };
}

/** Answers a request to ModelArts or IAM as the simulated world stands. Never throws an `ApiFailure`: it answers it. */
export function answerUpstream(
  simulation: Simulation,
  request: SignedRequest,
  options: { base: string; requestID: string; ignored?: readonly string[] },
): UpstreamAnswer {
  try {
    return answer(simulation, request, options);
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { status: error.status, headers: {}, body: error.body(options.requestID) };
  }
}

function answer(
  { world, gateway, iam }: Simulation,
  request: SignedRequest,
  { base, ignored = [] }: { base: string; ignored?: readonly string[] },
): UpstreamAnswer {
  const { call } = identify(request.method, request.path);
  const query = new URLSearchParams(request.query);
  for (const name of ignored) query.delete(name);
  if (call === 'CreateToken') {
    const { token, body } = iam.createToken(world, Buffer.from(request.body).toString());
    return { status: 201, headers: { 'X-Subject-Token': token }, body };
  }
  if (call === 'ListProjects') {
    return ok(iam.listProjects(gateway.projectsOf(world, request), query.get('name'), base));
  }
  const found = findRoute(request.path);
  if (found === undefined || request.method !== 'GET') throw notPublished();
  const { route, params } = found;
  const project = gateway.projectOf(world, request, params['project'] ?? '');
  if (route.offered?.(project) === false) throw notPublished();
  return ok(route.answer({ project, params, query, now: world.now() }));
}

const ok = (body: unknown): UpstreamAnswer => ({ status: 200, headers: {}, body });
