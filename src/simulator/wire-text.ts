import type { FullDialect } from './dialect.ts';

/** JSON as it leaves the simulator. */
export type Json = Record<string, unknown>;

export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export function spell(word: string, dialect: FullDialect): string {
  if (dialect.spelling === 'lower') return word.toLowerCase();
  return dialect.spelling === 'upper' ? word.toUpperCase() : word;
}

/** Drops keys whose value is undefined, as JSON does, so that key presence can be compared before it is text. */
export function present(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Whole units as they are, others in thousandths. */
export const cpuQuantity = (milli: number): string =>
  milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
export const memoryQuantity = (mi: number): string => (mi % 1024 === 0 ? `${mi / 1024}Gi` : `${mi}Mi`);

/** The empty list in the dialect's form, or the list. */
export function itemsOf(items: readonly Json[], dialect: FullDialect): Json {
  if (items.length > 0 || dialect.emptyItems === 'array') return { items };
  return dialect.emptyItems === 'null' ? { items: null } : {};
}
