import { storedLength } from './text.ts';

/**
 * Bytes that a status takes in etcd, managedFields included: the apiserver keeps for every field that the operator
 * wrote an entry of about the field's own path. Items of tables are named there by their keys, in escaped JSON.
 *
 * @param enough Counting stops soon after so many bytes: whoever asks only whether a status is larger need not pay for
 *   how much.
 */
export function storedSize(status: unknown, enough = Infinity): number {
  const tally: Tally = { bytes: 0, enough };
  countJSON(tally, status);
  countManaged(tally, status);
  return tally.bytes;
}

interface Tally {
  bytes: number;
  readonly enough: number;
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

function countJSON(tally: Tally, value: unknown): void {
  if (tally.bytes > tally.enough) return;
  if (typeof value === 'string') tally.bytes += storedLength(value) + 2;
  else if (Array.isArray(value)) {
    tally.bytes += 2;
    for (const item of value) {
      tally.bytes += 1;
      countJSON(tally, item);
    }
  } else if (typeof value === 'object' && value !== null) {
    tally.bytes += 2;
    for (const [key, field] of Object.entries(value)) {
      if (field === undefined) continue;
      tally.bytes += storedLength(key) + '"":,'.length;
      countJSON(tally, field);
    }
  } else tally.bytes += JSON.stringify(value).length;
}

/** A row's key is JSON inside a JSON text: what was escaped is escaped once more. */
const escaped = (text: string) => storedLength(JSON.stringify(text)) - '\\"\\"'.length;

function countManaged(tally: Tally, value: unknown, field = ''): void {
  if (tally.bytes > tally.enough) return;
  if (typeof value !== 'object' || value === null) {
    tally.bytes += 2;
    return;
  }
  tally.bytes += 9;
  if (Array.isArray(value)) {
    for (const item of value) countItem(tally, item, tableKeys[field]);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue;
    tally.bytes += storedLength(key) + '"f:":,'.length;
    countManaged(tally, child, key);
  }
}

function countItem(tally: Tally, item: unknown, keys: readonly string[] = []): void {
  if (tally.bytes > tally.enough) return;
  if (typeof item === 'string') {
    tally.bytes += escaped(item) + '"v:\\"\\"":{},'.length;
    return;
  }
  const row = item as Readonly<Record<string, unknown>>;
  tally.bytes += '"k:{}":,'.length;
  for (const key of keys) tally.bytes += key.length + escaped(String(row[key])) + '\\"\\":\\"\\",'.length;
  countManaged(tally, row);
}
