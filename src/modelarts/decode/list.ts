import type { DecodeIssue, ListFacts } from '../../api/facts.ts';
import { Cursor, isObject } from './read.ts';

export interface ListShape<T> {
  /** The envelope's `kind`. Absent for families without one. */
  readonly kind?: string;
  /** The member that holds the rows. */
  readonly rows: string;
  /** Members of which one must be there where the rows are missing. */
  readonly orElse?: readonly string[];
  /** Undefined for a row without identity. */
  readonly decode: (row: Cursor) => T | undefined;
  readonly identity: (item: T) => string;
}

/**
 * A list answer. Rows that are null or missing are none (D38), but only in an envelope that is the expected one:
 * undefined for any other body, because an empty list would say that things are gone.
 */
export function decodeList<T>(body: Cursor, shape: ListShape<T>): ListFacts<T> | undefined {
  const { value: kind } = body.at('kind');
  const kindFits =
    shape.kind !== undefined && typeof kind === 'string' && kind.toLowerCase() === shape.kind.toLowerCase();
  if (shape.kind !== undefined && typeof kind === 'string' && kind !== '' && !kindFits)
    return body.at('kind').issueOfWhole(shape.kind);

  const rows = body.at(shape.rows);
  if (rows.value === undefined || rows.value === null) {
    const known = kindFits || (shape.orElse ?? []).some((name) => body.at(name).value !== undefined);
    return known ? { items: [], unidentified: 0, received: 0 } : rows.issueOfWhole('a list');
  }
  if (!Array.isArray(rows.value) && !isObject(rows.value)) return rows.issueOfWhole('a list');

  const cursors = rows.rows();
  const items: T[] = [];
  const ofItems: DecodeIssue[] = [];
  for (const row of cursors) {
    // Issues of its own: what is wrong with one row is told of it, however many others there are.
    const own = new Cursor(row.value, row.path);
    const item = isObject(row.value) ? shape.decode(own) : undefined;
    if (item === undefined) row.issue('a row with an identity');
    else {
      items.push(item);
      for (const issue of own.issues) ofItems.push({ ...issue, item: shape.identity(item) });
    }
  }
  for (const issue of ofItems) body.issues.push(issue);
  return { items, unidentified: cursors.length - items.length, received: cursors.length };
}
