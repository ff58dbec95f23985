import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { MirroredEntries } from './mirrored-entries.ts';
import type { StoreEntry } from './store-entry.ts';

const entry = (name: string, version: number, uid = `uid-${name}`): StoreEntry => ({
  namespace: 'ns',
  name,
  uid,
  resourceVersion: String(version),
});

let entries: MirroredEntries<StoreEntry>;
let told: string[];
const version = (name: string): string | undefined => entries.table.get('ns', name)?.resourceVersion;
const relist = (at: number, ...listed: StoreEntry[]): void => {
  entries.relistStarted(undefined);
  for (const one of listed) entries.listed(undefined, one);
  entries.relistDone(undefined, String(at));
};

beforeEach(() => {
  entries = new MirroredEntries({});
  told = [];
  entries.listen((old, now, origin) =>
    told.push(
      `${(old ?? now)?.name} ${old?.resourceVersion ?? '-'}>${now?.resourceVersion ?? '-'} ${origin}`,
    ),
  );
});

describe('relist', () => {
  it('swaps all at once: nothing is seen before it is done', () => {
    relist(5, entry('a', 1), entry('b', 2));
    entries.relistStarted(undefined);
    entries.listed(undefined, entry('c', 6));
    expect([version('a'), version('b'), version('c')]).toEqual(['1', '2', undefined]);
    entries.relistDone(undefined, '6');
    expect([version('a'), version('b'), version('c')]).toEqual([undefined, undefined, '6']);
  });

  it('tells of what went while nobody watched, and not of what stayed', () => {
    relist(5, entry('a', 1), entry('b', 2));
    told = [];
    relist(9, entry('a', 1), entry('c', 8));
    expect(told).toEqual(['c ->8 watch', 'b 2>- watch']);
  });

  it('a listener that looks during the swap sees the whole of it', () => {
    const sizes: number[] = [];
    entries.listen(() => sizes.push(entries.table.size));
    relist(5, entry('a', 1), entry('b', 2), entry('c', 3));
    expect(sizes).toEqual([3, 3, 3]);
  });

  it('a list that was begun again forgets what the first had', () => {
    entries.relistStarted(undefined);
    entries.listed(undefined, entry('a', 1));
    relist(5, entry('b', 2));
    expect([version('a'), version('b')]).toEqual([undefined, '2']);
  });

  it('of one namespace leaves the others alone', () => {
    entries.applied('other', { namespace: 'other', name: 'x', uid: 'x', resourceVersion: '1' });
    entries.relistStarted('ns');
    entries.relistDone('ns', '5');
    expect(entries.table.get('other', 'x')).toBeDefined();
  });

  it('a list older than what was known before is a restored cluster, and wins', () => {
    relist(50, entry('a', 40), entry('b', 45));
    relist(20, entry('a', 11));
    expect([version('a'), version('b')]).toEqual(['11', undefined]);
  });
});

