import { describe, expect, it } from '@jest/globals';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { keepHeapSmall, type Heap } from './heap.ts';

const minute = 60_000;
const MB = 1_000_000;

/** 4 MB of the heap cannot be given back. */
class FakeHeap implements Heap {
  used = 50 * MB;
  holes = 4 * MB;
  share = 0.01;
  collections = 0;

  sizes() {
    return { used: this.used, held: this.used + this.holes };
  }
  busy() {
    return this.share;
  }
  collect() {
    this.collections++;
    this.holes = 4 * MB;
  }
}

async function kept(ms: number, change: Partial<FakeHeap>, heap = new FakeHeap()): Promise<FakeHeap> {
  const clock = virtualClock();
  const stop = new AbortController();
  const done = keepHeapSmall(clock, Object.assign(heap, change), stop.signal);
  await clock.advance(ms);
  stop.abort();
  await done;
  expect(clock.pendingTimers).toBe(0);
  return heap;
}

describe('keepHeapSmall', () => {
  it.each<[string, Partial<FakeHeap>, number]>([
    ['gives back what a burst left', { holes: 30 * MB }, 1],
    ['waits while there is work', { holes: 30 * MB, share: 0.3 }, 0],
    ['leaves holes that are small', { holes: 8 * MB, used: 20 * MB }, 0],
    ['leaves holes that are small beside what is used', { holes: 10 * MB, used: 100 * MB }, 0],
  ])('%s', async (_name, heap, collections) => {
    expect((await kept(minute, heap)).collections).toBe(collections);
  });

  it('does not try again to give back what cannot be', async () => {
    const heap = new FakeHeap();
    heap.collect = () => void heap.collections++;
    expect((await kept(60 * minute, { holes: 30 * MB }, heap)).collections).toBe(1);
  });

  it('gives back what grew since, be it holes or what nobody needs any more', async () => {
    const heap = new FakeHeap();
    heap.collect = () => {
      heap.collections++;
      heap.holes = 4 * MB;
      heap.used = 50 * MB;
    };
    heap.busy = () => {
      heap.used += 0.5 * MB;
      return 0;
    };
    // 54 MB are needed, and in a bit more than four minutes 8 MB come together.
    expect((await kept(10 * minute, { holes: 30 * MB }, heap)).collections).toBe(3);
  });

  it('pauses no more often than once a minute', async () => {
    const heap = new FakeHeap();
    heap.busy = () => {
      heap.holes = 40 * MB;
      return 0;
    };
    expect((await kept(10 * minute, {}, heap)).collections).toBe(10);
  });
});
