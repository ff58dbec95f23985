import { createHash } from 'node:crypto';
import { byText } from './text.ts';

/**
 * JSON of a value in one form only: keys sorted, lists sorted (ours are sets and tables, whose order means nothing),
 * and whatever is absent, null or empty left out, because for a mirror these are the same.
 */
export function canonicalJSON(value: unknown): string {
  return canonical(value) ?? '';
}

function canonical(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) {
    const items = value.map(canonical).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : `[${items.sort(byText).join(',')}]`;
  }
  if (typeof value === 'object') {
    const fields = Object.entries(value)
      .map(([key, field]) => [key, canonical(field)] as const)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => byText(a, b))
      .map(([key, field]) => `${JSON.stringify(key)}:${field}`);
    return fields.length === 0 ? undefined : `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}

/**
 * Says whether two statuses are the same; 0 for one without content. A number of 48 bits, because it is kept for each
 * mirror: only two versions of one status are ever compared, so one change in 2^48 would be taken for none.
 */
export function digest(value: unknown): number {
  const text = canonicalJSON(value);
  return text === '' ? 0 : createHash('sha256').update(text).digest().readUIntBE(0, 6);
}

/** The first eight hex digits of a hash: makes a name of ours differ where two would be equal. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
