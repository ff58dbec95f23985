import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Fifo } from './fifo.ts';

describe('Fifo', () => {
  it('gives back what was pushed, in that order, however pushes and shifts alternate', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (pushes) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        pushes.forEach((push, n) => {
          if (push) {
            fifo.push(n);
            model.push(n);
          } else {
            expect(fifo.shift()).toBe(model.shift());
          }
          expect(fifo).toHaveLength(model.length);
        });
        while (model.length > 0) expect(fifo.shift()).toBe(model.shift());
        expect(fifo.shift()).toBeUndefined();
        expect(fifo).toHaveLength(0);
      }),
    );
  });
});
