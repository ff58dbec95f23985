import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';

import { eventually } from '../../test/support/eventually.ts';
import { Interned } from './interned.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

describe('Interned', () => {
  it('makes one of what is equal, and of nothing else', () => {
    const values = new Interned();
    const first = { a: ['b'] };
    expect(values.same(first)).toBe(first);
    expect(values.same({ a: ['b'] })).toBe(first);
    expect(values.same({ a: ['c'] })).toEqual({ a: ['c'] });
  });

  it('goes on sharing what somebody holds, and keeps nothing of what nobody holds any more', async () => {
    const values = new Interned();
    const held = values.same({ text: 'held' });
    const before = heap();
    for (let index = 0; index < 20_000; index++) values.same({ text: `${index}`.padStart(1_000) });
    await eventually(() => heap() - before < 5_000_000);
    expect(values.same({ text: 'held' })).toBe(held);
    expect(values.same({ text: '7'.padStart(1_000) })).toEqual({ text: '7'.padStart(1_000) });
  });
});
