import { describe, expect, it } from '@jest/globals';

import { deletionToken, exceeds, guardDeletions, provesAbsence, type Candidate } from './guard.ts';

describe('Never guess a deletion: the guard', () => {
  const one = (id: string, over: Partial<Candidate> = {}): Candidate => ({
    id,
    scope: 's',
    announced: false,
    ...over,
  });
  const highest = (total: number, scopes: Record<string, number> = { s: total }) => ({
    total,
    byScope: new Map(Object.entries(scopes)),
  });
  const ids = (...names: string[]) => new Set(names);

  it.each<[string, Parameters<typeof guardDeletions>[0], ReturnType<typeof guardDeletions>]>([
    [
      'nobody goes',
      { candidates: [], highest: highest(4), maxPercent: 50 },
      { allowed: ids(), released: false },
    ],
    [
      'those that were announced go, however many',
      {
        candidates: ['a', 'b', 'c'].map((id) => one(id, { announced: true })),
        highest: highest(3),
        maxPercent: 1,
      },
      { allowed: ids('a', 'b', 'c'), released: false },
    ],
    [
      'nor do others that left hold them back',
      {
        candidates: [one('a', { announced: true })],
        highest: highest(3),
        left: ['s', 's', 's'],
        maxPercent: 1,
      },
      { allowed: ids('a'), released: false },
    ],
    [
      'one may always go',
      { candidates: [one('a')], highest: highest(1), maxPercent: 1 },
      { allowed: ids('a'), released: false },
    ],
    [
      'exactly the limit may go',
      { candidates: [one('a'), one('b')], highest: highest(4), maxPercent: 50 },
      { allowed: ids('a', 'b'), released: false },
    ],
    [
      'one above it may not, and those announced still go',
      {
        candidates: [one('c'), one('b'), one('x', { announced: true }), one('a')],
        highest: highest(5),
        maxPercent: 50,
      },
      {
        allowed: ids('x'),
        blocked: { ids: ['a', 'b', 'c'], token: deletionToken(['a', 'b', 'c']) },
        released: false,
      },
    ],
    [
      'nor one above it in one workspace, though not in the project',
      {
        candidates: [one('a', { scope: 't' }), one('b', { scope: 't' }), one('c')],
        highest: highest(100, { s: 98, t: 2 }),
        maxPercent: 50,
      },
      {
        allowed: ids(),
        blocked: { ids: ['a', 'b', 'c'], token: deletionToken(['a', 'b', 'c']) },
        released: false,
      },
    ],
    [
      'one of each of many workspaces is not too many of any',
      {
        candidates: [one('a', { scope: 't' }), one('b', { scope: 'u' })],
        highest: highest(100, { t: 2, u: 2 }),
        maxPercent: 50,
      },
      { allowed: ids('a', 'b'), released: false },
    ],
    [
      'those that went within the hour count',
      { candidates: [one('a')], highest: highest(4), left: ['s', 's'], maxPercent: 50 },
      { allowed: ids(), blocked: { ids: ['a'], token: deletionToken(['a']) }, released: false },
    ],
    [
      'a person releases exactly this set',
      {
        candidates: [one('b'), one('a')],
        highest: highest(2),
        maxPercent: 50,
        confirmation: deletionToken(['a', 'b']),
      },
      { allowed: ids('a', 'b'), released: true },
    ],
    [
      'and no other',
      {
        candidates: [one('b'), one('a')],
        highest: highest(2),
        maxPercent: 50,
        confirmation: deletionToken(['a']),
      },
      {
        allowed: ids(),
        blocked: { ids: ['a', 'b'], token: deletionToken(['a', 'b']) },
        released: false,
      },
    ],
  ])('%s', (_what, input, result) => expect(guardDeletions(input)).toEqual(result));

  it('the token is of the set: the order does not count, the borders between ids do', () => {
    expect(deletionToken(['b', 'a'])).toBe(deletionToken(['a', 'b']));
    expect(deletionToken(['ab'])).not.toBe(deletionToken(['a', 'b']));
    expect(deletionToken(['a'])).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    [0, 10, 1, false],
    [1, 1, 1, false],
    [2, 2, 99, true],
    [2, 4, 50, false],
    [3, 4, 50, true],
    [2, 0, 99, true],
    [2, 0, 100, false],
  ])('%d of %d at %d %%: %j', (going, high, percent, is) => expect(exceeds(going, high, percent)).toBe(is));
});

describe('a total that was read after a list', () => {
  it.each([
    [4, 4, true, true],
    [3, 4, true, false],
    [5, 4, true, false],
    [4, 4, false, true],
    [3, 4, false, true],
    [5, 4, false, false],
  ])('of %d, where %d were found many would go %j: %j', (total, found, many, proves) => {
    expect(provesAbsence({ total, found }, many)).toBe(proves);
  });
});
