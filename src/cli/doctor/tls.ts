import { isIP } from 'node:net';
import { connect, getCACertificates, type TLSSocket } from 'node:tls';

import { describeError } from '../../observability/describe-error.ts';
import type { Runtime } from '../../runtime/clock.ts';
import { withDeadline } from '../../runtime/wait.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { TargetURL } from './target.ts';

const deadlineMs = 10_000;
const soonMs = 14 * 86_400_000;

/** What a handshake showed of a server. */
export interface Handshake {
  /** Why the certificate is not trusted, in Node's code: `CERT_HAS_EXPIRED`; absent where it is. */
  readonly refusal?: string;
  /** Of the certificate, milliseconds since the epoch. */
  readonly validTo: number;
  readonly issuer: string;
}

/**
 * Whether the certificate of an https URL is trusted and for how long. `caBundle`: base64 of PEM, as the spec has it.
 * One handshake, on which nothing is sent.
 */
export async function checkTLS(
  { about, url }: TargetURL,
  caBundle: string | undefined,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Finding> {
  const say = findingsOf('tls', about);
  if (url.protocol !== 'https:') {
    return say.warn(`${url.host} is reached without TLS`, 'use https where this is no test');
  }
  try {
    const handshake = await withDeadline(
      runtime,
      `the handshake with ${url.host}`,
      deadlineMs,
      signal,
      (within) => shakeHands(url, caBundle, within),
    );
    return judgeHandshake(about, url.host, handshake, runtime.now());
  } catch (error) {
    if (signal.aborted) throw error;
    return say.fail(
      `no TLS connection to ${url.host}: ${describeError(error)}`,
      'check the port of the endpoint, firewalls and proxies on the way',
    );
  }
}

export function judgeHandshake(
  about: string,
  host: string,
  { refusal, validTo, issuer }: Handshake,
  now: number,
): Finding {
  const say = findingsOf('tls', about);
  const day = new Date(validTo).toISOString().slice(0, 10);
  if (refusal !== undefined) {
    return say.fail(
      `the certificate of ${host} (issued by ${issuer}, valid to ${day}) is not trusted: ${meanings[refusal] ?? refusal}`,
      adviceFor(refusal),
    );
  }
  const found = `the certificate of ${host} is trusted and valid to ${day}`;
  return validTo - now < soonMs
    ? say.warn(found, 'it ends soon: have whoever runs the endpoint renew it')
    : say.ok(found);
}

const meanings: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is its own authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here',
};

function adviceFor(code: string): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'have whoever runs the endpoint renew it, and check the clock here';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'check the host in the endpoint';
  return 'name the authority that issued it in tls.caBundle of the project (--ca-file)';
}

async function shakeHands(url: URL, caBundle: string | undefined, signal: AbortSignal): Promise<Handshake> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const own = caBundle === undefined ? [] : [Buffer.from(caBundle, 'base64').toString('utf8')];
  let socket: TLSSocket | undefined;
  const abort = (): void => void socket?.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<Handshake>((resolve, reject) => {
      // Judged below, and ended without a byte: what is wrong is to be told, not only that something is.
      const connected = connect({
        host,
        port: Number(url.port || 443),
        ...(isIP(host) === 0 && { servername: host }),
        ca: [...getCACertificates('default'), ...own],
        rejectUnauthorized: false,
      });
      socket = connected;
      connected.once('error', reject);
      connected.once('secureConnect', () => resolve(seen(connected)));
    });
  } finally {
    signal.removeEventListener('abort', abort);
    socket?.destroy();
  }
}

function seen(socket: TLSSocket): Handshake {
  const { valid_to, issuer } = socket.getPeerCertificate();
  // An Error by its type, a code in truth; null or absent where all is well.
  const refusal = socket.authorizationError as Error | string | null | undefined;
  const name = issuer.CN ?? issuer.O ?? 'nobody named';
  return {
    validTo: Date.parse(valid_to),
    issuer: Array.isArray(name) ? name.join(', ') : name,
    ...(refusal && { refusal: typeof refusal === 'string' ? refusal : refusal.message }),
  };
}
