import { createHash, createHmac } from 'node:crypto';

const algorithm = 'SDK-HMAC-SHA256';

export interface SigningKey {
  readonly accessKeyID: string;
  readonly secretAccessKey: string;
}

export interface RequestToSign {
  readonly method: string;
  /** The URL on the wire: its host, path and query are what is signed. */
  readonly url: URL;
  /** All of them are signed, so none may be one that a proxy or the HTTP library changes. `Host` is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Signature {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** The headers to send: X-Sdk-Date and Authorization. */
  readonly headers: { readonly 'x-sdk-date': string; readonly authorization: string };
}

/**
 * Signs a request with an access key: SDK-HMAC-SHA256, the form that ModelArts' gateway checks. One HMAC with the raw
 * secret key; no derivation, no scope.
 */
export function sign(key: SigningKey, request: RequestToSign): Signature {
  const date = sdkDate(request.now);
  const signed = new Map<string, string>([
    ['host', request.url.host],
    ['x-sdk-date', date],
  ]);
  for (const [name, value] of Object.entries(request.headers)) signed.set(name.toLowerCase(), value.trim());
  const names = [...signed.keys()].sort();
  const canonicalRequest = [
    request.method.toUpperCase(),
    canonicalPath(request.url.pathname),
    canonicalQuery(pairsOf(request.url.search)),
    names.map((name) => `${name}:${signed.get(name)}\n`).join(''),
    names.join(';'),
    sha256(request.body ?? ''),
  ].join('\n');
  const stringToSign = [algorithm, date, sha256(canonicalRequest)].join('\n');
  const signature = createHmac('sha256', key.secretAccessKey).update(stringToSign).digest('hex');
  const authorization = `${algorithm} Access=${key.accessKeyID}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { canonicalRequest, stringToSign, headers: { 'x-sdk-date': date, authorization } };
}

/** Percent-encodes all but RFC 3986's unreserved characters; encodeURIComponent leaves five more alone. */
export function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The query as it is signed, and as it must be sent: sorted by name, then by value. */
export function canonicalQuery(pairs: readonly (readonly [string, string])[]): string {
  return [...pairs]
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

function pairsOf(search: string): [string, string][] {
  return search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
}

/** A `+` stays a plus: the canonical form writes blanks as %20 only. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** By UTF-16 code units, as the vendor's own signers compare. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `YYYYMMDDTHHMMSSZ`. */
function sdkDate(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
