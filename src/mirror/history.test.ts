import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { selectHistory, selectionHolds, type EndedRow } from './history.ts';

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

  it('is chosen the same until age alone changes it, and not a moment longer than it may', () => {
    const rows = fc.array(
      fc.record({
        uid: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        completedAt: fc.integer({ min: 8_900, max: 10_100 }),
        mirrored: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(rows, fc.nat(1_500), (some, after) => {
        const until = selectionHolds(some, limits, 10_000);
        const at = Math.min(10_000 + after, until - 1);
        expect(selectHistory(some, limits, at)).toEqual(selectHistory(some, limits, 10_000));
      }),
    );
    expect(selectionHolds([row('a', 9_400), row('b', 9_950, true)], limits, 10_000)).toBe(10_050);
    expect(selectionHolds([row('a', 9_400), row('b', 9_850, true)], limits, 10_000)).toBe(10_400);
    expect(selectionHolds([row('a', 9_000)], limits, 10_000)).toBe(Infinity);
  });

  it('takes the creation where the end is not known', () => {
    expect(kept({ uid: 'a', createdAt: 9_500, mirrored: false }, { uid: 'b', mirrored: false })).toEqual([
      'a',
    ]);
  });
});
