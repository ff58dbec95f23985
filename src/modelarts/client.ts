import { createHash } from 'node:crypto';
import { EndpointNotAllowed, InvalidConnection } from '../api/errors.ts';
import type { Connection, ModelArtsConnector, ModelArtsReader } from '../api/upstream.ts';
import type { Runtime } from '../runtime/clock.ts';
import { endpointRefusal, isLoopback, type EndpointRules } from './address.ts';
import { accessKey } from './auth/aksk.ts';
import type { Credential } from './auth/credential.ts';
import { createToken, iamBase } from './auth/iam.ts';
import { IAMToken } from './auth/iam-token.ts';
import { staticToken } from './auth/static-token.ts';
import type { Gate } from './gate.ts';
import { Gates } from './gates.ts';
import { createDispatcher } from './network.ts';
import type { ClientObserver } from './observer.ts';
import { proxyFor, type ProxySettings } from './proxy.ts';
import { Reader } from './reader.ts';
import { defaultPatience, Transport, type Patience } from './transport.ts';
import type { Fetch, WireOptions } from './wire.ts';

export interface ModelArtsClientsOptions {
  readonly runtime: Runtime;
  /** Which endpoints may be talked to (flags of `run`). */
  readonly endpoints: EndpointRules;
  /** Default: no proxy. */
  readonly proxy?: ProxySettings;
  /** Default: over the network. */
  readonly fetch?: Fetch | undefined;
  readonly observer?: ClientObserver;
  readonly patience?: Partial<Patience>;
  /** Default 32 MiB: a list of three thousand pools. */
  readonly maxBodyBytes?: number;
}

const defaultMaxBodyBytes = 32 * 2 ** 20;

/** Makes readers; those with one endpoint and credential share a gate. One for the whole process. */
export class ModelArtsClients implements ModelArtsConnector {
  readonly #options: ModelArtsClientsOptions;
  readonly #gates: Gates;
  #sequence = 0;

  constructor(options: ModelArtsClientsOptions) {
    this.#options = options;
    this.#gates = new Gates(options.runtime);
  }

  open(connection: Connection): ModelArtsReader {
    const base = this.#checkedURL('endpoint', connection.endpoint, connection);
    const iam = this.#iamURL(connection);
    const { runtime, fetch, observer = {}, maxBodyBytes = defaultMaxBodyBytes } = this.#options;
    const ca = decodeBundle(connection.caBundle);
    const certificates = new Map<string, number>();
    const way = (to: URL): WireOptions => ({
      ...this.#way(to, ca, certificates),
      ...(fetch && { fetch }),
      observer,
      maxBodyBytes,
    });
    const wire = way(base);
    const iamWire = iam === undefined ? wire : way(iam);
    const share = this.#gates.share(fingerprint(connection), connection.rateLimit);
    const patience = { ...defaultPatience, ...this.#options.patience };
    const credential = this.#credential(connection, iamWire, share.gate, patience.tryMs);
    const transport = new Transport({
      ...wire,
      runtime,
      gate: share.gate,
      credential,
      headers: {
        accept: 'application/json',
        ...(connection.userID === undefined ? {} : { 'x-modelarts-user-id': connection.userID }),
      },
      patience,
      nextSequence: () => ++this.#sequence,
    });
    return new Reader({
      projectID: connection.projectID,
      transport,
      plan: share.plan,
      expirations: () => {
        const token = credential.expiresAt();
        return { certificates, ...(token !== undefined && { token }) };
      },
      dispose: async () => {
        share.release();
        await Promise.all([wire.dispatcher.destroy(), iamWire.dispatcher.destroy()]);
      },
    });
  }

  /** Sockets to a server: ModelArts and its IAM may be behind different proxies, or only one of them behind one. */
  #way(
    base: URL,
    ca: string | undefined,
    certificates: Map<string, number>,
  ): Pick<WireOptions, 'base' | 'dispatcher' | 'proxy'> {
    const { proxy: settings = {}, endpoints } = this.#options;
    const proxy = proxyFor(base, settings);
    const dispatcher = createDispatcher({
      proxy,
      ca,
      allowLocal: endpoints.allowLocal,
      onCertificate: ({ valid_to: end }) => certificates.set(base.host, Date.parse(end)),
    });
    return { base, dispatcher, ...(proxy !== undefined && { proxy }) };
  }

  #credential(connection: Connection, iam: WireOptions, gate: Gate, deadlineMs: number): Credential {
    const { credentials, projectID } = connection;
    const clock = this.#options.runtime;
    switch (credentials.type) {
      case 'token':
        return staticToken(credentials.token);
      case 'aksk':
        return accessKey({ ...credentials, projectID, clock });
      case 'password': {
        const { projectName, ...account } = credentials;
        const user = {
          ...account,
          project: projectName === undefined ? { id: projectID } : { name: projectName },
        };
        const issue = () => {
          gate.spend();
          return createToken({ ...iam, clock, deadlineMs, user });
        };
        return new IAMToken({ clock, issue, password: credentials.password });
      }
    }
  }

  #iamURL(connection: Connection): URL | undefined {
    if (connection.iamEndpoint !== undefined) {
      return iamBase(this.#checkedURL('credentials.iamEndpoint', connection.iamEndpoint, connection));
    }
    if (connection.credentials.type !== 'password') return undefined;
    throw new InvalidConnection(
      'A user name and password need credentials.iamEndpoint, the base URL of IAM.',
    );
  }

  #checkedURL(field: string, text: string, connection: Connection): URL {
    const url = URL.parse(text);
    if (url === null)
      throw new InvalidConnection(`${field} must be a URL such as https://modelarts.example.com.`);
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      throw new InvalidConnection(`${field} must be a URL without user, password, query and fragment.`);
    }
    const refusal = endpointRefusal(url, this.#options.endpoints);
    if (refusal !== undefined) throw new EndpointNotAllowed(refusal);
    const plain =
      url.protocol === 'http:' && (connection.allowInsecureHTTP === true || isLoopback(url.hostname));
    if (url.protocol !== 'https:' && !plain) {
      throw new InvalidConnection(
        `${field} must begin with https:// (http:// only with tls.allowInsecureHTTP: true).`,
      );
    }
    return url;
  }
}

/** Names a credential at an endpoint without telling it. Only ever kept in memory. */
function fingerprint(connection: Connection): string {
  const { endpoint, iamEndpoint, credentials } = connection;
  const values = Object.entries(credentials).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([new URL(endpoint).href, iamEndpoint, values]))
    .digest('hex');
}

function decodeBundle(bundle: string | undefined): string | undefined {
  if (bundle === undefined || bundle === '') return undefined;
  const pem = Buffer.from(bundle, 'base64').toString('utf8');
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new InvalidConnection('tls.caBundle must be PEM certificates, encoded as base64.');
}
