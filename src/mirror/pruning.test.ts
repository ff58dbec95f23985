import { describe, expect, it } from '@jest/globals';

import { prunedPaths } from './pruning.ts';

describe('pruned paths', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['a member that is gone', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, ['a.c']],
    ['a member that is null', { a: 1 }, { a: null }, ['a']],
    ['a whole that is gone', { a: 1 }, undefined, []],
    ['nothing, sent as nothing', { a: '', b: null, c: [], d: { e: '' }, f: undefined }, {}, []],
    ['a member of an item', { a: [{ b: 1, c: 1 }] }, { a: [{ b: 1 }] }, ['a[].c']],
    ['a list that came back shorter', { a: [{ b: 1 }, { c: 1 }] }, { a: [{ b: 1 }] }, []],
    ['a list that came back as something else', { a: [1] }, { a: { b: 1 } }, []],
    ['an object that came back as something else', { a: { b: 1 } }, { a: 'x' }, []],
    ['a name that is no name', { 'a b': 1 }, {}, ['["a b"]']],
  ])('%s', (_what, sent, answered, paths) => {
    expect([...prunedPaths(sent, answered)]).toEqual(paths);
  });
});
