import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import {
  TransportError,
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
  isUnauthorized,
  isUnknown,
} from '../../../src/kubernetes/errors.ts';
import type { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import type { KubernetesObject, ObjectMeta } from '../../../src/kubernetes/objects.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import type { RequestObservation } from '../../../src/kubernetes/transport.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { apiserverProxy, configMapClient, configMaps, kubeConfig, transportTo } from './support/setup.ts';
import type { ConfigMap } from './support/setup.ts';
import { tcpProxy } from './support/tcp-proxy.ts';
import type { TcpProxy } from './support/tcp-proxy.ts';

let namespace: string;
let proxy: TcpProxy;
let transport: HttpTransport;
let client: ResourceClient<ConfigMap>;
const observed: RequestObservation[] = [];

beforeAll(async () => {
  namespace = await testCluster().uniqueNamespace('transport');
  proxy = await apiserverProxy();
});
afterAll(() => proxy.close());
beforeEach(() => {
  observed.length = 0;
  transport = transportTo(proxy.port, { maxSockets: 4, observe: (one) => observed.push(one) });
  client = configMapClient(transport);
});
afterEach(async () => {
  proxy.refuse(false);
  proxy.stall(false);
  await transport.close();
});

describe('sockets', () => {
  it('200 calls at once share the few sockets that are allowed, and closing leaves none', async () => {
    const before = proxy.accepted;
    await Promise.all(Array.from({ length: 200 }, () => client.list({ namespace })));
    expect(proxy.accepted - before).toBeLessThanOrEqual(4);
    await client.list({ namespace });
    expect(proxy.accepted - before).toBeLessThanOrEqual(4);
    expect(observed).toHaveLength(201);
    expect(observed[0]).toMatchObject({ method: 'GET', resource: 'configmaps', code: '200' });
    await transport.close();
    await expect(client.list({ namespace })).rejects.toThrow(TransportError);
  });

  it('a read is asked again when its connection was cut', async () => {
    await idleSocket();
    const { swallowed } = proxy;
    proxy.stall(true);
    const read = client.list({ namespace });
    await untilTrue(() => proxy.swallowed > swallowed);
    proxy.stall(false);
    proxy.cut();
    expect((await read).items).toBeDefined();
    expect(observed.map(({ code }) => code)).toEqual(['200', '<error>', '200']);
  });

  it('a write is not: it was carried out', async () => {
    await idleSocket();
    const { swallowed } = proxy;
    proxy.stall(true);
    const write = failure(client.create({ metadata: { namespace, name: 'cut' } }));
    await untilTrue(() => proxy.swallowed > swallowed);
    proxy.stall(false);
    proxy.cut();
    expect(await write).toBeInstanceOf(TransportError);
    expect((await client.get({ namespace, name: 'cut' })).metadata.name).toBe('cut');
  });

  it('a write that never found a connection is asked again', async () => {
    const config = kubeConfig(await unusedPort());
    const nowhere = transportTo(undefined, { kubeConfig: config, observe: (one) => observed.push(one) });
    // It gives up by itself after some three seconds: a deadline that fell into a try would be told of instead.
    const write = configMapClient(nowhere).create({ metadata: { namespace, name: 'never' } });
    expect(await failure(write)).toMatchObject({
      name: 'TransportError',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(observed.length).toBeGreaterThan(1);
    await nowhere.close();
  });

  it('a call without an answer ends at its deadline, and says so', async () => {
    await client.list({ namespace });
    proxy.stall(true);
    await expect(client.list({ namespace, deadlineMs: 200 })).rejects.toMatchObject({
      name: 'TransportError',
      timedOut: true,
      message: `GET /api/v1/namespaces/${namespace}/configmaps: no answer within 200 ms`,
    });
  });

  it('a caller who gives up gets his own reason', async () => {
    const stop = new AbortController();
    proxy.stall(true);
    const read = client.list({ namespace, signal: stop.signal });
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(read).rejects.toBe(reason);
  });
});

describe('errors by meaning', () => {
  it('not found, already exists, conflict, invalid, unauthorised', async () => {
    expect(isNotFound(await failure(client.get({ namespace, name: 'none' })))).toBe(true);
    const made = await client.create({ metadata: { namespace, name: 'one' }, data: { a: '1' } });
    const again = client.create({ metadata: { namespace, name: 'one' } });
    const taken = await failure(again);
    expect([isAlreadyExists(taken), isConflict(taken)]).toEqual([true, false]);
    await client.replace({ ...made, data: { a: '2' } });
    expect(isConflict(await failure(client.replace({ ...made, data: { a: '3' } })))).toBe(true);
    expect(isInvalid(await failure(client.create({ metadata: { namespace, name: 'No_Good' } })))).toBe(true);

    const config = kubeConfig();
    config.users = config.users.map(({ name }) => ({ name, token: 'wrong' }));
    const stranger = transportTo(undefined, { kubeConfig: config });
    expect(isUnauthorized(await failure(configMapClient(stranger).list({ namespace })))).toBe(true);
    await stranger.close();
  });

  it('a kind that is not installed, in a group that is and in one that is not', async () => {
    const asked = async (group: string): Promise<unknown> => {
      const resource = { group, version: 'v1', plural: 'nothings', kind: 'Nothing', namespaced: true };
      return failure(new ResourceClient({ transport, resource, fieldManager: 'test' }).list({ namespace }));
    };
    const [here, nowhere] = [await asked('apps'), await asked('none.example')];
    expect([here, nowhere].map(isUnknown)).toEqual([true, true]);
    expect([here, nowhere].map(isNotFound)).toEqual([true, false]);
  });

  it('delete holds only for the object and version that were meant', async () => {
    const made = await client.create({ metadata: { namespace, name: 'victim' } });
    const ref = { namespace, name: 'victim' };
    const uid = made.metadata.uid as string;
    expect(
      isConflict(await failure(client.delete(ref, { uid: '00000000-0000-0000-0000-000000000000' }))),
    ).toBe(true);
    expect(isConflict(await failure(client.delete(ref, { uid, resourceVersion: '1' })))).toBe(true);
    const { resourceVersion } = made.metadata;
    expect(await client.delete(ref, { uid, resourceVersion })).toEqual({ gone: true });
    expect(isNotFound(await failure(client.delete(ref, { uid })))).toBe(true);
  });

  it('delete of what a finalizer holds gives back the object', async () => {
    await client.create({ metadata: { namespace, name: 'held', finalizers: ['example.dev/hold'] } });
    const answer = await client.delete({ namespace, name: 'held' });
    expect(answer).toMatchObject({ gone: false, object: { metadata: { name: 'held' } } });
    const patch = { metadata: { finalizers: null } };
    await client.patch({ namespace, name: 'held' }, patch, { type: 'merge' });
  });
});

describe('writes', () => {
  it('name their manager, and each patch its kind', async () => {
    await client.create({ metadata: { namespace, name: 'patched' }, data: { a: '1' } });
    const ref = { namespace, name: 'patched' };
    await client.patch(ref, { data: { b: '2' } }, { type: 'merge' });
    await client.patch(
      ref,
      [
        { op: 'test', path: '/data/b', value: '2' },
        { op: 'remove', path: '/data/b' },
      ],
      { type: 'json' },
    );
    const applied = await client.patch(ref, { data: { c: '3' } }, { type: 'apply' });
    expect(applied.data).toEqual({ a: '1', c: '3' });
    const managers = applied.metadata.managedFields?.map(
      ({ manager, operation }) => `${manager} ${operation}`,
    );
    expect(new Set(managers)).toEqual(new Set(['integration-test Update', 'integration-test Apply']));
  });

  it('are refused before they are sent where they are not admitted; reads are not', async () => {
    const guarded = new ResourceClient<ConfigMap>({
      transport,
      resource: configMaps,
      fieldManager: 'x',
      writeDeadlineMs: 1234,
      admitWrite: (deadlineMs) => {
        throw new Error(`not for ${deadlineMs} ms`);
      },
    });
    await expect(guarded.create({ metadata: { namespace, name: 'refused' } })).rejects.toThrow(
      'not for 1234 ms',
    );
    expect(observed).toEqual([]);
    await guarded.list({ namespace });
  });
});

interface Widget extends KubernetesObject {
  spec?: { size: number };
  status?: unknown;
}

describe('replaceStatus', () => {
  const widgets = {
    group: 'engine.example.dev',
    version: 'v1',
    plural: 'widgets',
    kind: 'Widget',
    namespaced: true,
  };

  it('takes the status alone: spec and labels need not be sent and stay, pruned fields show in the answer', async () => {
    const { code, stderr } = await testCluster().kubectl(['apply', '-f', '-'], widgetCrd);
    expect([code, stderr]).toEqual([0, '']);
    await testCluster().kubectl(['wait', '--for=condition=Established', 'crd/widgets.engine.example.dev']);
    const api = new ResourceClient<Widget>({
      transport,
      resource: widgets,
      fieldManager: 'integration-test',
    });
    // What is established is served a moment later.
    const made = await eventually(() =>
      api.create({
        metadata: { namespace, name: 'w', labels: { keep: 'me' } },
        spec: { size: 3 },
      }),
    );
    const { name, resourceVersion, uid } = made.metadata as Required<
      Pick<ObjectMeta, 'name' | 'resourceVersion' | 'uid'>
    >;
    const written = await api.replaceStatus({
      metadata: { namespace, name, resourceVersion, uid },
      status: { phase: 'Running', unknown: true },
    });
    expect(written.status).toEqual({ phase: 'Running' });
    expect(written.spec).toEqual({ size: 3 });
    expect(written.metadata.labels).toEqual({ keep: 'me' });
    const stale = api.replaceStatus({
      metadata: { namespace, name, resourceVersion },
      status: { phase: 'Old' },
    });
    expect(isConflict(await failure(stale))).toBe(true);
    const current = { namespace, name, resourceVersion: written.metadata.resourceVersion as string };
    const otherUid = { ...current, uid: '00000000-0000-0000-0000-000000000000' };
    expect(isConflict(await failure(api.replaceStatus({ metadata: otherUid, status: {} })))).toBe(true);
    const same = await api.replaceStatus({ metadata: current, status: { phase: 'Running' } });
    expect(same.metadata.resourceVersion).toBe(current.resourceVersion);
  });
});

const widgetCrd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.engine.example.dev }
spec:
  group: engine.example.dev
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget, listKind: WidgetList }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { size: { type: integer } } }
            status: { type: object, properties: { phase: { type: string } } }
`;

/** A request behind us and its socket free again. */
async function idleSocket(): Promise<void> {
  await client.list({ namespace });
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  observed.splice(0, observed.length - 1);
}

async function unusedPort(): Promise<number> {
  const listener = await tcpProxy({ host: '127.0.0.1', port: 1 });
  await listener.close();
  return listener.port;
}

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => 'it succeeded',
    (error: unknown) => ({ error }),
  );
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome.error;
}
