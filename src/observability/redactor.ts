import { describeError } from './describe-error.ts';

const mask = '[redacted]';
const limits = { depth: 8, items: 100, keys: 100, text: 8_192 };
/** Shorter values would blacken ordinary words; no credential of ModelArts is as short. */
const shortestSecret = 6;

/** Keys whose values are never written, compared without case, `-` and `_`. */
const secretKey =
  /token|password|passwd|authorization|signature|credential|cookie|privatekey|^secret|^sk$|^accesskey|apikey/;
/** Keys that only look like one of those: they name or count something. */
const harmlessKey = /^secret(name|namespace|ref|type|version)|^credentialsource$|tokens?count$/;
/** Secrets inside texts: userinfo of a URL, and header values that a library may have put into its message. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi, `$1${mask}@`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${mask}`],
  [/\b((?:Access|Signature)=)[\w-]+/g, `$1${mask}`],
  [
    /\b((?:x-auth-token|x-subject-token|x-security-token|authorization)["']?\s*[:=]\s*["']?)[^\s"',;]+/gi,
    `$1${mask}`,
  ],
];

/**
 * Takes secrets out of whatever is about to leave the process as text: values under secret-like keys, known shapes
 * (userinfo in URLs, bearer tokens, signatures), and every value that was handed to `hold`. Its results are plain JSON
 * values of bounded size.
 */
export class Redactor {
  /** Each spelling with the number of its holders. */
  readonly #held = new Map<string, number>();

  /**
   * From now on `secret` is replaced wherever it occurs, also base64 and percent-encoded, until the returned function
   * is called. Values shorter than six characters are left alone.
   */
  hold(secret: string): () => void {
    if (secret.length < shortestSecret) return () => undefined;
    const spellings = new Set([
      secret,
      encodeURIComponent(secret.toWellFormed()),
      Buffer.from(secret).toString('base64'),
      JSON.stringify(secret).slice(1, -1),
    ]);
    for (const spelling of spellings) this.#held.set(spelling, (this.#held.get(spelling) ?? 0) + 1);
    let holding = true;
    return () => {
      if (!holding) return;
      holding = false;
      for (const spelling of spellings) {
        const left = (this.#held.get(spelling) ?? 1) - 1;
        if (left === 0) this.#held.delete(spelling);
        else this.#held.set(spelling, left);
      }
    };
  }

  text(text: string): string {
    const result = this.whole(text);
    return result.length > limits.text
      ? `${result.slice(0, limits.text)}… (${result.length} characters)`
      : result;
  }

  /** As `text`, of any length. */
  whole(text: string): string {
    let result = text;
    // The longest first: one secret may be a part of another.
    for (const secret of [...this.#held.keys()].sort((a, b) => b.length - a.length)) {
      result = result.replaceAll(secret, mask);
    }
    for (const [pattern, replacement] of patterns) result = result.replace(pattern, replacement);
    return result;
  }

  /** A copy of `value` that is safe to write. `stacks`: errors keep their stack. Never throws. */
  value(value: unknown, options: { readonly stacks?: boolean } = {}): unknown {
    return this.#copy(value, options.stacks ?? false, 0, new Set());
  }

  #copy(value: unknown, stacks: boolean, depth: number, above: Set<object>): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'object') return undefined;
    if (above.has(value)) return '[circular]';
    if (depth >= limits.depth) return '[too deep]';
    above.add(value);
    try {
      if (value instanceof Error) return this.#error(value, stacks, depth, above);
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
      if (value instanceof URL) return this.text(value.href);
      if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
      if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
        const items = [...(value as Iterable<unknown>)];
        const copies = items.slice(0, limits.items).map((item) => this.#copy(item, stacks, depth + 1, above));
        return items.length > limits.items ? [...copies, `… (${items.length} items)`] : copies;
      }
      return this.#record(Object.entries(value).slice(0, limits.keys), stacks, depth, above);
    } catch {
      return '[unreadable]';
    } finally {
      above.delete(value);
    }
  }

  #record(
    entries: readonly (readonly [string, unknown])[],
    stacks: boolean,
    depth: number,
    above: Set<object>,
  ): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [key, item] of entries) {
      const copy = isSecretKey(key) ? mask : this.#copy(item, stacks, depth + 1, above);
      if (copy !== undefined) result[key] = copy;
    }
    return result;
  }

  /** Message, type, plain fields (code, status, …) and the chain of causes. A body that a client kept is left out. */
  #error(error: Error, stacks: boolean, depth: number, above: Set<object>): Record<string, unknown> {
    const own = Object.entries(error).filter(
      ([key, item]) => key !== 'body' && key !== 'name' && (typeof item !== 'object' || item === null),
    );
    return {
      type: error.name,
      message: this.text(error.message || describeError(error)),
      ...this.#record(own, stacks, depth, above),
      ...(stacks && error.stack !== undefined && { stack: this.text(error.stack) }),
      ...(error.cause !== undefined && { cause: this.#copy(error.cause, stacks, depth + 1, above) }),
    };
  }
}

function isSecretKey(key: string): boolean {
  const plain = key.toLowerCase().replaceAll(/[-_\s]/g, '');
  return secretKey.test(plain) && !harmlessKey.test(plain);
}
