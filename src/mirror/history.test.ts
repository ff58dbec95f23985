import { describe, expect, it } from '@jest/globals';

import { selectHistory, type EndedRow } from './history.ts';

describe('the history', () => {
  const limits = { maxPerPool: 2, ttlMs: 1_000, minRetentionMs: 100 };
  const row = (uid: string, end: number, mirrored = false): EndedRow => ({ uid, completedAt: end, mirrored });
  const kept = (...rows: EndedRow[]) => [...selectHistory(rows, limits, 10_000)];

  it('keeps the newest first, by uid where they ended together, up to the number', () => {
    expect(kept(row('c', 9_800), row('a', 9_800), row('b', 9_800), row('d', 9_900))).toEqual(['d', 'a']);
  });

  it('keeps none that is as old as the limit', () => {
    expect(kept(row('in', 9_001), row('out', 9_000))).toEqual(['in']);
  });

  it('keeps what was seen for its time beyond the number, and only that', () => {
    const newer = [row('n1', 9_950), row('n2', 9_940)];
    expect(kept(...newer, row('seen', 9_901, true), row('unseen', 9_901))).toEqual(['n1', 'n2', 'seen']);
    expect(kept(...newer, row('seen', 9_900, true))).toEqual(['n1', 'n2']);
  });

  it('takes the creation where the end is not known', () => {
    expect(kept({ uid: 'a', createdAt: 9_500, mirrored: false }, { uid: 'b', mirrored: false })).toEqual([
      'a',
    ]);
  });
});
