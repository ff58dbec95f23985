import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError } from './errors.ts';
import { runWorkers, type RunWorkersOptions } from './run-workers.ts';
import { WorkQueue } from './work-queue.ts';
import type { WorkQueueOptions } from './work-queue.ts';

function setUp(options: Partial<WorkQueueOptions<string>> = {}) {
  const clock = virtualClock();
  return { clock, queue: new WorkQueue<string>({ runtime: clock, ...options }) };
}

/** Takes what can be taken without waiting. */
async function takeAll(queue: WorkQueue<string>, most = Infinity): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth > 0 && taken.length < most) taken.push((await queue.get()) as string);
  return taken;
}

describe("client-go's promises", () => {
  it('a key that is added often is queued once', async () => {
    const { queue } = setUp();
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  it('a key added while it is worked on is handed out again only after done, and once', async () => {
    const { queue } = setUp();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    expect(queue.idle).toBe(true);
  });

  it('done without an add meanwhile queues nothing, and done of a key that nobody has is harmless', async () => {
    const { queue } = setUp();
    queue.done('never');
    queue.add('a');
    await queue.get();
    queue.done('a');
    queue.done('a');
    expect(queue.idle).toBe(true);
  });

  it('get waits, and wakes one worker a key in the order in which they came', async () => {
    const { queue } = setUp();
    const first = queue.get();
    const second = queue.get();
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('a get that gives up loses no key', async () => {
    const { queue } = setUp();
    const stop = new AbortController();
    const given = queue.get(stop.signal);
    stop.abort();
    expect(await given).toBeUndefined();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    expect(await queue.get(AbortSignal.abort())).toBeUndefined();
  });

  it('after shutDown what is queued is handed out, then undefined, and nothing is taken', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    queue.addAfter('later', 1000);
    queue.shutDown();
    queue.add('b');
    queue.addAfter('b', 1);
    queue.addRateLimited('b');
    expect(await queue.get()).toBe('a');
    expect(await queue.get()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('shutDown wakes those who wait, and a key that was dirty still comes out after done', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a');
    const waiting = queue.get();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.done('a');
    expect(await queue.get()).toBe('a');
  });
});

describe("kube-rs' scheduler rules", () => {
  it('should hold and release items', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
  });

  it('should not reschedule pending items', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    queue.addAfter('a', 1000);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(5000);
    expect(queue.idle).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('pending message should not block head of line', async () => {
    const { queue } = setUp();
    queue.add('busy');
    await queue.get();
    queue.add('busy');
    queue.add('b');
    expect(await takeAll(queue)).toEqual(['b']);
  });

  it('should emit items as requested', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 1000);
    queue.addAfter('b', 3000);
    await clock.advance(2000);
    expect(await takeAll(queue)).toEqual(['a']);
    await clock.advance(2000);
    expect(await takeAll(queue)).toEqual(['b']);
  });

  it('dedupe should keep earlier item', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 3000);
    await clock.advance(2000);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(5000);
    expect(queue.idle).toBe(true);
  });

  it('dedupe should replace later item', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 3000);
    queue.addAfter('a', 1000);
    await clock.advance(1000);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(5000);
    expect(queue.idle).toBe(true);
  });

  it('dedupe should allow rescheduling emitted item', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 1000);
    await clock.advance(1000);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.addAfter('a', 1000);
    queue.done('a');
    expect(queue.idle).toBe(true);
    await clock.advance(1000);
    expect(await takeAll(queue)).toEqual(['a']);
  });

  it('should overwrite priority with the higher one, sooner or later', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('sooner', 2000);
    queue.addAfter('sooner', 1000, 'high');
    queue.addAfter('later', 1000);
    queue.addAfter('later', 2000, 'high');
    queue.addAfter('plain', 500);
    await clock.advance(1000);
    expect((await takeAll(queue)).sort()).toEqual(['later', 'plain', 'sooner']);
  });

  it('a key that falls due while it is worked on comes out once more, after done', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.addAfter('a', 1000);
    await clock.advance(2000);
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
  });
});

describe('back-off', () => {
  it('doubles for each failure of a key, with at most a quarter cut off by chance, up to the limit', async () => {
    const { clock, queue } = setUp({ backoff: { baseMs: 100, maxMs: 1000 } });
    for (const [from, to] of [
      [75, 100],
      [150, 200],
      [300, 400],
      [600, 800],
      [750, 1000],
      [750, 1000],
    ] as const) {
      const before = clock.monotonic();
      queue.addRateLimited('a');
      const got = queue.get();
      await clock.advanceUntil(() => queue.depth === 0 && clock.pendingTimers === 0);
      await got;
      queue.done('a');
      expect(clock.monotonic() - before).toBeGreaterThanOrEqual(from);
      expect(clock.monotonic() - before).toBeLessThanOrEqual(to);
    }
    expect(queue.failures('a')).toBe(6);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });
});

