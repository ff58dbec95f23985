import { parseCredentials, type SecretContent } from '../../api/credentials.ts';
import { EndpointNotAllowed, InvalidConnection } from '../../api/errors.ts';
import type { ResolvedProjectSpec } from '../../api/kinds/modelarts-project.ts';
import type { Connection, ModelArtsConnector, ModelArtsReader } from '../../api/upstream.ts';
import { findingsOf, type Finding } from './finding.ts';

/** A project of ModelArts that can be asked. */
export interface Target {
  /** `namespace/name` of the ModelArtsProject, or the endpoint where there is none. */
  readonly about: string;
  readonly spec: ResolvedProjectSpec;
  readonly connection: Connection;
  /** Where a person would mend the credential: `Secret team/credentials`, `the environment`. */
  readonly credentialSource: string;
}

/** The connection that a spec and its Secret make, as the operator makes it; or what is wrong with the Secret. */
export function targetOf(
  about: string,
  spec: ResolvedProjectSpec,
  secret: SecretContent,
  credentialSource: string,
): Target | Finding {
  const parsed = parseCredentials(secret);
  if (!parsed.ok) {
    return findingsOf('credentials', about).fail(
      `${credentialSource}: ${parsed.message}`,
      `mend ${credentialSource}`,
    );
  }
  const { endpoint, projectID, region, userID, tls, rateLimit } = spec;
  const { iamEndpoint } = spec.credentials;
  const connection: Connection = {
    endpoint,
    projectID,
    ...(region !== undefined && { region }),
    ...(userID !== undefined && { userID }),
    ...(tls?.caBundle !== undefined && { caBundle: tls.caBundle }),
    ...(tls?.allowInsecureHTTP !== undefined && { allowInsecureHTTP: tls.allowInsecureHTTP }),
    ...(iamEndpoint !== undefined && { iamEndpoint }),
    credentials: parsed.credentials,
    rateLimit,
  };
  return { about, spec, connection, credentialSource };
}

const words = { token: 'a token', aksk: 'an access key', password: 'a user name and password' } as const;

/** Whether the operator would connect at all. Opens no socket. */
export function checkConnection(
  { about, connection }: Target,
  modelarts: ModelArtsConnector,
): { readonly finding: Finding; readonly reader?: ModelArtsReader } {
  const say = findingsOf('connection', about);
  const { credentials, endpoint } = connection;
  try {
    const reader = modelarts.open(connection);
    const temporary = credentials.type === 'aksk' && credentials.securityToken !== undefined;
    const what = temporary ? 'a temporary access key' : words[credentials.type];
    return { finding: say.ok(`${endpoint} with ${what}`), reader };
  } catch (error) {
    if (!(error instanceof EndpointNotAllowed) && !(error instanceof InvalidConnection)) throw error;
    return { finding: say.fail(error.message) };
  }
}

export interface TargetURL {
  readonly about: string;
  readonly url: URL;
}

/** What is connected to: ModelArts, and IAM where tokens are got from it. */
export function urlsOf({ about, connection }: Target): TargetURL[] {
  const { endpoint, iamEndpoint, credentials } = connection;
  const iam = credentials.type === 'password' && iamEndpoint !== undefined ? [iamEndpoint] : [];
  return [endpoint, ...iam].map((text) => ({ about, url: new URL(text) }));
}
