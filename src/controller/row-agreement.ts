/** Whether two readings of one pool say the same (architecture §5: list rows are the source while details agree). */
import { isDeepStrictEqual } from 'node:util';
import type { PoolFacts } from '../api/facts.ts';

export function sameFacts(a: PoolFacts, b: PoolFacts): boolean {
  return isDeepStrictEqual(a, b);
}

/**
 * True when the list row leaves out what the detail has, and contradicts nothing: then the list is partial. A pool that
 * changed between the two reads contradicts, and proves nothing.
 */
export function isPartialRow(row: PoolFacts, detail: PoolFacts): boolean {
  return !sameFacts(row, detail) && isPart(withoutDefaults(row), detail);
}

/** A missing label decodes to these: they say nothing about the pool. */
function withoutDefaults(row: PoolFacts): Partial<PoolFacts> {
  const { displayName, workspaceID, ...rest } = row;
  return {
    ...rest,
    ...(displayName === row.id ? {} : { displayName }),
    ...(workspaceID === '0' ? {} : { workspaceID }),
  };
}

function isPart(part: unknown, whole: unknown): boolean {
  if (isEmpty(part)) return true;
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) && part.length === whole.length && part.every((item, i) => isPart(item, whole[i]))
    );
  }
  if (typeof part === 'object' && part !== null) {
    if (typeof whole !== 'object' || whole === null) return false;
    const known = whole as Record<string, unknown>;
    return Object.entries(part).every(([key, value]) => isPart(value, known[key]));
  }
  return part === whole;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
