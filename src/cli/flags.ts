import { InvalidArgumentError } from 'commander';

import { parseDuration } from '../api/kinds/duration.ts';
import { parseBindAddress, type BindAddress } from '../observability/bind-address.ts';

/** Parsers of flag values. Each throws InvalidArgumentError with what the value must be; commander names the flag. */

export function bindAddress(text: string): BindAddress | 'off' {
  try {
    return parseBindAddress(text);
  } catch (error) {
    throw new InvalidArgumentError(`It ${(error as RangeError).message}.`);
  }
}

/** Absent or `true`, as Go's flags write it, is true. */
export function boolean(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new InvalidArgumentError("It must be 'true' or 'false'.");
}

/** A whole number of at least 1 and at most `most`. */
export function count(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  };
}

/** A repeatable flag, whose values may also be separated by commas. */
export function listOf<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before = []) => [...before, ...text.split(',').map((item) => parse(item.trim()))];
}

export function namespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a namespace's name: lower case letters, digits and '-'.");
}

/** The name of an object: an RFC 1123 subdomain. */
export function objectName(text: string): string {
  if (text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("It must be an object's name: lower case letters, digits, '-' and '.'.");
}

/** `namespace/name`. */
export function namespacedName(text: string): string {
  const [first = '', second = '', ...rest] = text.split('/');
  if (rest.length > 0 || second === '') {
    throw new InvalidArgumentError("It must be 'NAMESPACE/NAME'.");
  }
  return `${namespace(first)}/${objectName(second)}`;
}

/** A host name in which `*` stands for any characters. */
export function hostGlob(text: string): string {
  if (/^[a-zA-Z0-9*]([a-zA-Z0-9.*-]*[a-zA-Z0-9*])?$/.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It must be a host name, such as '*.example.com', without scheme and port.");
}

/** `30s`, `5m`, `1h30m`, as milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError("It must be a duration such as '30s' or '5m'.");
}

export function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a port number from 0 (any free one) to 65535.');
}

/** How many times faster than real time. */
export function speed(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) <= 100_000) return Number(text);
  throw new InvalidArgumentError('It must be a number from 0 (time stands still) to 100000.');
}

/** One of these words. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
  };
}

/** A base URL. Whether http will do is for the client to say. */
export function endpoint(text: string): string {
  const url = URL.parse(text);
  const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (plain && ['http:', 'https:'].includes(url.protocol)) return text;
  throw new InvalidArgumentError(
    "It must be a URL such as 'https://modelarts.example.com', without user, password, query and fragment.",
  );
}

export function projectID(text: string): string {
  if (/^[0-9A-Za-z-]{32,36}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be 32 to 36 letters, digits or '-'.");
}

export function workspace(text: string): string {
  if (/^([*]|[0-9A-Za-z_-]{1,64})$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a workspace's id of letters, digits, '-' and '_', or '*'.");
}

export function userID(text: string): string {
  if (/^[0-9A-Za-z_-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be an id of letters, digits, '-' and '_'.");
}

/** Requests a second, as `rateLimit` has them. */
export function rate(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1000) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
}

/** Between two reads, milliseconds: at least a second. */
export function interval(text: string): number {
  const ms = duration(text);
  if (ms >= 1_000 && ms <= 3_600_000) return ms;
  throw new InvalidArgumentError('It must be between 1s and 1h.');
}
