/**
 * What a person may put into the Secret of a ModelArtsProject, and what we make of it. Values are secret: they go into
 * no message, log or error.
 */
export type Credentials =
  /** A ready IAM token. Sent as X-Auth-Token; cannot be renewed by us. */
  | { readonly type: 'token'; readonly token: string }
  /** An access key, permanent or (with `securityToken`) temporary. Signs each request. */
  | {
      readonly type: 'aksk';
      readonly accessKeyID: string;
      readonly secretAccessKey: string;
      readonly securityToken?: string;
    }
  /** An IAM user. Exchanged for a token at IAM, scoped to `projectName` or else to the connection's project id. */
  | {
      readonly type: 'password';
      readonly username: string;
      readonly password: string;
      readonly domainName: string;
      readonly projectName?: string;
    };

/** What is read of a Kubernetes Secret: its type and its data, base64 as stored. */
export interface SecretContent {
  readonly type?: string | undefined;
  readonly data?: Readonly<Record<string, string>> | undefined;
}

export type ParsedCredentials =
  | { readonly ok: true; readonly credentials: Credentials }
  | {
      readonly ok: false;
      readonly reason: 'InvalidSecret' | 'SecretTypeRefused';
      /** For a condition: names keys, never values. */
      readonly message: string;
    };

interface Form {
  readonly type: Credentials['type'];
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const forms: readonly Form[] = [
  { type: 'aksk', required: ['accessKeyID', 'secretAccessKey'], optional: ['securityToken'] },
  { type: 'password', required: ['username', 'password', 'domainName'], optional: ['projectName'] },
  { type: 'token', required: ['token'], optional: [] },
];

/** Opaque, and ours: a service-account token or a TLS key must not be sent abroad by a mistyped name. */
const acceptedTypes: readonly string[] = ['Opaque', 'modelarts-operator.dev/credentials'];

const howTo =
  'Use either accessKeyID and secretAccessKey (and securityToken for a temporary key), or username, password and ' +
  'domainName (and projectName), or token.';

/**
 * Reads the credentials of a Secret: exactly one of the forms, no other keys. One line break at the end of a value
 * (as `echo` and editors leave it) is dropped; anything else that cannot be sent is refused.
 */
export function parseCredentials(secret: SecretContent): ParsedCredentials {
  const type = secret.type ?? 'Opaque';
  if (!acceptedTypes.includes(type)) {
    return {
      ok: false,
      reason: 'SecretTypeRefused',
      message: `The Secret has the type ${printableName(type)}; it must be ${acceptedTypes.join(' or ')}.`,
    };
  }
  const data = secret.data ?? {};
  const keys = Object.keys(data).sort();
  const known = forms.flatMap((f) => [...f.required, ...f.optional]);
  const unknown = keys.filter((key) => !known.includes(key));
  if (unknown.length > 0)
    return invalid(`The Secret has keys that are not known: ${list(unknown)}. ${howTo}`);
  const begun = forms.filter((f) => [...f.required, ...f.optional].some((key) => keys.includes(key)));
  const form = begun[0];
  if (form === undefined) return invalid(`The Secret holds no credentials. ${howTo}`);
  if (begun.length > 1) return invalid(`The Secret mixes kinds of credentials: ${list(keys)}. ${howTo}`);

  const values: Record<string, string> = {};
  const missing: string[] = form.required.filter((key) => !keys.includes(key));
  for (const key of keys) {
    const value = decodeText(data[key] ?? '');
    if (value === undefined) return invalid(`The Secret's key ${key} must be base64 of UTF-8 text.`);
    if (value === '') {
      if (form.required.includes(key)) missing.push(key);
      continue;
    }
    const fault = unsendable(form.type, value);
    if (fault !== undefined) return invalid(`The Secret's key ${key} ${fault}.`);
    values[key] = value;
  }
  if (missing.length > 0)
    return invalid(`The Secret lacks ${list(missing.sort())}, or the value is empty. ${howTo}`);
  return { ok: true, credentials: { type: form.type, ...values } as Credentials };
}

function invalid(message: string): ParsedCredentials {
  return { ok: false, reason: 'InvalidSecret', message };
}

function decodeText(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64)) return undefined;
  try {
    const bytes = Buffer.from(base64, 'base64');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

/** Keys and tokens travel in headers, where only visible ASCII arrives unchanged; a password travels in JSON. */
function unsendable(type: Credentials['type'], value: string): string | undefined {
  if (value.length > 65_536) return 'is longer than 64 KiB';
  if (type === 'password')
    return /\p{Cc}/u.test(value) ? 'must not hold control characters or line breaks' : undefined;
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'must hold only visible ASCII characters, without blanks or line breaks';
}

function list(keys: readonly string[]): string {
  const shown = keys.slice(0, 8).map(printableName);
  return shown.join(', ') + (keys.length > 8 ? ` and ${keys.length - 8} more` : '');
}

function printableName(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 64);
}