describe('priority', () => {
  it('high comes before normal', async () => {
    const { queue } = setUp();
    queue.add('n1');
    queue.add('h1', 'high');
    queue.add('n2');
    queue.add('h2', 'high');
    expect(await takeAll(queue)).toEqual(['h1', 'h2', 'n1', 'n2']);
  });

  it('after four of high in a row comes one of normal, whatever more there is', async () => {
    const { queue } = setUp({ group: (key) => key[0] as string });
    for (let i = 0; i < 10; i++) queue.add(`h${i}`, 'high');
    for (let i = 0; i < 3; i++) queue.add(`n${i}`);
    for (let i = 0; i < 2; i++) queue.add(`m${i}`);
    const line = (await takeAll(queue)).map((key) => key[0]).join('');
    expect(line).toBe('hhhhnhhhhmhhnmn');
  });

  it('50,000 keys of high in one group let others pass', async () => {
    const { queue } = setUp({ group: (key) => key.split('/')[0] as string });
    for (let i = 0; i < 50_000; i++) queue.add(`big/${i}`, 'high');
    for (let i = 0; i < 5; i++) queue.add(`small/${i}`);
    const first = await takeAll(queue, 25);
    expect(first.filter((key) => key.startsWith('small/'))).toHaveLength(5);
  });

  it('a key keeps its priority when its pass failed', async () => {
    const { clock, queue } = setUp({ backoff: { baseMs: 1000, maxMs: 8000 } });
    queue.add('a', 'high');
    await queue.get();
    queue.addRateLimited('a');
    queue.done('a');
    queue.add('b');
    await clock.advanceUntil(() => queue.depth === 2);
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  it('a queued key is promoted, and never demoted', async () => {
    const { queue } = setUp();
    queue.add('a');
    queue.add('b');
    queue.add('b', 'high');
    queue.add('b');
    expect(await takeAll(queue)).toEqual(['b', 'a']);
  });

  it('a key made dirty with high comes back high', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('b');
    queue.add('a', 'high');
    queue.add('a');
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });
});

describe('turns between groups', () => {
  it('50,000 keys of one group delay another by one key at a time', async () => {
    const { queue } = setUp({ group: (key) => key.split('/')[0] as string });
    for (let i = 0; i < 50_000; i++) queue.add(`big/${i}`);
    for (let i = 0; i < 5; i++) queue.add(`small/${i}`);
    const first = await takeAll(queue, 11);
    expect(first.filter((key) => key.startsWith('small/'))).toHaveLength(5);
    expect(await takeAll(queue)).toHaveLength(50_005 - 11);
  });

  it('within a group the order is that of adding', async () => {
    const { queue } = setUp({ group: (key) => key[0] as string });
    for (const key of ['a1', 'a2', 'b1', 'a3', 'c1']) queue.add(key);
    expect(await takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });
});

describe('metrics', () => {
  it('tells of adds, depth, waiting, work and retries', async () => {
    const told: string[] = [];
    const { clock, queue } = setUp({
      backoff: { baseMs: 1000, maxMs: 1000 },
      observer: {
        added: () => told.push('added'),
        depth: (depth) => told.push(`depth ${depth}`),
        waited: (ms) => told.push(`waited ${ms}`),
        worked: (ms) => told.push(`worked ${ms}`),
        retried: () => told.push('retried'),
      },
    });
    queue.add('a');
    queue.add('a');
    await clock.advance(20);
    await queue.get();
    await clock.advance(5);
    queue.addRateLimited('a');
    queue.done('a');
    expect(told).toEqual(['added', 'depth 1', 'depth 0', 'waited 20', 'retried', 'worked 5']);
  });
});

describe('runWorkers', () => {
  /** One worker that nobody hears of, where it is not said otherwise, until `stop` aborts. */
  function working(
    queue: WorkQueue<string>,
    options: Pick<RunWorkersOptions<string>, 'handle'> & Partial<RunWorkersOptions<string>>,
  ) {
    const stop = new AbortController();
    const done = runWorkers({ queue, workers: 1, onError: () => undefined, signal: stop.signal, ...options });
    return { stop, done };
  }

  it('works on at most n keys at once, and never on one key twice at a time', async () => {
    const { clock, queue } = setUp();
    const running = new Set<string>();
    let most = 0;
    let passes = 0;
    const { stop, done } = working(queue, {
      workers: 3,
      handle: async (key) => {
        expect(running.has(key)).toBe(false);
        running.add(key);
        most = Math.max(most, running.size);
        await new Promise<void>((resolve) => clock.timer(10, resolve));
        running.delete(key);
        passes++;
      },
    });
    for (let i = 0; i < 20; i++) queue.add(`k${i % 7}`);
    await clock.advance(15);
    for (let i = 0; i < 20; i++) queue.add(`k${i % 7}`);
    await clock.advanceUntil(() => queue.idle);
    expect(most).toBe(3);
    expect(passes).toBeGreaterThanOrEqual(7);
    stop.abort();
    await done;
  });

  it('a failure is told and retried with back-off, a success ends the back-off and sets the next time', async () => {
    const { clock, queue } = setUp({ backoff: { baseMs: 1000, maxMs: 8000 } });
    const errors: unknown[] = [];
    const at: number[] = [];
    const { stop, done } = working(queue, {
      onError: (key, error) => errors.push([key, error]),
      handle: async () => {
        at.push(clock.monotonic());
        if (at.length < 3) throw new Error(`failure ${at.length}`);
        return { requeueAfterMs: 60_000 };
      },
    });
    queue.add('a');
    await clock.advanceUntil(() => at.length === 4);
    expect(errors).toEqual([
      ['a', new Error('failure 1')],
      ['a', new Error('failure 2')],
    ]);
    expect((at[3] as number) - (at[2] as number)).toBe(60_000);
    expect(queue.failures('a')).toBe(0);
    stop.abort();
    await done;
  });

  it('a failure for which the apiserver asks for more time than the back-off is given it', async () => {
    const { clock, queue } = setUp({ backoff: { baseMs: 1000, maxMs: 8000 } });
    const at: number[] = [];
    const answer = { code: 429, reason: 'TooManyRequests', message: 'later', retryAfterMs: 5_000 };
    const { stop, done } = working(queue, {
      handle: async () => {
        at.push(clock.monotonic());
        if (at.length === 1) throw new ApiError('PUT things a/b', answer);
      },
    });
    queue.add('a');
    await clock.advanceUntil(() => at.length === 2);
    expect((at[1] as number) - (at[0] as number)).toBe(5_000);
    stop.abort();
    await done;
  });

  it('on abort the workers take nothing more, and it resolves when the last pass has ended', async () => {
    const { clock, queue } = setUp();
    let ended = 0;
    const { stop, done } = working(queue, {
      handle: async () => {
        await new Promise<void>((resolve) => clock.timer(10, resolve));
        ended++;
      },
    });
    queue.add('a');
    queue.add('b');
    await clock.settle();
    stop.abort();
    await clock.advance(10);
    await done;
    expect(ended).toBe(1);
    expect(queue.depth).toBe(1);
  });
});

describe('property', () => {
  it('whatever is done, every add is followed by a pass that began after it, and no key has two at a time', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const priority = fc.constantFrom('high' as const, 'normal' as const);
    const action = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key, priority }),
      fc.record({ do: fc.constant('after' as const), key, ms: fc.nat(50), priority }),
      fc.record({ do: fc.constant('limited' as const), key, ms: fc.nat(50) }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('done' as const), key }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { clock, queue } = setUp({
          backoff: { baseMs: 10, maxMs: 40 },
          group: (k) => (k < 'c' ? 'x' : 'y'),
        });
        const owed = new Set<string>();
        const busy = new Set<string>();
        const take = async (): Promise<void> => {
          const taken = (await queue.get()) as string;
          expect(busy.has(taken)).toBe(false);
          expect(owed.has(taken)).toBe(true);
          busy.add(taken);
          owed.delete(taken);
        };
        for (const act of actions) {
          if (act.do === 'add') queue.add(act.key, act.priority);
          if (act.do === 'after') queue.addAfter(act.key, act.ms, act.priority);
          if (act.do === 'limited') queue.addRateLimited(act.key, act.ms);
          if (act.do === 'add' || act.do === 'after' || act.do === 'limited') owed.add(act.key);
          if (act.do === 'take' && queue.depth > 0) await take();
          if (act.do === 'done' && busy.delete(act.key)) queue.done(act.key);
          if (act.do === 'wait') await clock.advance(act.ms);
        }
        for (let round = 0; round < 3; round++) {
          for (const held of busy) queue.done(held);
          busy.clear();
          await clock.advance(1000);
          while (queue.depth > 0) await take();
        }
        expect(owed).toEqual(new Set());
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('at the edges', () => {
  it('a queue without options has one group, backs off from half a second to five minutes, and tells nobody', async () => {
    const clock = virtualClock();
    const queue = new WorkQueue<string>({ runtime: { ...clock, next: () => 0 } });
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
    expect(await takeAll(queue)).toEqual(['a', 'b', 'c']);
    for (const key of ['a', 'b', 'c']) queue.done(key);
    const delays: number[] = [];
    for (let n = 0; n < 11; n++) {
      const before = clock.monotonic();
      queue.addRateLimited('a');
      await clock.advanceUntil(() => queue.depth === 1);
      delays.push(clock.monotonic() - before);
      await queue.get();
      queue.done('a');
    }
    expect(delays.slice(0, 3)).toEqual([500, 1_000, 2_000]);
    expect(delays.at(-1)).toBe(300_000);
  });

  it('a key that is worked on is not idle, and one that is made dirty is told once', async () => {
    let added = 0;
    const { queue } = setUp({ observer: { added: () => added++ } });
    expect(queue.idle).toBe(true);
    queue.add('a');
    expect(queue.idle).toBe(false);
    await queue.get();
    expect(queue.idle).toBe(false);
    for (let n = 0; n < 3; n++) queue.add('a');
    expect(added).toBe(2);
    queue.add('b');
    queue.add('b', 'high');
    expect(added).toBe(3);
    queue.done('a');
    expect(queue.idle).toBe(false);
  });

  it('a promoted key is handed out once, also when more comes after it', async () => {
    const { queue } = setUp();
    queue.add('a');
    queue.add('a', 'high');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    queue.add('b');
    expect(await takeAll(queue)).toEqual(['b']);
  });

  it('a key that is dirty already and is to wait besides comes back once', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.addAfter('a', 1_000);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(5_000);
    expect(queue.idle).toBe(true);
  });

  it('no delay and a negative one are now', () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 0);
    queue.addAfter('b', -1);
    expect(queue.depth).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a queued key is promoted by a later time with a higher priority, and by no other', async () => {
    const { clock, queue } = setUp();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.addAfter('b', 1_000);
    queue.addAfter('c', 1_000, 'high');
    expect(clock.pendingTimers).toBe(0);
    expect(await takeAll(queue)).toEqual(['c', 'a', 'b']);
  });

  it('keys fall due in the order of their times, however often one is moved', async () => {
    const { clock, queue } = setUp();
    for (const [key, ms] of [
      ['a', 400],
      ['b', 300],
      ['c', 200],
      ['d', 350],
      ['a', 100],
    ] as const)
      queue.addAfter(key, ms);
    expect(clock.pendingTimers).toBe(1);
    const at: [string, number][] = [];
    while (at.length < 4) {
      await clock.advanceUntil(() => queue.depth > 0);
      at.push([(await queue.get()) as string, clock.monotonic()]);
    }
    expect(at).toEqual([
      ['a', 100],
      ['c', 200],
      ['b', 300],
      ['d', 350],
    ]);
  });

  it('after shutDown nothing backs off', () => {
    const { queue } = setUp();
    queue.shutDown();
    queue.addRateLimited('a');
    expect(queue.failures('a')).toBe(0);
  });

  it('tells how long a key waited, also before time began to count from 0', async () => {
    const waited: number[] = [];
    const { clock, queue } = setUp({ observer: { waited: (ms) => waited.push(ms) } });
    await clock.advance(1_000);
    queue.add('a');
    await clock.advance(20);
    await queue.get();
    expect(waited).toEqual([20]);
  });

  it('one that gives up after it was served changes nothing, and leaves no listener', async () => {
    const { queue } = setUp();
    const stop = new AbortController();
    const listeners = new Set<unknown>();
    const { signal } = stop;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: () => void) => {
      listeners.add(listener);
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: () => void) => {
      listeners.delete(listener);
      remove(type, listener);
    };
    const got = queue.get(signal);
    expect(listeners.size).toBe(1);
    queue.add('a');
    expect(await got).toBe('a');
    expect(listeners.size).toBe(0);
    stop.abort();
    const next = queue.get();
    queue.add('b');
    expect(await next).toBe('b');
  });
});
