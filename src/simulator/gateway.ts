import { ApiFailure } from './api-failure.ts';
import type { SimProject } from './model.ts';
import { isSignedWith, parseAuthorization, type SignedRequest } from './signature.ts';
import type { World } from './world.ts';

const maxSkewMs = 15 * 60_000;
const maxFailures = 5;
const lockMs = 5 * 60_000;

const refused = (why: string, code = 'APIGW.0301'): ApiFailure =>
  new ApiFailure('gateway', 401, code, `Incorrect IAM authentication information: ${why}`);

const mismatches: Readonly<Record<SimProject['mismatch'], readonly [number, string]>> = {
  '403': [403, 'ModelArts.0210'],
  '404': [404, 'ModelArts.2786'],
  '401': [401, 'ModelArts.0212'],
};

/** The API gateway's door: which projects a request may speak for. */
export class Gateway {
  readonly #failures = new Map<string, { count: number; lockedUntil: number }>();

  /** Reference 7.2 and 7.3. Throws a 401. */
  projectsOf(world: World, request: SignedRequest): SimProject[] {
    const { authorization } = request.headers;
    if (authorization?.startsWith('SDK-HMAC-SHA256') === true)
      return this.#bySignature(world, request, authorization);
    return byToken(world, request.headers['x-auth-token']);
  }

  /** The project of the path, if the credential is for it. */
  projectOf(world: World, request: SignedRequest, id: string): SimProject {
    const projects = this.projectsOf(world, request);
    const project = projects.find((p) => p.id === id);
    if (project !== undefined) return project;
    const [status, code] = mismatches[projects[0]?.mismatch ?? '403'];
    throw new ApiFailure(
      'modelarts',
      status,
      code,
      'The project id in the request URL does not match the token.',
    );
  }

  #bySignature(world: World, request: SignedRequest, authorization: string): SimProject[] {
    const parts = parseAuthorization(authorization);
    if (parts === undefined) throw refused('Authorization format is incorrect');
    const lock = this.#failures.get(parts.accessKey) ?? { count: 0, lockedUntil: 0 };
    if (world.now() < lock.lockedUntil) throw refused('AK access failed to reach the limit,forbidden');
    try {
      const projects = verify(world, request, parts);
      this.#failures.delete(parts.accessKey);
      return projects;
    } catch (error) {
      const count = lock.count + 1;
      // More than five failures in a row lock the key, and the count begins anew.
      const locked = count > maxFailures;
      this.#failures.set(parts.accessKey, {
        count: locked ? 0 : count,
        lockedUntil: locked ? world.now() + lockMs : 0,
      });
      throw error;
    }
  }
}

function verify(
  world: World,
  request: SignedRequest,
  parts: NonNullable<ReturnType<typeof parseAuthorization>>,
): SimProject[] {
  const signedAt = sdkDate(String(request.headers['x-sdk-date'] ?? ''));
  if (signedAt === undefined || !['host', 'x-sdk-date'].every((name) => parts.signedHeaders.includes(name))) {
    throw refused('the headers host and x-sdk-date must be signed');
  }
  if (Math.abs(world.now() - signedAt) > maxSkewMs) throw refused('signature expired');
  const projects = [...world.projects.values()].filter((project) =>
    project.keys.some(
      (key) =>
        key.accessKey === parts.accessKey &&
        (key.securityToken ?? '') === (request.headers['x-security-token'] ?? '') &&
        isSignedWith(request, parts, key.secretKey),
    ),
  );
  if (projects.length === 0) throw refused('verify aksk signature fail');
  return projects;
}

function byToken(world: World, token: string | string[] | undefined): SimProject[] {
  if (typeof token !== 'string' || token === '') throw refused('x-auth-token not found');
  const holders = [...world.projects.values()].filter((project) => project.tokens.has(token));
  if (holders.length === 0) throw refused('decrypt token fail');
  const valid = holders.filter((project) => (project.tokens.get(token) ?? 0) > world.now());
  if (valid.length === 0) throw refused('token expires', 'APIGW.0307');
  return valid;
}

/** `YYYYMMDDTHHMMSSZ`. */
function sdkDate(text: string): number | undefined {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const time = iso === text ? NaN : Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}