describe('own writes and the watch', () => {
  it('a stale or repeated watch event changes nothing', () => {
    relist(10, entry('a', 10));
    entries.written(undefined, entry('a', 11));
    told = [];
    entries.applied(undefined, entry('a', 10));
    entries.applied(undefined, entry('a', 11));
    expect(version('a')).toBe('11');
    expect(told).toEqual([]);
    entries.applied(undefined, entry('a', 12));
    expect(told).toEqual(['a 11>12 watch']);
  });

  it('what the watch tells again of an object that is gone asks for a list', () => {
    relist(10, entry('b', 10));
    entries.applied(undefined, entry('a', 11));
    entries.removed(undefined, entry('a', 13));
    told = [];
    for (const stale of [11, 13]) {
      expect(() => entries.applied(undefined, entry('a', stale))).toThrow('the watch went back');
    }
    entries.applied(undefined, entry('b', 10));
    entries.applied(undefined, entry('b', 12));
    entries.applied(undefined, entry('a', 14));
    expect(told).toEqual(['b 10>12 watch', 'a ->14 watch']);
  });

  it('what the watch tells of an object of which nothing is known, later than of others, asks for a list', () => {
    relist(10);
    entries.applied(undefined, entry('a', 15));
    expect(() => entries.applied(undefined, entry('b', 12))).toThrow('the watch went back');
    relist(15, entry('a', 15), entry('b', 12));
    expect([version('a'), version('b')]).toEqual(['15', '12']);
  });

  it('versions that have no order are taken as they come', () => {
    relist(10);
    const strange = { ...entry('a', 0), resourceVersion: 'x-2' };
    entries.applied(undefined, { ...strange, name: 'b', resourceVersion: 'x-9' });
    entries.applied(undefined, strange);
    expect(version('a')).toBe('x-2');
  });

  it('a cluster that was restored counts anew', () => {
    relist(50, entry('a', 40));
    relist(20);
    entries.applied(undefined, entry('a', 21));
    expect(version('a')).toBe('21');
  });

  it('an answer later than the watch does not bring back what the watch has seen go', () => {
    relist(10);
    entries.applied(undefined, entry('a', 11));
    entries.removed(undefined, entry('a', 13));
    entries.written(undefined, entry('a', 11));
    expect(version('a')).toBeUndefined();
  });

  it('an own create during a list that began before it stays', () => {
    relist(10);
    entries.relistStarted(undefined);
    entries.written(undefined, entry('a', 21));
    entries.relistDone(undefined, '20');
    expect(version('a')).toBe('21');
    relist(30);
    expect(version('a')).toBeUndefined();
  });

  it('an own delete is not undone by a late watch event, and a successor of the name is let in', () => {
    relist(10, entry('a', 10));
    entries.deleting('uid-a');
    entries.deleted('ns', 'a', 'uid-a');
    expect(told.at(-1)).toBe('a 10>- write');
    entries.applied(undefined, entry('a', 11));
    expect(version('a')).toBeUndefined();
    entries.written(undefined, entry('a', 13, 'uid-2'));
    entries.removed(undefined, entry('a', 12));
    expect(version('a')).toBe('13');
  });

  it('an own delete is not undone by a list that was taken before it', () => {
    relist(10, entry('a', 10));
    entries.relistStarted(undefined);
    entries.listed(undefined, entry('a', 10));
    entries.deleting('uid-a');
    entries.deleted('ns', 'a', 'uid-a');
    entries.relistDone(undefined, '11');
    expect(version('a')).toBeUndefined();
  });

  it('an own delete is undone by a list that began after it and has the object still', () => {
    relist(10, entry('a', 10), entry('b', 10));
    for (const name of ['a', 'b']) {
      entries.deleting(`uid-${name}`);
      entries.deleted('ns', name, `uid-${name}`);
    }
    relist(20, entry('a', 10));
    expect([version('a'), version('b')]).toEqual(['10', undefined]);
    entries.applied(undefined, entry('a', 21));
    expect(version('a')).toBe('21');
  });

  it('a delete that the watch told of before its answer came leaves no mark behind', () => {
    relist(10, entry('a', 10));
    entries.deleting('uid-a');
    entries.removed(undefined, entry('a', 11));
    entries.deleted('ns', 'a', 'uid-a');
    entries.applied(undefined, entry('a', 12));
    expect(version('a')).toBe('12');
  });
});

describe('property', () => {
  it('whatever the order in which answers arrive, the end is what the server has', () => {
    // A server history of one name; each write is ours or foreign; answers arrive at any time after they were made.
    const steps = fc.array(
      fc.record({ kind: fc.constantFrom('put', 'delete'), own: fc.boolean(), delay: fc.nat(6) }),
      {
        maxLength: 25,
      },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 25 }), (history, relistAt) => {
        const mirror = new MirroredEntries<StoreEntry>({});
        mirror.relistStarted(undefined);
        mirror.relistDone(undefined, '1');
        let server: StoreEntry | undefined;
        let generation = 0;
        const due: { at: number; run: () => void }[] = [];
        history.forEach(({ kind, own, delay }, index) => {
          const rv = index + 2;
          const before = server;
          if (kind === 'put') {
            server = entry('a', rv, before?.uid ?? `uid-${generation++}`);
            const made = server;
            if (own) due.push({ at: index + delay, run: () => mirror.written(undefined, made) });
            due.push({ at: index + 3, run: () => mirror.applied(undefined, made) });
          } else if (before) {
            server = undefined;
            if (own) {
              mirror.deleting(before.uid);
              due.push({ at: index + delay, run: () => mirror.deleted('ns', 'a', before.uid) });
            }
            due.push({ at: index + 3, run: () => mirror.removed(undefined, entry('a', rv, before.uid)) });
          }
          for (const one of due.splice(0).sort((x, y) => x.at - y.at)) {
            if (one.at <= index) one.run();
            else due.push(one);
          }
          if (index === relistAt && due.length === 0) {
            mirror.relistStarted(undefined);
            if (server) mirror.listed(undefined, server);
            mirror.relistDone(undefined, String(rv));
          }
        });
        for (const one of due.sort((x, y) => x.at - y.at)) one.run();
        expect(mirror.table.get('ns', 'a')).toEqual(server);
        expect(mirror.table.size).toBe(server ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});
