import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { virtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError, TransportError } from './errors.ts';
import type { LeaseLost } from './leader-elector.ts';
import { Lease, leaseResource, type LeaseObject } from './lease.ts';
import { ResourceClient } from './resource-client.ts';
import { ShardElector } from './shard-elector.ts';
import type { ApiRequest, Transport } from './transport.ts';

const requestAnnotation = 'example.dev/requested-by';
const problem = (code: number, reason: string): ApiError =>
  new ApiError('PUT', { code, reason, message: '' });

/** Leases with a server's optimistic concurrency. */
class LeaseServer {
  readonly stored = new Map<string, LeaseObject>();
  #version = 0;

  handle({ method, path, body }: ApiRequest): unknown {
    const sent = structuredClone(body) as LeaseObject;
    const name = sent?.metadata.name ?? path.split('/leases/')[1];
    if (name === undefined) return { metadata: {}, items: structuredClone([...this.stored.values()]) };
    const there = this.stored.get(name);
    if (method === 'POST' && there) throw problem(409, 'AlreadyExists');
    if (method !== 'POST' && !there) throw problem(404, 'NotFound');
    if (method === 'GET') return structuredClone(there);
    if (method === 'PUT' && sent.metadata.resourceVersion !== there?.metadata.resourceVersion)
      throw problem(409, 'Conflict');
    const resourceVersion = String(++this.#version);
    this.stored.set(name, { ...sent, metadata: { ...sent.metadata, resourceVersion } });
    return structuredClone(this.stored.get(name));
  }

  holders(): string[] {
    return [...this.stored.values()].map(({ spec }) => spec?.holderIdentity ?? '').sort();
  }
}

/** `lost`: requests do not get there. `deaf`: their answers do not come back. */
type Link = 'up' | 'lost' | 'deaf';

/** A machine whose process can be paused: no timer fires and no answer is seen, but time goes on. */
function pausable(clock: VirtualClock, skewMs: number) {
  let waiting: (() => void)[] | undefined;
  const whenAwake = (act: () => void): void => (waiting ? void waiting.push(act) : act());
  return {
    whenAwake,
    runtime: {
      now: () => clock.now() + skewMs,
      monotonic: () => clock.monotonic(),
      next: () => clock.next(),
      timer: (ms: number, callback: () => void) => {
        let cancelled = false;
        const cancel = clock.timer(ms, () => whenAwake(() => void (cancelled || callback())));
        return () => {
          cancelled = true;
          cancel();
        };
      },
    },
    pause: () => void (waiting ??= []),
    resume: () => {
      const due = waiting ?? [];
      waiting = undefined;
      for (const act of due) act();
    },
  };
}

function replica(
  identity: string,
  count: number,
  server: LeaseServer,
  clock: VirtualClock,
  skewMs = 0,
  latencyMs: () => number = () => 0,
) {
  const link = { now: 'up' as Link };
  const { runtime, whenAwake, pause, resume } = pausable(clock, skewMs);
  const transport: Transport = {
    request: async <T>(request: ApiRequest): Promise<T> => {
      if (link.now === 'lost') throw new TransportError('cut');
      const answer = await new Promise<() => T>((resolve) => {
        let result: () => T;
        try {
          const answered = server.handle(request) as T;
          result = () => answered;
        } catch (error) {
          result = () => {
            throw error;
          };
        }
        clock.timer(latencyMs(), () => whenAwake(() => resolve(result)));
      });
      if (link.now !== 'up') throw new TransportError('cut');
      return answer();
    },
    stream: () => Promise.reject(new Error('not here')),
  };
  const client = new ResourceClient<LeaseObject>({
    transport,
    resource: leaseResource,
    fieldManager: identity,
  });
  const working = new Map<number, (deadlineMs: number) => void>();
  const ends = { result: undefined as unknown, workMs: 500, fail: undefined as Error | undefined };
  const lost: LeaseLost[] = [];
  const leases = Array.from(
    { length: count },
    (_, shard) =>
      new Lease({
        client,
        namespace: 'ns',
        name: `l-shard-${shard}`,
        identity,
        clock: runtime,
        durationMs: 15_000,
        requestAnnotation,
      }),
  );
  const elector = new ShardElector({
    leases,
    identity,
    list: async (deadlineMs) => (await client.list({ namespace: 'ns', deadlineMs })).items,
    runtime,
    lead: (shard, { signal, admit }) =>
      new Promise((resolve, reject) => {
        if (working.has(shard)) throw new Error(`${identity} works on ${shard} already`);
        working.set(shard, admit);
        const end = (): void => {
          working.delete(shard);
          if (ends.fail) reject(ends.fail);
          else resolve();
        };
        if (ends.fail) end();
        else signal.addEventListener('abort', () => runtime.timer(ends.workMs, end), { once: true });
      }),
    onLost: (_, why) => lost.push(why),
  });
  const stop = new AbortController();
  const running = elector.run(stop.signal).then(
    () => (ends.result = 'ended'),
    (error: unknown) => (ends.result = error),
  );
  /** The shards that it would now send a write for. */
  const writes = (): number[] =>
    [...working].flatMap(([shard, admit]) => {
      try {
        admit(0);
        return [shard];
      } catch {
        return [];
      }
    });
  return { elector, link, stop, ends, lost, running, writes, working, pause, resume };
}

describe('ShardElector', () => {
  it('takes all alone, hands over a part, and gives all back when it stops', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = replica('a', 4, server, clock);
    await clock.advance(1);
    expect(a.elector.held()).toEqual([0, 1, 2, 3]);
    const b = replica('b', 4, server, clock);
    await clock.advance(10_000);
    expect(server.holders()).toEqual(['a', 'a', 'b', 'b']);
    expect([a.elector.held(), b.elector.held()].flat().sort()).toEqual([0, 1, 2, 3]);
    for (const { metadata } of server.stored.values()) expect(metadata.annotations).toBeUndefined();
    a.stop.abort();
    await clock.advance(5_000);
    expect(server.holders()).toEqual(['b', 'b', 'b', 'b']);
    expect([a.ends.result, a.lost, b.lost]).toEqual(['ended', [], []]);
    b.stop.abort();
    await clock.advance(1_000);
    expect([server.holders(), clock.pendingTimers]).toEqual([['', '', '', ''], 0]);
  });

  it('gives back what it was just taking when it is told to stop', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = replica('a', 3, server, clock);
    a.stop.abort();
    await clock.advance(1_000);
    expect([server.holders(), a.ends.result, clock.pendingTimers]).toEqual([['', '', ''], 'ended', 0]);
  });

