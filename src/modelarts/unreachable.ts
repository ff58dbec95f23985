import { types } from 'node:util';
import { EndpointNotAllowed, UpstreamError } from '../api/errors.ts';
import { printable } from './printable.ts';

/**
 * What it means for the user that no answer came. The last cause tells what happened; those above it say "fetch
 * failed", and ky's holds the request with its headers. `proxy`: the one on the way, of which only the host is shown.
 */
export function unreachable(operation: string, error: unknown, proxy: URL | undefined): Error {
  const root = rootCause(error);
  if (root instanceof EndpointNotAllowed) return root;
  const code = root !== undefined && 'code' in root && typeof root.code === 'string' ? root.code : undefined;
  // Without Node's advice about its own flags, which a user of the operator cannot follow.
  const text = printable((root?.message ?? '').replace(/; if the root CA is installed locally.*$/s, ''), 128);
  const refusal = proxy && proxyRefusal(text);
  const what = refusal === undefined ? [code, text].filter((part) => part).join(': ') : `HTTP ${refusal}`;
  const from = proxy === undefined ? '' : ` through the proxy ${proxy.host}`;
  const advice =
    refusal === undefined
      ? networkAdvice(code, proxy === undefined ? 'endpoint' : 'proxy')
      : refusalAdvice(refusal);
  return new UpstreamError('Unreachable', `${operation} got no answer${from} (${what}). ${advice}`, {
    operation,
    cause: root?.name === 'NetworkError' ? undefined : root,
  });
}

/** isNativeError, because errors of Node's own parts need not be of this realm's Error (in tests they are not). */
function rootCause(error: unknown): Error | undefined {
  let root: unknown = error;
  for (let depth = 0; depth < 8 && types.isNativeError(root); depth++) {
    const below: unknown = 'errors' in root && Array.isArray(root.errors) ? root.errors[0] : root.cause;
    if (!types.isNativeError(below)) return root;
    root = below;
  }
  return types.isNativeError(root) ? root : undefined;
}

/** The status with which the proxy refused to connect; undici tells it in the text only. */
function proxyRefusal(text: string): number | undefined {
  const status = /^Proxy response \((\d{3})\)|^Proxy Authentication Required \((407)\)/.exec(text);
  return status === null ? undefined : Number(status[1] ?? status[2]);
}

function refusalAdvice(status: number): string {
  if (status === 407) {
    return "It asks for a user and a password, or refused those in the proxy variable's URL. Put them right.";
  }
  if (status >= 500)
    return 'The proxy cannot reach the endpoint. Check the endpoint, or exempt it with NO_PROXY.';
  return 'The proxy does not let the operator to the endpoint. Allow it there, or exempt it with NO_PROXY.';
}

const untrusted = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** `nearest`: whose name is looked up and whose port is connected to. */
function networkAdvice(code: string | undefined, nearest: 'endpoint' | 'proxy'): string {
  if (code === undefined) return 'Check the network and the endpoint.';
  if (untrusted.includes(code)) {
    return (
      "The certificate's authority is not trusted here. Put its certificate into tls.caBundle, or for all projects " +
      "into the file that the operator's environment variable NODE_EXTRA_CA_CERTS names."
    );
  }
  if (code === 'CERT_HAS_EXPIRED') return 'Have the certificate renewed there; or set the clock here right.';
  if (code === 'CERT_NOT_YET_VALID')
    return 'Set the clock here right, or have the certificate replaced there.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'The certificate is for other hosts. Check the host in the endpoint.';
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return 'No TLS was agreed upon. Check that the endpoint has the right scheme and port.';
  }
  if (/CERT|ERR_TLS/.test(code)) return "Check the endpoint's certificate and tls.caBundle.";
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `Check the ${nearest}'s host name and the DNS.`;
  if (code === 'ECONNREFUSED') return `Check the ${nearest}'s host and port.`;
  return 'Check the network, the proxy settings and the endpoint.';
}
