import { badRequest } from './api-failure.ts';
import type { Json } from './wire-text.ts';

/** A whole number from the query. Throws a 400 when it is something else or above `max`. */
export function integer(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (!(value <= max)) throw badRequest(`${name} must be a number from 0 to ${max}.`);
  return value;
}

/** One page of a list that is read with `continue` and `limit` (0 and default 500). */
export function cursorPage<T>(
  items: readonly T[],
  query: URLSearchParams,
): { metadata: Json; page: readonly T[] } {
  const limit = integer(query, 'limit', 500, 500) || 500;
  const cursor = query.get('continue') ?? '';
  const decoded = Buffer.from(cursor, 'base64url').toString();
  const start = cursor === '' ? 0 : Number(/^from:(\d+)$/.exec(decoded)?.[1] ?? NaN);
  if (Number.isNaN(start)) throw badRequest('continue is not a cursor of this list.');
  const end = Math.min(items.length, start + limit);
  const metadata =
    end < items.length
      ? { continue: Buffer.from(`from:${end}`).toString('base64url'), remainingItemCount: items.length - end }
      : {};
  return { metadata, page: items.slice(start, end) };
}