  it('releases a shard only when its work has ended', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = replica('a', 2, server, clock);
    a.ends.workMs = 60_000;
    await clock.settle();
    const b = replica('b', 2, server, clock);
    await clock.advance(50_000);
    expect([server.holders(), b.elector.held()]).toEqual([['a', 'a'], []]);
    await clock.advance(20_000);
    expect(server.holders()).toEqual(['a', 'b']);
    expect([a.lost, b.lost]).toEqual([[], []]);
  });

  it('takes over what one holds that is heard of no more, when its time has run out, however wrong the wall clocks', async () => {
    for (const skewMs of [0, 86_400_000, -86_400_000]) {
      const clock = virtualClock();
      const server = new LeaseServer();
      const [a, b, c] = [0, 0, skewMs].map((skew, i) => replica('abc'.charAt(i), 6, server, clock, skew)) as [
        ReturnType<typeof replica>,
        ReturnType<typeof replica>,
        ReturnType<typeof replica>,
      ];
      await clock.advance(30_000);
      expect(server.holders()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
      a.link.now = 'lost';
      const cutAt = clock.monotonic();
      await clock.advanceUntil(() => b.elector.held().length + c.elector.held().length === 6);
      expect(clock.monotonic() - cutAt).toBeLessThan(15_000 + 5_000);
      expect([b.elector.held().length, c.elector.held().length]).toEqual([3, 3]);
      expect(a.lost.map(({ message }) => message)).toEqual(
        Array.from({ length: 2 }, () => 'the lease could not be renewed for 10000 ms'),
      );
      a.link.now = 'up';
      await clock.advance(15_000);
      expect(server.holders()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    }
  });

  it('takes part again after a shard that was lost just when it was taken', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = replica('a', 2, server, clock, 0, () => 100);
    // A list and the taking, with their answers; what is sent next gets no answer.
    await clock.advance(250);
    expect(server.holders()).toEqual(['a', 'a']);
    a.link.now = 'lost';
    const b = replica('b', 2, server, clock);
    await clock.advanceUntil(() => b.elector.held().length === 2);
    a.link.now = 'up';
    await clock.advanceUntil(() => a.elector.held().length === 1, 30_000);
    expect(server.holders()).toEqual(['a', 'b']);
  });

  it('ends with what the work on a shard threw, after all else has ended', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = replica('a', 2, server, clock);
    await clock.settle();
    a.ends.fail = new Error('a bug');
    const b = replica('b', 2, server, clock);
    await clock.advance(60_000);
    expect(a.ends.result).toBe(a.ends.fail);
    expect(a.working.size).toBe(0);
    b.stop.abort();
    await clock.advance(5_000);
  });

  it('never two at once: any loss of contact, any pause, any skew, any jump of a wall clock', async () => {
    const trouble = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom<Link | 'pause' | 'resume' | 'jump'>(
        'up',
        'lost',
        'deaf',
        'pause',
        'resume',
        'jump',
      ),
      forMs: fc.integer({ min: 100, max: 25_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(trouble, { maxLength: 10 }), fc.integer(), async (troubles, seed) => {
        const clock = virtualClock({ seed });
        const server = new LeaseServer();
        // A pause may fall between a request and its answer.
        const latencyMs = (): number => 900 * clock.next();
        const all = ['a', 'b', 'c'].map((name, i) =>
          replica(name, 3, server, clock, (i - 1) * 86_400_000, latencyMs),
        );
        const alone = (): void => {
          const writing = all.flatMap(({ writes }) => writes());
          expect(new Set(writing).size).toBe(writing.length);
        };
        for (const { who, what, forMs } of troubles) {
          const one = all[who] as (typeof all)[number];
          if (what === 'pause' || what === 'resume') one[what]();
          else if (what === 'jump') clock.jumpWallClock(forMs - 12_000);
          else one.link.now = what;
          alone();
          for (let passed = 0; passed < forMs; passed += 1_000) {
            await clock.advance(1_000);
            alone();
          }
        }
        for (const one of all) {
          one.link.now = 'up';
          one.resume();
        }
        // What is about to be lost is lost by then.
        await clock.advance(15_000);
        const whole = (): boolean =>
          server.holders().join() === 'a,b,c' && all.every(({ elector }) => elector.held().length === 1);
        await clock.advanceUntil(whole, 60_000);
        for (const { stop } of all) stop.abort();
        await clock.advance(5_000);
        await Promise.all(all.map(({ running }) => running));
        expect([server.holders(), clock.pendingTimers]).toEqual([['', '', ''], 0]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
