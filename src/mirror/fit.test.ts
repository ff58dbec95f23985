import { expect, it } from '@jest/globals';

import { fit } from './fit.ts';
import { storedSize } from './stored-size.ts';

it('a status is cut until it fits, and one that just does is left alone', () => {
  const cut = (budget: number) => {
    const status: { a?: string; b?: string } = { a: 'x', b: 'y' };
    const cuts = new Set<string>();
    const without = (field: 'a' | 'b') => (from: typeof status) => (delete from[field], [field]);
    fit(status, budget, [without('a'), without('b')], cuts);
    return [...cuts];
  };
  const whole = storedSize({ a: 'x', b: 'y' });
  expect([cut(whole), cut(whole - 1), cut(0)]).toEqual([[], ['a'], ['a', 'b']]);
});
