import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { checkServerIdentity, getCACertificates, type PeerCertificate } from 'node:tls';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { EndpointNotAllowed } from '../api/errors.ts';
import { isLocalAddress } from './address.ts';

export interface NetworkOptions {
  /** With its credentials. Default: straight. */
  readonly proxy?: URL | undefined;
  /** Names may resolve to this machine or its link. */
  readonly allowLocal: boolean;
  /** PEM, trusted in addition to what Node trusts. */
  readonly ca?: string | undefined;
  /** Told of each certificate that the server shows in a new TLS session and that is trusted so far. */
  readonly onCertificate: (certificate: PeerCertificate) => void;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

/** All addresses of a name, as `dns.lookup` gives them. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The largest head of an answer: tokens from IAM are several kB long. */
const maxHeaderBytes = 64 * 1024;

/** Kept-alive sockets to one server, straight or through a proxy. Timeouts are the caller's, by its own clock. */
export function createDispatcher({
  proxy,
  allowLocal,
  ca,
  onCertificate,
  resolve = dnsLookup,
}: NetworkOptions): Dispatcher {
  const trust = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  const tls = {
    ...trust,
    checkServerIdentity: (host: string, certificate: PeerCertificate) => {
      onCertificate(certificate);
      return checkServerIdentity(host, certificate);
    },
  };
  const options = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: maxHeaderBytes };
  // Behind a proxy it is the proxy that resolves the name.
  if (proxy !== undefined)
    return new ProxyAgent({ ...options, uri: proxy.href, requestTls: tls, proxyTls: trust });
  return new Agent({ ...options, connect: allowLocal ? tls : { ...tls, lookup: guarded(resolve) } });
}

/**
 * Resolves a name for a socket, and refuses it when any of its addresses is local: checking the name before the
 * connection would leave time for its answer to change.
 */
function guarded(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
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
}
