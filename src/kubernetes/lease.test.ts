import { describe, expect, it } from '@jest/globals';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError } from './errors.ts';
import { Lease, leaseResource, type LeaseObject } from './lease.ts';
import { ResourceClient } from './resource-client.ts';
import { sleep } from './runtime.ts';
import type { ApiRequest } from './transport.ts';

const requestAnnotation = 'example.dev/requested-by';

function watched() {
  const clock = virtualClock();
  const server = {
    stored: undefined as LeaseObject | undefined,
    writes: 0,
    latencyMs: 0,
    /** What somebody writes just before the next write comes. */
    overtakenBy: undefined as LeaseObject | undefined,
  };
  const problem = (code: number, reason: string): ApiError =>
    new ApiError('PUT', { code, reason, message: '' });
  const answer = ({ method, body }: ApiRequest): LeaseObject => {
    if (method === 'GET' && !server.stored) throw problem(404, 'NotFound');
    if (method === 'GET') return server.stored as LeaseObject;
    if (server.overtakenBy) {
      server.stored = server.overtakenBy;
      server.overtakenBy = undefined;
      throw problem(409, 'Conflict');
    }
    server.writes++;
    server.stored = body as LeaseObject;
    return server.stored;
  };
  const transport = {
    request: async <T>(request: ApiRequest): Promise<T> => {
      if (server.latencyMs > 0) await sleep(clock, server.latencyMs);
      return answer(request) as T;
    },
    stream: () => Promise.reject(new Error('not here')),
  };
  const lease = new Lease({
    client: new ResourceClient({ transport, resource: leaseResource, fieldManager: 'me' }),
    namespace: 'ns',
    name: 'l',
    identity: 'me',
    clock,
    durationMs: 15_000,
    requestAnnotation,
  });
  return { clock, lease, server };
}

const record = (version: number, renewTime: string, requestedBy?: string): LeaseObject => ({
  metadata: {
    name: 'l',
    resourceVersion: String(version),
    ...(requestedBy !== undefined && { annotations: { [requestAnnotation]: requestedBy, kept: 'yes' } }),
  },
  spec: { holderIdentity: 'other', leaseDurationSeconds: 15, renewTime },
});

describe('Lease, as one sees it that watches', () => {
  it('is free when its holder has let it run out, and a request for it is no sign of life of his', async () => {
    const { clock, lease } = watched();
    lease.observe(record(9, 'first'));
    await clock.advance(14_999);
    lease.observe(record(10, 'first', 'me'));
    expect([lease.freeSince, lease.requestedBy]).toEqual([undefined, 'me']);
    await clock.advance(1);
    expect(lease.freeSince).toBe(15_000);
    lease.observe(record(11, 'second', 'me'));
    expect(lease.freeSince).toBeUndefined();
  });

  it('does not go back to an older record', () => {
    const { lease } = watched();
    lease.observe(record(10, 'second', 'me'));
    lease.observe(record(9, 'first'));
    expect(lease.requestedBy).toBe('me');
  });

  it('is not taken from one who may not know yet that somebody deleted it', async () => {
    const { clock, lease, server } = watched();
    lease.observe(record(9, 'first'));
    expect([await lease.acquireOrRenew(1_000), server.writes]).toEqual([false, 0]);
    await clock.advance(15_000);
    expect(await lease.acquireOrRenew(1_000)).toBe(true);
  });

  it('loses the request for it, and no other annotation, when it is taken', async () => {
    const { clock, lease, server } = watched();
    server.stored = record(9, 'first', 'me');
    lease.observe(server.stored);
    await clock.advance(15_000);
    expect(await lease.acquireOrRenew(1_000)).toBe(true);
    expect(server.stored.metadata.annotations).toEqual({ kept: 'yes' });
  });

  it('asks on the record that was seen', async () => {
    const { lease, server } = watched();
    await lease.request(1_000);
    expect(server.writes).toBe(0);
    lease.observe(record(9, 'first'));
    await lease.request(1_000);
    expect(server.stored?.metadata).toEqual({
      name: 'l',
      resourceVersion: '9',
      annotations: { [requestAnnotation]: 'me' },
    });
    expect(server.stored?.spec?.holderIdentity).toBe('other');
  });

  it('is held from when it was asked for, not from when the answer came', async () => {
    const { clock, lease, server } = watched();
    server.latencyMs = 3_000;
    void lease.acquireOrRenew(5_000);
    // The record is looked for first, and then made.
    await clock.advance(6_000);
    expect([lease.mine, lease.validUntil]).toEqual([true, 15_000]);
  });

  it('is released though somebody asked for it meanwhile, and not where another has taken it', async () => {
    const { lease, server } = watched();
    await lease.acquireOrRenew(1_000);
    const asked = structuredClone(server.stored as LeaseObject);
    server.overtakenBy = { ...asked, metadata: { ...asked.metadata, resourceVersion: '2' } };
    await lease.release(1_000);
    expect(server.stored?.spec?.holderIdentity).toBe('');

    await lease.acquireOrRenew(1_000);
    server.overtakenBy = record(9, 'first');
    await lease.release(1_000);
    expect(server.stored?.spec?.holderIdentity).toBe('other');
  });
});
