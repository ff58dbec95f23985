import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { EndpointNotAllowed } from '../api/errors.ts';
import { isLocalAddress } from './address.ts';

/** The proxy variables of the environment, read by main.ts. Absent: no proxy. */
export interface ProxySettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

export interface NetworkOptions {
  readonly proxy: ProxySettings;
  /** Names may resolve to this machine or its link. */
  readonly allowLocal: boolean;
  /** PEM, trusted in addition to what Node trusts. */
  readonly ca?: string;
}

/** The largest head of an answer: tokens from IAM are several kB long. */
const maxHeaderBytes = 64 * 1024;

/** Sockets to one ModelArts and its IAM, kept alive. Timeouts are the caller's, by its own clock. */
export function createDispatcher(options: NetworkOptions): Dispatcher {
  const tls = options.ca === undefined ? {} : { ca: [...getCACertificates('default'), options.ca] };
  return new EnvHttpProxyAgent({
    // Empty, not absent: what is absent would be read from the environment behind our back.
    httpProxy: options.proxy.httpProxy ?? '',
    httpsProxy: options.proxy.httpsProxy ?? '',
    noProxy: options.proxy.noProxy ?? '',
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: maxHeaderBytes,
    connect: options.allowLocal ? tls : { ...tls, lookup: guardedLookup },
    requestTls: tls,
    proxyTls: tls,
  });
}

/**
 * Resolves a name for a socket, and refuses it when any of its addresses is local: checking the name before the
 * connection would leave time for its answer to change.
 */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, []);
    const refused = addresses.some(({ address }) => isLocalAddress(address));
    if (refused) {
      const message =
        `The endpoint host ${hostname} resolves to a loopback, link-local or metadata address. ` +
        'Start the operator with --allow-local-endpoints where that is meant.';
      return callback(new EndpointNotAllowed(message), []);
    }
    if (options.all === true) return callback(null, addresses);
    const [chosen] = addresses;
    return callback(null, chosen?.address ?? '', chosen?.family);
  });
};
