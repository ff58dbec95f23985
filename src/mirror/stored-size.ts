import { storedLength } from './text.ts';

/**
 * Bytes that a status takes in etcd, managedFields included: the apiserver keeps for every field that the operator
 * wrote an entry of about the field's own path. Items of tables are named there by their keys, in escaped JSON.
 */
export function storedSize(status: unknown): number {
  return jsonSize(status) + managedSize(status);
}

/** The lists of our kinds that are tables, by the fields that tell their rows apart. */
const tableKeys: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  creating: ['flavor', 'nodePool'],
  available: ['flavor', 'nodePool'],
  abnormal: ['flavor', 'nodePool'],
  deleting: ['flavor', 'nodePool'],
  desired: ['flavor', 'nodePool'],
  azs: ['az'],
  scopes: ['type'],
  byType: ['type'],
};

function jsonSize(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'string') return storedLength(value) + 2;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + jsonSize(item) + 1, 2);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).reduce(
      (sum, [key, field]) => (field === undefined ? sum : sum + storedLength(key) + 4 + jsonSize(field)),
      2,
    );
  }
  return JSON.stringify(value).length;
}

/** A row's key is JSON inside a JSON text: what was escaped is escaped once more. */
const escaped = (text: string) => storedLength(JSON.stringify(text)) - '\\"\\"'.length;

function managedSize(value: unknown, field = ''): number {
  if (Array.isArray(value)) {
    const keys = tableKeys[field];
    return value.reduce((sum: number, item) => sum + itemSize(item, keys), 9);
  }
  if (typeof value !== 'object' || value === null) return 2;
  return Object.entries(value).reduce(
    (sum, [key, child]) =>
      child === undefined ? sum : sum + storedLength(key) + '"f:":,'.length + managedSize(child, key),
    9,
  );
}

function itemSize(item: unknown, keys: readonly string[] | undefined): number {
  if (typeof item === 'string') return escaped(item) + '"v:\\"\\"":{},'.length;
  const row = item as Readonly<Record<string, unknown>>;
  const name = (keys ?? []).reduce(
    (sum, key) => sum + key.length + escaped(String(row[key])) + '\\"\\":\\"\\",'.length,
    '"k:{}":,'.length,
  );
  return name + managedSize(item);
}
