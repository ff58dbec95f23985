import { byText } from './text.ts';

/** A job that has ended. */
export interface EndedRow {
  readonly uid: string;
  /** Milliseconds; absent where ModelArts gives no way to know. */
  readonly completedAt?: number | undefined;
  /** Milliseconds; stands in where the end is not known. */
  readonly createdAt?: number | undefined;
  /** It has a mirror: it was seen active, or is in the history already. */
  readonly mirrored: boolean;
}

export interface HistoryLimits {
  readonly maxPerPool: number;
  readonly ttlMs: number;
  readonly minRetentionMs: number;
}

/**
 * The uids of one pool's ended jobs that stay mirrored: the newest by completion that are within the ttl, and besides
 * them those with a mirror for `minRetentionMs` after their end, so that an end is always seen.
 */
export function selectHistory(
  rows: readonly EndedRow[],
  { maxPerPool, ttlMs, minRetentionMs }: HistoryLimits,
  now: number,
): Set<string> {
  let newest = rows.filter((row) => now - endOf(row) < ttlMs);
  if (newest.length > maxPerPool)
    newest = newest.sort((a, b) => endOf(b) - endOf(a) || byText(a.uid, b.uid)).slice(0, maxPerPool);
  const kept = new Set(newest.map(({ uid }) => uid));
  for (const row of rows) if (row.mirrored && now - endOf(row) < minRetentionMs) kept.add(row.uid);
  return kept;
}

/** Until when (milliseconds, exclusive) the same rows are chosen, as far as their age goes. */
export function selectionHolds(
  rows: readonly EndedRow[],
  { ttlMs, minRetentionMs }: HistoryLimits,
  now: number,
): number {
  let until = Infinity;
  for (const row of rows) {
    for (const age of [ttlMs, minRetentionMs]) {
      const at = endOf(row) + age;
      if (at > now && at < until) until = at;
    }
  }
  return until;
}

const endOf = ({ completedAt, createdAt }: EndedRow): number => completedAt ?? createdAt ?? 0;
