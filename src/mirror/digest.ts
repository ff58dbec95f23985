import { hash } from 'node:crypto';

/**
 * JSON of a value in one form only: keys sorted, lists sorted (ours are sets and tables, whose order means nothing),
 * and whatever is absent, null or empty left out, because for a mirror these are the same.
 */
export function canonicalJSON(value: unknown): string {
  return canonical(value) ?? '';
}

function canonical(value: unknown): string | undefined {
  if (isNothing(value)) return undefined;
  if (typeof value !== 'object') return JSON.stringify(value);
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value) {
      const text = canonical(item);
      if (text !== undefined) parts.push(text);
    }
    return parts.length === 0 ? undefined : `[${parts.sort().join(',')}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields).sort()) {
    const text = canonical(fields[key]);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`;
}

/** Whether two statuses are the same, where both are at hand. */
export function sameContent(a: unknown, b: unknown): boolean {
  return alike(a, b) || canonical(a) === canonical(b);
}

/** Whether they are the same even in the order of their lists: seen at a fraction of what the two texts cost. */
function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return isNothing(a) && isNothing(b);
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => alike(item, b[i]))
    );
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  return (
    Object.keys(left).every((key) => alike(left[key], right[key])) &&
    Object.keys(right).every((key) => key in left || isNothing(right[key]))
  );
}

const isNothing = (value: unknown): boolean => value === null || value === undefined || value === '';

/**
 * Says whether two statuses are the same; 0 for one without content. A number of 48 bits, because it is kept for each
 * mirror: only two versions of one status are ever compared, so one change in 2^48 would be taken for none.
 */
export function digest(value: unknown): number {
  const text = canonicalJSON(value);
  return text === '' ? 0 : Number.parseInt(hash('sha256', text, 'hex').slice(0, 12), 16);
}

/** The first eight hex digits of a hash: makes a name of ours differ where two would be equal. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 8);
}
