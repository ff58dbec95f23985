import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  /** Still percent-encoded, without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface SignatureParts {
  readonly accessKey: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const algorithm = 'SDK-HMAC-SHA256';

/** Reads `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`. */
export function parseAuthorization(header: string): SignatureParts | undefined {
  const match =
    /^SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  if (match === null) return undefined;
  const [, accessKey = '', headers = '', signature = ''] = match;
  return { accessKey, signedHeaders: headers.split(';'), signature };
}

/** Reference 7.3: whether the request carries the signature that this secret key gives it. */
export function isSignedWith(request: SignedRequest, parts: SignatureParts, secretKey: string): boolean {
  const expected = createHmac('sha256', secretKey)
    .update(stringToSign(request, parts.signedHeaders))
    .digest();
  return timingSafeEqual(expected, Buffer.from(parts.signature, 'hex'));
}

export function stringToSign(request: SignedRequest, signedHeaders: readonly string[]): string {
  const canonical = sha256(canonicalRequest(request, signedHeaders));
  return [algorithm, headerOf(request, 'x-sdk-date'), canonical].join('\n');
}

export function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const names = [...signedHeaders].sort();
  const path = request.path
    .split('/')
    .map((segment) => escape(unescape(segment)))
    .join('/');
  return [
    request.method.toUpperCase(),
    path.endsWith('/') ? path : `${path}/`,
    canonicalQuery(request.query),
    names.map((name) => `${name}:${headerOf(request, name)}\n`).join(''),
    names.join(';'),
    headerOf(request, 'x-sdk-content-sha256') || sha256(request.body),
  ].join('\n');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [escape(unescape(name)), escape(unescape(value.join('=')))] as const;
  });
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  pairs.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function headerOf(request: SignedRequest, name: string): string {
  const value = request.headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim();
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986: everything but unreserved characters, so also the five that encodeURIComponent leaves. */
const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
