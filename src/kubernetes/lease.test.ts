import { describe, expect, it } from '@jest/globals';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError } from './errors.ts';
import { Lease, leaseResource, type LeaseObject } from './lease.ts';
import { ResourceClient } from './resource-client.ts';
import type { ApiRequest } from './transport.ts';

const requestAnnotation = 'example.dev/requested-by';

function watched() {
  const clock = virtualClock();
  const server = { stored: undefined as LeaseObject | undefined, writes: 0 };
  const transport = {
    request: <T>({ method, body }: ApiRequest): Promise<T> => {
      const problem = { code: 404, reason: 'NotFound', message: '' };
      if (method === 'GET' && !server.stored) return Promise.reject(new ApiError(method, problem));
      if (method !== 'GET') {
        server.stored = body as LeaseObject;
        server.writes++;
      }
      return Promise.resolve(server.stored as T);
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
});
