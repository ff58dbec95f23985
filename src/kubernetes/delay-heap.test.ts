import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DelayHeap, type Delayed } from './delay-heap.ts';

const due = fc.nat(30);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), due }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('earlier' as const), pick: fc.nat(), by: fc.nat(30) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), pick: fc.nat() }) },
);

describe('DelayHeap', () => {
  it('has the earliest first, and loses and keeps exactly what it should, whatever is done', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const heap = new DelayHeap<Delayed>();
        const model: Delayed[] = [];
        const holdsTheModel = (): void => {
          expect(heap.first()?.due).toBe(
            model.length === 0 ? undefined : Math.min(...model.map((item) => item.due)),
          );
        };
        const remove = (item: Delayed): void => {
          heap.remove(item);
          expect(item.position).toBe(-1);
          model.splice(model.indexOf(item), 1);
        };
        for (const act of actions) {
          if (act.do === 'add') {
            const item = { due: act.due, position: -1 };
            heap.add(item);
            model.push(item);
          } else if (model.length > 0) {
            const item = model[act.pick % model.length] as Delayed;
            if (act.do === 'remove') remove(item);
            else {
              item.due -= act.by;
              heap.movedEarlier(item);
            }
          }
          holdsTheModel();
        }
        while (model.length > 0) {
          const first = heap.first() as Delayed;
          expect(model).toContain(first);
          remove(first);
          holdsTheModel();
        }
      }),
    );
  });

  it('an item that takes the place of a removed one may be earlier than what was above that', () => {
    const heap = new DelayHeap<Delayed>();
    const items = [0, 100, 1, 110, 120, 4, 3].map((time) => ({ due: time, position: -1 }));
    for (const item of items) heap.add(item);
    heap.remove(items[3] as Delayed);
    const order: number[] = [];
    for (let first = heap.first(); first !== undefined; first = heap.first()) {
      order.push(first.due);
      heap.remove(first);
    }
    expect(order).toEqual([0, 1, 3, 4, 100, 120]);
  });
});
