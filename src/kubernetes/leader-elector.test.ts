import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import type { VirtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError, TransportError } from './errors.ts';
import { LeaderElector, LeaseLost, NotLeader } from './leader-elector.ts';
import { Lease, leaseResource } from './lease.ts';
import type { LeaseObject } from './lease.ts';
import { ResourceClient } from './resource-client.ts';
import type { ApiRequest, Transport } from './transport.ts';

const notFound = new ApiError('GET', { code: 404, reason: 'NotFound', message: '' });
const conflict = (reason: string): ApiError => new ApiError('PUT', { code: 409, reason, message: '' });

/** One Lease with a server's optimistic concurrency. */
class LeaseServer {
  stored: LeaseObject | undefined;
  #version = 0;

  handle(request: ApiRequest): LeaseObject {
    const body = structuredClone(request.body) as LeaseObject;
    if (request.method === 'POST' && this.stored) throw conflict('AlreadyExists');
    if (request.method !== 'POST' && !this.stored) throw notFound;
    if (request.method === 'GET') return structuredClone(this.stored as LeaseObject);
    if (request.method === 'PUT' && body.metadata.resourceVersion !== this.stored?.metadata.resourceVersion) {
      throw conflict('Conflict');
    }
    this.stored = { ...body, metadata: { ...body.metadata, resourceVersion: String(++this.#version) } };
    return structuredClone(this.stored);
  }
}

/** How a contender reaches the server: `lost` does not get there, `deaf` gets there and the answer does not come back. */
type Link = 'up' | 'lost' | 'deaf';

function contender(identity: string, server: LeaseServer, clock: VirtualClock, skewMs = 0) {
  const link = { now: 'up' as Link };
  const transport: Transport = {
    request: async <T>(request: ApiRequest): Promise<T> => {
      if (link.now === 'lost') throw new TransportError('cut');
      const answer = server.handle(request);
      if (link.now === 'deaf') throw new TransportError('cut');
      return answer as T;
    },
    stream: () => Promise.reject(new Error('not here')),
  };
  const skewed = { ...clock, now: () => clock.now() + skewMs };
  const stop = new AbortController();
  const told: boolean[] = [];
  const ends = { result: undefined as unknown, finishWork: () => undefined as void };
  const lease = new Lease({
    client: new ResourceClient({ transport, resource: leaseResource, fieldManager: identity }),
    namespace: 'ns',
    name: 'l',
    identity,
    clock: skewed,
    durationMs: 15_000,
  });
  const elector = new LeaderElector({
    lease,
    runtime: skewed,
    onLeading: (leading) => told.push(leading),
    lead: (signal) =>
      new Promise((resolve) => {
        ends.finishWork = resolve;
        signal.addEventListener('abort', () => clock.timer(500, resolve), { once: true });
      }),
  });
  const running = elector.run(stop.signal).then(
    () => (ends.result = 'ended'),
    (error: unknown) => (ends.result = error),
  );
  return { elector, link, stop, told, ends, running };
}

describe('LeaderElector', () => {
  it('takes a free lease at once, and writes what client-go writes', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = contender('a', server, clock);
    await clock.settle();
    expect(a.elector.isLeader()).toBe(true);
    expect(server.stored?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    await clock.advance(10_000);
    expect(server.stored?.spec).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:10.000000Z',
    });
    a.stop.abort();
    await clock.advance(1_000);
    expect([server.stored?.spec?.holderIdentity, a.ends.result, a.told]).toEqual([
      '',
      'ended',
      [true, false],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('another takes over a silent holder after the lease has run out on its own clock, however wrong the wall clocks', async () => {
    for (const skewMs of [0, 3_600_000, -3_600_000]) {
      const clock = virtualClock();
      const server = new LeaseServer();
      const a = contender('a', server, clock);
      await clock.settle();
      const b = contender('b', server, clock, skewMs);
      await clock.advance(60_000);
      expect(b.elector.isLeader()).toBe(false);
      a.link.now = 'lost';
      const cutAt = clock.monotonic();
      await clock.advanceUntil(() => b.elector.isLeader());
      expect(a.ends.result).toBeInstanceOf(LeaseLost);
      expect(clock.monotonic() - cutAt).toBeGreaterThan(10_000);
      expect(clock.monotonic() - cutAt).toBeLessThan(15_000 + 2 * 4_400);
      expect(server.stored?.spec?.leaseTransitions).toBe(1);
      b.stop.abort();
      await clock.advance(1_000);
    }
  });

  it('loses at once to one who has taken the lease', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = contender('a', server, clock);
    await clock.settle();
    server.handle({
      method: 'PUT',
      path: '',
      body: { ...server.stored, spec: { holderIdentity: 'thief', leaseDurationSeconds: 15 } },
    });
    await clock.advance(3_000);
    expect(a.ends.result).toEqual(new LeaseLost('the lease was taken by "thief"'));
    expect(server.stored?.spec?.holderIdentity).toBe('thief');
  });

  it('survives a short loss of contact, and a renewal whose answer was lost', async () => {
    const clock = virtualClock();
    const a = contender('a', new LeaseServer(), clock);
    await clock.settle();
    for (const trouble of ['lost', 'deaf'] as const) {
      a.link.now = trouble;
      await clock.advance(7_000);
      a.link.now = 'up';
      await clock.advance(5_000);
      expect(a.elector.isLeader()).toBe(true);
    }
    expect(a.told).toEqual([true]);
    a.stop.abort();
    await clock.advance(1_000);
  });

  it('admits only what the lease outlives', async () => {
    const clock = virtualClock();
    const a = contender('a', new LeaseServer(), clock);
    expect(() => a.elector.admit(0)).toThrow(NotLeader);
    await clock.settle();
    a.elector.admit(15_000);
    expect(() => a.elector.admit(15_001)).toThrow(
      'the lease ends in 15000 ms, before a write that may take 15001 ms',
    );
    a.link.now = 'lost';
    await clock.advance(9_000);
    expect(() => a.elector.admit(8_000)).toThrow(NotLeader);
    a.stop.abort();
    await clock.advance(30_000);
  });

  it('releases when the work ends by itself, and hands on what the work threw', async () => {
    const clock = virtualClock();
    const server = new LeaseServer();
    const a = contender('a', server, clock);
    await clock.settle();
    a.ends.finishWork();
    await clock.advance(1);
    expect([server.stored?.spec?.holderIdentity, a.ends.result]).toEqual(['', 'ended']);
  });

  it('never two at once: three contenders, any loss of contact, any skew', async () => {
    const trouble = fc.record({
      who: fc.nat(2),
      link: fc.constantFrom<Link>('up', 'lost', 'deaf'),
      forMs: fc.integer({ min: 100, max: 25_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(trouble, { maxLength: 8 }), fc.integer(), async (troubles, seed) => {
        const clock = virtualClock({ seed });
        const server = new LeaseServer();
        const all = ['a', 'b', 'c'].map((name, i) => contender(name, server, clock, (i - 1) * 86_400_000));
        for (const { who, link, forMs } of troubles) {
          (all[who] as (typeof all)[number]).link.now = link;
          for (let passed = 0; passed < forMs; passed += 1_000) {
            await clock.advance(1_000);
            expect(all.filter(({ elector }) => elector.isLeader()).length).toBeLessThanOrEqual(1);
          }
        }
        for (const { stop, link } of all) {
          link.now = 'up';
          stop.abort();
        }
        await clock.advance(5_000);
        await Promise.all(all.map(({ running }) => running));
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });
});
