import { describe, expect, it } from '@jest/globals';

import { aProjectObject } from '../../test/support/builders.ts';
import { projectEntry, type ProjectEntry } from './gather.ts';
import { shardOf, Shards } from './shards.ts';

describe('shardOf', () => {
  it('is the same for ever: replicas of two versions must agree', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(names.map((name) => shardOf('ns', name, 4))).toEqual([0, 2, 2, 1, 0, 3]);
    expect(names.map((name) => shardOf('ns', name, 64))).toEqual([44, 50, 18, 33, 56, 51]);
    expect(names.map((name) => shardOf('ns', name, 1))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('spreads', () => {
    const held = Array.from({ length: 8 }, () => 0);
    for (let n = 0; n < 8_000; n++) held[shardOf(`team-${n % 40}`, `secret-${n}`, 8)]! += 1;
    expect(Math.min(...held)).toBeGreaterThan(850);
    expect(Math.max(...held)).toBeLessThan(1_150);
  });
});

describe('Shards', () => {
  const entry = (name: string, secret: string): ProjectEntry => {
    const object = aProjectObject();
    const spec = { ...object.spec, credentials: { secretRef: { name: secret } } };
    return projectEntry({ ...object, metadata: { ...object.metadata, namespace: 'ns', name }, spec });
  };

  it('puts projects with one Secret together, follows a changed one, and falls back to the name', () => {
    const projects = new Map([
      ['one', entry('one', 'shared')],
      ['two', entry('two', 'shared')],
    ]);
    const shards = new Shards({ count: 64, projects: { get: (_, name) => projects.get(name) } });
    const shared = shardOf('ns', 'shared', 64);
    expect([shards.of('ns', 'one'), shards.of('ns', 'two')]).toEqual([shared, shared]);
    projects.set('two', entry('two', 'own'));
    expect(shards.of('ns', 'two')).toBe(shardOf('ns', 'own', 64));
    expect(shards.of('ns', 'gone')).toBe(shardOf('ns', 'gone', 64));
  });
});
