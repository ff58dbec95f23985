import { ApiFailure } from './api-failure.ts';
import type { SimProject } from './model.ts';
import { SeededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

const failure = (status: number, message: string): ApiFailure =>
  new ApiFailure('iam', status, `IAM.${status}`, message);
/** Real tokens are several kB long; this one is long enough to need big headers. */
const tokenDigits = 3000;

/** Identity and access management: gives out tokens, knows projects. */
export class Iam {
  readonly #random: SeededRandom;

  constructor(options: { seed: number }) {
    this.#random = new SeededRandom(options.seed, 'tokens');
  }

  /** `POST /v3/auth/tokens` with a password; the token goes into the header X-Subject-Token. */
  createToken(world: World, text: string): { token: string; body: unknown } {
    const { user, scope } = readRequest(text);
    const login = (project: SimProject): boolean =>
      project.domain === user.domain &&
      project.users.some((u) => u.name === user.name && u.password === user.password);
    const known = [...world.projects.values()].filter(login);
    if (known.length === 0) throw failure(401, 'The username or password is wrong.');
    const project = known.find((p) => (scope.id === undefined ? p.name === scope.name : p.id === scope.id));
    if (project === undefined) throw failure(403, 'The user has no role in the project of the scope.');
    const token = `MII${this.#random.hex(tokenDigits)}`;
    const now = world.now();
    const expiresAt = now + project.tokenLifetimeMs;
    project.tokens.set(token, expiresAt);
    const domain = { id: domainID(project), name: project.domain };
    return {
      token,
      body: {
        token: {
          methods: ['password'],
          issued_at: micros(now),
          expires_at: micros(expiresAt),
          project: { id: project.id, name: project.name, domain },
          user: {
            id: domainID(project).replace(/^../, 'bb'),
            name: user.name,
            password_expires_at: '',
            domain,
          },
          roles: [{ id: '0', name: 'modelarts_readonly' }],
          catalog: [],
        },
      },
    };
  }

  /** `GET /v3/projects`. */
  listProjects(projects: readonly SimProject[], name: string | null, base: string): unknown {
    return {
      projects: projects
        .filter((project) => name === null || project.name === name)
        .map((project) => ({
          id: project.id,
          name: project.name,
          domain_id: domainID(project),
          parent_id: domainID(project),
          is_domain: false,
          enabled: true,
          description: '',
          links: { self: `${base}/v3/projects/${project.id}` },
        })),
      links: { self: `${base}/v3/projects`, next: null, previous: null },
    };
  }
}

const micros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
const domainID = (project: SimProject): string => `aa${project.id.replace(/-/g, '').slice(2, 32)}`;

interface TokenRequest {
  user: { name: string; password: string; domain: string };
  scope: { id?: string; name?: string };
}

function readRequest(text: string): TokenRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw failure(400, 'The request body is not JSON.');
  }
  const at = (...path: readonly string[]): unknown =>
    path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], json);
  const word = (...path: readonly string[]): string | undefined => {
    const value = at(...path);
    return typeof value === 'string' ? value : undefined;
  };
  const user = ['auth', 'identity', 'password', 'user'];
  const name = word(...user, 'name');
  const password = word(...user, 'password');
  const domain = word(...user, 'domain', 'name');
  const id = word('auth', 'scope', 'project', 'id');
  const project = word('auth', 'scope', 'project', 'name');
  if (name === undefined || password === undefined || domain === undefined) {
    throw failure(400, 'The request must hold a user with name, password and domain.');
  }
  if (id === undefined && project === undefined) throw failure(400, 'The scope must be a project.');
  return {
    user: { name, password, domain },
    scope: { ...(id === undefined ? {} : { id }), ...(project === undefined ? {} : { name: project }) },
  };
}
