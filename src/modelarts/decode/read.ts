import type { DecodeIssue } from '../../api/facts.ts';
import { withoutSteering } from '../../api/steering.ts';
import type { JSONObject } from '../json.ts';
import { redacted } from '../printable.ts';

/** Issues told of one answer, or of one row of a list; what is left out beyond them is like them. */
const mostIssues = 100;

/**
 * A place in a decoded answer. Reads are total: what is missing, null or empty is absent; what is of another kind is
 * absent too, and noted as an issue with its path. Nothing here throws or recurses.
 */
export class Cursor {
  readonly value: unknown;
  readonly path: string;
  readonly issues: DecodeIssue[];

  constructor(value: unknown, path = '', issues: DecodeIssue[] = []) {
    this.value = value;
    this.path = path;
    this.issues = issues;
  }

  /** The member of that name; an absent one where this is no object. */
  at(name: string): Cursor {
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return new Cursor(
      isObject(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : undefined,
      path,
      this.issues,
    );
  }

  /** The object here, or an absent one. Anything else is an issue. */
  object(): Cursor {
    if (isAbsent(this.value) || isObject(this.value)) return this;
    this.issue('an object');
    return new Cursor(undefined, this.path, this.issues);
  }

  /** The rows here: an array, or one object standing for an array of it (D04, D06, D07). */
  rows(): Cursor[] {
    if (isAbsent(this.value)) return [];
    if (isObject(this.value)) return [this];
    if (Array.isArray(this.value)) {
      return this.value.map((row, index) => new Cursor(row, `${this.path}[${index}]`, this.issues));
    }
    this.issue('a list');
    return [];
  }

  /** Text, cut to `max` characters; numbers and booleans as text (D24, D35). */
  text(max = 1024): string | undefined {
    if (isAbsent(this.value)) return undefined;
    const text = plainText(this.value);
    if (text === undefined) {
      this.issue('a text');
      return undefined;
    }
    const clean = cleanText(text, max);
    return clean === '' ? undefined : clean;
  }

  /** A whole number, also as text (D02, D17). */
  integer(): number | undefined {
    if (isAbsent(this.value)) return undefined;
    const number = wholeNumber(this.value);
    if (number === undefined) this.issue('an integer');
    return number;
  }

  /** A whole number of at least 0: a count. */
  count(): number | undefined {
    const number = this.integer();
    if (number === undefined || number >= 0) return number;
    this.issue('a count');
    return undefined;
  }

  /** True or false, also as text (D13). */
  boolean(): boolean | undefined {
    if (isAbsent(this.value)) return undefined;
    if (typeof this.value === 'boolean') return this.value;
    const word = typeof this.value === 'string' ? this.value.trim().toLowerCase() : '';
    if (word === 'true' || word === 'false') return word === 'true';
    this.issue('true or false');
    return undefined;
  }

  /** A list of texts; those that are none are left out with an issue. */
  texts(max: number): string[] {
    if (isAbsent(this.value)) return [];
    if (typeof this.value === 'string') return compact([this.text()]);
    if (!Array.isArray(this.value)) {
      this.issue('a list of texts');
      return [];
    }
    return compact(
      this.value.slice(0, max).map((item, i) => new Cursor(item, `${this.path}[${i}]`, this.issues).text()),
    );
  }

  /** The members of the object here, names cleaned. At most `max` of them, the first by name. */
  entries(max: number): [string, Cursor][] {
    const value = this.object().value;
    if (!isObject(value)) return [];
    return Object.keys(value)
      .filter((name) => name !== '' && name !== '__proto__')
      .sort()
      .slice(0, max)
      .map((name) => [cleanText(name, 253), this.at(name)]);
  }

  /** Notes that something else stands here. */
  issue(expected: string): void {
    if (this.issues.length < mostIssues) this.issues.push(this.#found(expected));
  }

  /** The same, where it is about the answer as a whole: told first, and however many others there are. */
  issueOfWhole(expected: string): undefined {
    this.issues.unshift(this.#found(expected));
  }

  #found(expected: string): DecodeIssue {
    return { path: cleanText(this.path, 256), expected, found: describe(this.value) };
  }
}

export function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Without control characters and what turns the direction of text around, in well-formed Unicode, cut to `max`
 * characters. Line breaks become blanks.
 */
export function cleanText(text: string, max: number): string {
  const clean = withoutSteering(text.slice(0, max * 4).toWellFormed(), () => ' ').trim();
  return clean.length <= max ? clean : [...clean].slice(0, max).join('');
}

/** Puts a value under a name only where there is one: what exactOptionalPropertyTypes wants. */
export function given<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*-?\d{1,16}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function compact<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value): value is T => value !== undefined);
}

/** What stands there, in at most 64 characters: lists and objects by their kind and size only. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  return cleanText(
    redacted(typeof value === 'string' ? JSON.stringify(value.slice(0, 256)) : String(value)),
    64,
  );
}
