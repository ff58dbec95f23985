import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { EntryTable } from './entry-table.ts';
import { compareResourceVersions } from './objects.ts';

describe('EntryTable', () => {
  it('indexes hold what a search through all entries would find', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      tags: fc.array(fc.constantFrom('x', 'y')),
      put: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const table = new EntryTable({ tag: (entry: { tags: string[] } & Named) => entry.tags });
        const model = new Map<string, { tags: string[] } & Named>();
        for (const { name, tags, put } of changes) {
          const known = model.get(name);
          if (put) {
            const entry = { namespace: 'ns', name, uid: name, resourceVersion: '1', tags };
            table.put(entry);
            model.set(name, entry);
          } else if (known) {
            table.remove(known);
            model.delete(name);
          }
        }
        expect(table.size).toBe(model.size);
        expect(new Set(table.values())).toEqual(new Set(model.values()));
        for (const tag of ['x', 'y']) {
          const wanted = [...model.values()].filter(({ tags }) => tags.includes(tag));
          expect(new Set(table.byIndex('tag', tag))).toEqual(new Set(wanted));
          expect(table.countByIndex('tag', tag)).toBe(wanted.length);
        }
      }),
    );
  });

  it('names the indexes there are when asked for another', () => {
    const table = new EntryTable({ pool: () => [] });
    expect(() => table.byIndex('pol', 'x')).toThrow('no index "pol"; declared: pool');
  });
});

interface Named {
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
}

describe('compareResourceVersions', () => {
  it('orders integers of any length, and says nothing about anything else', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (a, b) => {
        expect(Math.sign(compareResourceVersions(String(a), String(b)) as number)).toBe(
          a < b ? -1 : a > b ? 1 : 0,
        );
      }),
    );
    expect(compareResourceVersions('x', '1')).toBeUndefined();
    expect(compareResourceVersions('01', '1')).toBeUndefined();
    expect(compareResourceVersions('x', 'x')).toBe(0);
  });
});
