import type { FaultEffect } from './fault-book.ts';
import type { Json } from './wire-text.ts';

const rowKeys = ['items', 'versions', 'specs', 'workspaces', 'projects'] as const;
const totalKeys = ['total', 'total_count', 'count', 'spec_total_count'] as const;

/** A successful answer with wrong rows or totals. Answers without rows are left alone. */
export function spoilRows(body: unknown, { rows, totalOff }: FaultEffect): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const spoilt: Json = { ...body };
  for (const key of rowKeys) {
    const list = spoilt[key];
    if (Array.isArray(list) && rows !== undefined) spoilt[key] = spoil(list, rows);
  }
  if (totalOff === undefined) return spoilt;
  for (const key of totalKeys) {
    if (typeof spoilt[key] === 'number') spoilt[key] += totalOff;
  }
  for (const key of ['statistics', 'statics']) {
    if (spoilt[key] !== undefined) spoilt[key] = shiftCounts(spoilt[key], totalOff);
  }
  return spoilt;
}

function spoil(rows: readonly unknown[], how: NonNullable<FaultEffect['rows']>): unknown[] {
  const middle = Math.floor(rows.length / 2);
  switch (how) {
    case 'none':
      return [];
    case 'half':
      return rows.slice(0, middle);
    case 'skip':
      return rows.toSpliced(middle, 1);
    case 'repeat':
      return rows.length === 0 ? [] : [rows[0], ...rows];
    case 'shift':
      return rows.slice(1);
    case 'reverse':
      return rows.toReversed();
    case 'garbage':
      return rows.toSpliced(middle, 0, 'not a row');
  }
}

/** Every count within, as a number or as text. */
function shiftCounts(value: unknown, by: number): unknown {
  if (typeof value === 'number') return Math.max(0, value + by);
  if (typeof value === 'string') return /^\d+$/.test(value) ? String(Math.max(0, Number(value) + by)) : value;
  if (Array.isArray(value)) return value.map((item: unknown) => shiftCounts(item, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shiftCounts(inner, by)]));
}
