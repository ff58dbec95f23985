/**
 * The maxima of the kinds' schemas, applied: a status that breaks one would be refused whole. What is cut is noted
 * under its field's name, so that it can be said.
 */
import { byText, cutText } from './text.ts';

/** Names of the fields that were cut. */
export type Cuts = Set<string>;

export const wordLength = 256;

/** One of upstream's words; undefined for none. */
export function word(value: string | undefined, max: number, field: string, cuts: Cuts): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (value.length > max) cuts.add(field);
  return cutText(value, max);
}

/** The first `max` of the items. */
export function firstItems<T>(items: readonly T[], max: number, field: string, cuts: Cuts): T[] {
  if (items.length > max) cuts.add(field);
  return items.slice(0, max);
}

/** Distinct texts, sorted, undefined for none. Longer than `maxLength` is no address or flavor: it is left out. */
export function textSet(
  values: readonly string[],
  max: number,
  maxLength: number,
  field: string,
  cuts: Cuts,
): string[] | undefined {
  const fitting = values.filter((value) => value !== '' && value.length <= maxLength);
  if (fitting.length < values.length) cuts.add(field);
  const set = firstItems([...new Set(fitting)].sort(byText), max, field, cuts);
  return set.length === 0 ? undefined : set;
}

/** A map sorted by key, undefined when it is empty. `max` entries, values by `fit`, which may leave one out. */
export function sortedMap<V>(
  map: Readonly<Record<string, V>>,
  max: number,
  field: string,
  cuts: Cuts,
  fit: (value: V) => V | undefined,
): Record<string, V> | undefined {
  const kept: Record<string, V> = {};
  let size = 0;
  for (const key of Object.keys(map).sort(byText)) {
    const value = fit(map[key] as V);
    if (value === undefined || size === max || key.length > wordLength || key === '__proto__')
      cuts.add(field);
    else {
      kept[key] = value;
      size++;
    }
  }
  return size === 0 ? undefined : kept;
}

/** A count as the schema takes it. */
export function count(value: number): number {
  return Number.isFinite(value) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.trunc(value))) : 0;
}
