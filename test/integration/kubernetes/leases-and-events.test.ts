import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { eventResource } from '../../../src/kubernetes/event-object.ts';
import type { EventNote, EventObject } from '../../../src/kubernetes/event-object.ts';
import { EventRecorder } from '../../../src/kubernetes/event-recorder.ts';
import type { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import { LeaderElector, LeaseLost } from '../../../src/kubernetes/leader-elector.ts';
import { Lease, leaseResource } from '../../../src/kubernetes/lease.ts';
import type { LeaseObject } from '../../../src/kubernetes/lease.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, limits } from '../../support/eventually.ts';
import { apiserverProxy, transportTo } from './support/setup.ts';

let namespace: string;
let transport: HttpTransport;

beforeEach(async () => {
  namespace = await testCluster().uniqueNamespace('lease');
  transport = transportTo();
});
afterEach(() => transport.close());

describe('leader election', () => {
  const leaseClient = (over: HttpTransport): ResourceClient<LeaseObject> =>
    new ResourceClient<LeaseObject>({
      transport: over,
      resource: leaseResource,
      fieldManager: 'integration-test',
    });

  function contender(identity: string, { over = transport, durationMs = 15_000 } = {}) {
    const lease = new Lease({
      client: leaseClient(over),
      namespace,
      name: 'one',
      identity,
      clock: systemRuntime,
      durationMs,
    });
    const stop = new AbortController();
    const elector: LeaderElector = new LeaderElector({
      lease,
      runtime: systemRuntime,
      renewDeadlineMs: durationMs / 2,
      retryPeriodMs: 200,
      lead: (signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    });
    const ended = elector.run(stop.signal).then(
      () => 'stopped',
      (error: unknown) => error,
    );
    return { elector, stop, ended };
  }

  it('one leads; released on stop, the other takes over at once and counts the transition', async () => {
    const a = contender('a');
    await eventually(() => a.elector.isLeader());
    const b = contender('b');
    expect(b.elector.isLeader()).toBe(false);
    a.stop.abort();
    expect(await a.ended).toBe('stopped');
    await eventually(() => b.elector.isLeader());
    const stored = await leaseClient(transport).get({ namespace, name: 'one' });
    expect(stored.spec).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 15 });
    expect(stored.spec?.leaseTransitions).toBeGreaterThanOrEqual(1);
    expect(stored.spec?.renewTime).toMatch(/\.\d{6}Z$/);
    b.stop.abort();
    await b.ended;
    expect((await leaseClient(transport).get({ namespace, name: 'one' })).spec?.holderIdentity).toBe('');
  });

  it('a leader cut off from the apiserver gives up before another can have taken over', async () => {
    const proxy = await apiserverProxy();
    const cutOff = transportTo(proxy.port);
    // One that runs out within the test.
    const durationMs = 4_000;
    const a = contender('a', { over: cutOff, durationMs });
    await eventually(() => a.elector.isLeader());
    const b = contender('b', { durationMs });
    let both = 0;
    let looking = true;
    const look = (async () => {
      while (looking) {
        if (a.elector.isLeader() && b.elector.isLeader()) both++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    proxy.refuse(true);
    proxy.cut();
    expect(await a.ended).toBeInstanceOf(LeaseLost);
    expect(() => a.elector.admit(1)).toThrow('does not hold the lease');
    await eventually(() => b.elector.isLeader());
    looking = false;
    await look;
    expect(both).toBe(0);
    expect(() => b.elector.admit(60_000)).toThrow('before a write that may take 60000 ms');
    b.stop.abort();
    await b.ended;
    await cutOff.close();
    await proxy.close();
  });
});

describe('events', () => {
  it('are written, counted in a series, cut to size, and shown by kubectl', async () => {
    const client = new ResourceClient<EventObject>({
      transport,
      resource: eventResource,
      fieldManager: 'integration-test',
    });
    const dropped: unknown[] = [];
    const recorder = new EventRecorder({
      client,
      runtime: systemRuntime,
      reportingController: 'example.dev/engine-test',
      reportingInstance: 'engine-test-0',
      onDropped: (...what) => dropped.push(what),
    });
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'about', uid: 'u-1' };
    const event: EventNote = {
      regarding,
      type: 'Warning',
      reason: 'Tried',
      action: 'Try',
      note: 'it did not work',
    };
    recorder.record(event);
    recorder.record(event);
    recorder.record(event);
    recorder.record({ ...event, reason: 'Long', note: 'é'.repeat(2_000) });
    recorder.record({ ...event, regarding: { ...regarding, namespace: 'does-not-exist' } });
    await recorder.stop(limits.settled);
    recorder.record({ ...event, reason: 'TooLate' });
    const { items } = await client.list({ namespace });
    expect(items.map(({ reason, series }) => [reason, series?.count]).sort()).toEqual([
      ['Long', undefined],
      ['Tried', 3],
    ]);
    expect(dropped).toHaveLength(1);
    const { stdout } = await testCluster().kubectl(['get', 'events', '-n', namespace]);
    expect(stdout).toContain('it did not work');
  });
});
