import { X509Certificate } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { Pool, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import { applyCredential, tokenFileOf } from './apply-credential.ts';
import { TransportError } from './errors.ts';
import { withExecInfo } from './exec-info.ts';
import type { Clock } from './runtime.ts';
import { socksConnector } from './socks-connector.ts';
import { WholeAnswers, type Requester } from './whole-answers.ts';

/** How long headers and certificates are used before they are asked for again (client-go reloads its files as often). */
const credentialTtlMs = 30_000;
/** Below the 90 s after which an apiserver closes an idle connection, so that no request meets a closing socket. */
const keepAliveTimeoutMs = 30_000;
const maxKeepAliveTimeoutMs = 60_000;

type Tls = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;
const tlsKeys = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const;

interface Credential {
  readonly tls: Tls;
  readonly headers: Readonly<Record<string, string>>;
  /** See ConnectionSource. */
  readonly clientCertificateEndsAt?: number | undefined;
  readonly readAt: number;
}

interface Sockets {
  readonly tls: Tls;
  readonly requests: Dispatcher;
  /** Over `requests`. */
  readonly answers: Requester;
  readonly streams: Dispatcher;
}

/** A live way to the server: where to send, with what, over which sockets. */
export interface Connection {
  readonly origin: string;
  /** Path prefix of the server's URL, without a trailing slash. */
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential;
  readonly requests: Requester;
  /** Apart from `requests`, so that watches never use up its sockets. */
  readonly streams: Dispatcher;
}

/** A way to the server that renews itself. */
export interface ConnectionSource {
  /** The way to use now. Rejects with TransportError once it is closed. */
  open(): Promise<Connection>;
  /** What `used` carried was refused. True when there is other to try. */
  refresh(used: Connection): Promise<boolean>;
  /** When the client certificate of the kubeconfig ends, milliseconds since the epoch; undefined where it holds none. */
  readonly clientCertificateEndsAt?: number | undefined;
  /** Ends every socket at once, running requests included. */
  close(): Promise<void>;
}

export interface KubeConfigConnectionOptions {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  /** The most sockets for requests; watches come on top, one each. */
  readonly maxSockets: number;
  /** Of an answer that is no stream. */
  readonly maxResponseBytes: number;
}

/**
 * Turns the current context of a KubeConfig into sockets and headers: CA, client certificate, tls-server-name,
 * insecure-skip-tls-verify, proxy-url (http, https, socks5), basic auth, bearer tokens, token files and exec plugins.
 * Tokens are read again every 30 s and after a refusal; a changed certificate gets fresh sockets, and the old ones end
 * with their last request.
 */
export class KubeConfigConnection implements ConnectionSource {
  readonly #options: KubeConfigConnectionOptions;
  readonly #server: URL;
  readonly #proxy: string | undefined;
  /** With authenticators of our own: they remember. */
  #config: KubeConfig;
  #credential: Credential | undefined;
  #loading: Promise<Credential> | undefined;
  #closed = false;
  #sockets: Sockets | undefined;
  /** Of earlier certificates, with requests or watches under way. */
  readonly #retired = new Set<Sockets>();

  constructor(options: KubeConfigConnectionOptions) {
    const cluster = options.kubeConfig.getCurrentCluster();
    if (!cluster) {
      throw new TypeError(
        `the kubeconfig's context "${options.kubeConfig.getCurrentContext()}" names no cluster; set current-context`,
      );
    }
    this.#options = options;
    this.#config = copyOf(options.kubeConfig);
    this.#server = new URL(cluster.server);
    this.#proxy = cluster.proxyUrl;
  }

  async open(): Promise<Connection> {
    this.#mustBeOpen();
    const fresh =
      this.#credential && this.#options.clock.monotonic() - this.#credential.readAt < credentialTtlMs
        ? this.#credential
        : await this.#renewed();
    this.#mustBeOpen();
    if (!this.#sockets || !isDeepStrictEqual(this.#sockets.tls, fresh.tls)) {
      const old = this.#sockets;
      const requests = this.#dispatcher(fresh.tls, false);
      this.#sockets = {
        tls: fresh.tls,
        requests,
        answers: new WholeAnswers(requests),
        streams: this.#dispatcher(fresh.tls, true),
      };
      if (old) this.#retire(old);
    }
    const { answers, streams } = this.#sockets;
    const basePath = this.#server.pathname.replace(/\/$/, '');
    return {
      origin: this.#server.origin,
      basePath,
      headers: fresh.headers,
      credential: fresh,
      requests: answers,
      streams,
    };
  }

  /** … read again now, or by somebody else meanwhile. */
  async refresh(used: Connection): Promise<boolean> {
    if (this.#credential === used.credential) await this.#load(true);
    const { tls, headers } = used.credential;
    return !isDeepStrictEqual([tls, headers], [this.#credential?.tls, this.#credential?.headers]);
  }

  get clientCertificateEndsAt(): number | undefined {
    return this.#credential?.clientCertificateEndsAt;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#retired, ...(this.#sockets ? [this.#sockets] : [])];
    await Promise.allSettled(all.flatMap(({ requests, streams }) => [requests.destroy(), streams.destroy()]));
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new TransportError('the connection to the apiserver was closed');
  }

  /** They end with their last request. */
  #retire(sockets: Sockets): void {
    this.#retired.add(sockets);
    const closed = Promise.allSettled([sockets.requests.close(), sockets.streams.close()]);
    void closed.then(() => this.#retired.delete(sockets));
  }

  /** A token file without a token is being written: the old token is good until it is refused, and each request looks again. */
  async #renewed(): Promise<Credential> {
    const old = this.#credential;
    const fromFile = tokenFileOf(this.#config) !== undefined;
    try {
      return await this.#load(fromFile);
    } catch (error) {
      if (fromFile && old) return old;
      throw error;
    }
  }

  /**
   * One read at a time: an exec plugin may open a browser. `anew`: whatever was remembered; else a plugin's answer is
   * used until it says that it ends.
   */
  #load(anew: boolean): Promise<Credential> {
    if (this.#loading === undefined && anew) this.#config = copyOf(this.#options.kubeConfig);
    this.#loading ??= this.#read().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #read(): Promise<Credential> {
    const https: RequestOptions = {};
    await applyCredential(this.#config, https).catch((error: unknown) => {
      // What a plugin gave is remembered before it is looked at.
      this.#config = copyOf(this.#options.kubeConfig);
      throw error;
    });
    const tls = Object.fromEntries(
      tlsKeys.filter((key) => https[key] !== undefined).map((key) => [key, https[key]]),
    ) as Tls;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(https.headers ?? {})) {
      // A token file ends in a newline more often than not, and a header must not.
      if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
    }
    if (https.auth && headers['authorization'] === undefined) {
      headers['authorization'] = `Basic ${Buffer.from(https.auth).toString('base64')}`;
    }
    this.#credential = {
      tls,
      headers,
      // A plugin renews what it gives, however short its life.
      clientCertificateEndsAt: this.#config.getCurrentUser()?.exec ? undefined : endOf(tls.cert),
      readAt: this.#options.clock.monotonic(),
    };
    return this.#credential;
  }

  #dispatcher(tls: Tls, streams: boolean): Dispatcher {
    const requestTls = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 10_000 } as object;
    const options: Omit<Pool.Options, 'connect'> = {
      connections: streams ? null : this.#options.maxSockets,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveTimeoutMs,
      keepAliveMaxTimeout: maxKeepAliveTimeoutMs,
      // Deadlines are the transport's, on its own clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: streams ? -1 : this.#options.maxResponseBytes,
    };
    const origin = this.#server.origin;
    const proxy = this.#proxy;
    if (proxy === undefined) return new Pool(origin, { ...options, connect: requestTls });
    if (!proxy.startsWith('socks')) return new ProxyAgent({ ...options, uri: proxy, requestTls });
    return new Pool(origin, { ...options, connect: socksConnector(proxy, requestTls) });
  }
}

/**
 * The same with new authenticators. Those of the library keep a token file's text for a minute, and what a plugin says
 * without an end for ever, even when it is refused.
 */
function copyOf(config: KubeConfig): KubeConfig {
  const { clusters, users, contexts, currentContext } = config;
  const copy = new KubeConfig();
  const cluster = config.getCurrentCluster();
  const own = users.map((user) => withExecInfo(user, cluster));
  copy.loadFromOptions({ clusters, users: own, contexts, currentContext });
  return copy;
}

/** What is no certificate is for the TLS handshake to complain about. */
function endOf(certificate: Tls['cert']): number | undefined {
  const [first] = [certificate].flat();
  if (first === undefined) return undefined;
  try {
    return Date.parse(new X509Certificate(first).validTo);
  } catch {
    return undefined;
  }
}
