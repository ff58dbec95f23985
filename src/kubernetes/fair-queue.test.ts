import { describe, expect, it } from '@jest/globals';

import { FairQueue } from './fair-queue.ts';

const any = (): boolean => true;

function queueOf(...items: string[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const item of items) queue.push(item[0] as string, item);
  return queue;
}

function drain(queue: FairQueue<string>, wanted: (item: string) => boolean = any): string[] {
  const taken: string[] = [];
  for (let item = queue.shift(wanted); item !== undefined; item = queue.shift(wanted)) taken.push(item);
  return taken;
}

describe('FairQueue', () => {
  it('serves the groups in turn, each in its own order', () => {
    expect(drain(queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2'))).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  it('gives nothing when nothing is left, and goes on with what comes later', () => {
    const queue = queueOf('a1');
    expect(drain(queue)).toEqual(['a1']);
    queue.push('b', 'b1');
    queue.push('a', 'a2');
    queue.push('b', 'b2');
    expect(drain(queue)).toEqual(['b1', 'a2', 'b2']);
  });

  it('a group that was served comes after those that wait, also when it comes back', () => {
    const queue = queueOf('a1', 'b1');
    expect(queue.shift(any)).toBe('a1');
    queue.push('a', 'a2');
    queue.push('a', 'a3');
    expect(drain(queue)).toEqual(['b1', 'a2', 'a3']);
  });

  it('drops what is not wanted at no cost of a turn', () => {
    const wanted = (item: string): boolean => !item.endsWith('x');
    expect(drain(queueOf('a1x', 'a2x', 'a3', 'b1', 'a4x', 'b2x'), wanted)).toEqual(['a3', 'b1']);
  });

  it('drops a group of which nothing is wanted', () => {
    expect(drain(queueOf('a1', 'b1', 'a2'), (item) => item.startsWith('b'))).toEqual(['b1']);
    const queue = queueOf('a1');
    expect(queue.shift(() => false)).toBeUndefined();
    queue.push('a', 'a2');
    expect(drain(queue)).toEqual(['a2']);
  });
});
