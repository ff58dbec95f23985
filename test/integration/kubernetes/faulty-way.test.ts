import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { secretReader, secretResource } from '../../../src/cli/assembly/cluster-ports.ts';
import type { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import { Store } from '../../../src/kubernetes/store.ts';
import type { StoreEntry } from '../../../src/kubernetes/store-entry.ts';
import type { RequestObservation } from '../../../src/kubernetes/transport.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, limits } from '../../support/eventually.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { json, page, status, trouble } from './support/answers.ts';
import { faultyWay, type FaultyWay } from './support/faulty-way.ts';
import { configMapClient, transportTo, type ConfigMap } from './support/setup.ts';

let way: FaultyWay;
let namespace: string;
let transport: HttpTransport;
let client: ResourceClient<ConfigMap>;
let direct: HttpTransport;
let people: ResourceClient<ConfigMap>;
const observed: RequestObservation[] = [];

beforeAll(async () => {
  way = await faultyWay();
  namespace = await testCluster().uniqueNamespace('faulty-way');
  direct = transportTo();
  people = configMapClient(direct);
});
afterAll(async () => {
  await direct.close();
  await way.close();
});
beforeEach(() => {
  observed.length = 0;
  transport = transportTo(undefined, {
    kubeConfig: way.config,
    maxSockets: 4,
    maxResponseBytes: 8 << 20,
    observe: (one) => observed.push(one),
  });
  client = configMapClient(transport);
});
afterEach(async () => {
  way.proxy.set(undefined);
  await transport.close();
  // Nothing is left open by whatever happened.
  await eventually(() => way.proxy.open === 0);
});

describe('a call', () => {
  it('that is told to wait by a 429 waits, and is then carried out once', async () => {
    const busy: Fault = { is: 'answer', status: 429, headers: { ...json, 'retry-after': '1' }, body: '{}' };
    let told = 0;
    way.proxy.set(() => (told++ === 0 ? busy : undefined));
    const asked = systemRuntime.monotonic();
    await client.create({ metadata: { namespace, name: 'waited' } });
    expect(systemRuntime.monotonic() - asked).toBeGreaterThanOrEqual(1_000);
    expect(observed.map(({ code }) => code)).toEqual(['429', '201']);
  });

  it('whose answer is too large to be one fails, and is not asked again', async () => {
    const mebibyte = 'x'.repeat(1 << 20);
    function* endless(): Generator<string> {
      for (;;) yield mebibyte;
    }
    way.proxy.set(() => ({ is: 'answer', status: 200, headers: json, body: endless() }));
    await expect(client.list({ namespace })).rejects.toMatchObject({ name: 'TransportError' });
    expect(observed).toHaveLength(1);
  });

  it('for a Secret says that there is none, or no right to it, in the words of the apiserver only', async () => {
    const secrets = secretReader(
      new ResourceClient({ transport, resource: secretResource, fieldManager: 'integration-test' }),
    );
    const read = (): Promise<unknown> => secrets.read(namespace, 'none', new AbortController().signal);
    expect(await read()).toBeUndefined();
    for (const code of [401, 403, 404]) {
      way.proxy.set(() => page(code));
      await expect(read()).rejects.toMatchObject({ name: 'TransportError', code });
    }
  });

  it('that takes too long ends at its deadline; one that is given up, at once; neither keeps a socket', async () => {
    await client.list({ namespace });
    way.proxy.set(() => ({ is: 'slow', ms: 30_000 }));
    const stop = new AbortController();
    const late = Array.from({ length: 10 }, () => client.list({ namespace, deadlineMs: 300 }));
    const dropped = Array.from({ length: 10 }, () => client.list({ namespace, signal: stop.signal }));
    stop.abort(new Error('enough'));
    const outcomes = await Promise.allSettled([...late, ...dropped]);
    const why = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? String(outcome.reason) : 'it came',
    );
    expect(why.filter((each) => each.includes('no answer within 300 ms'))).toHaveLength(10);
    expect(why.filter((each) => each === 'Error: enough')).toHaveLength(10);
    await eventually(() => way.proxy.open <= 4);
    way.proxy.set(undefined);
    await client.list({ namespace });
  });

  it('on a watch that nobody reads on leaves no socket', async () => {
    await people.create({ metadata: { namespace, name: 'watched' } });
    for (let watch = 0; watch < 10; watch++) {
      for await (const chunk of await client.watch({ namespace, resourceVersion: '0', timeoutSeconds: 60 })) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    }
    await eventually(() => way.proxy.open === 0);
  });
});

interface Entry extends StoreEntry {
  readonly value: string;
}

describe('a store', () => {
  let store: Store<ConfigMap, Entry>;
  let stop: AbortController;
  let running: Promise<void>;
  let fast: HttpTransport;
  let errors: string[];
  let changes: string[];

  beforeEach(async () => {
    // A watch is taken for dead after 330 to 630 s; here a hundredth of that.
    const runtime = fastRuntime({ speed: 100 });
    fast = transportTo(undefined, { kubeConfig: way.config, runtime });
    errors = [];
    changes = [];
    stop = new AbortController();
    store = new Store<ConfigMap, Entry>({
      client: configMapClient(fast),
      runtime,
      namespaces: [namespace],
      labelSelector: 'test=faulty-way',
      onError: (error) => errors.push(String(error)),
      project: ({ metadata, data }) => ({
        namespace: metadata.namespace ?? '',
        name: metadata.name ?? '',
        uid: metadata.uid ?? '',
        resourceVersion: metadata.resourceVersion ?? '',
        value: data?.['v'] ?? '',
      }),
    });
    store.onChange((old, now) => changes.push(`${old?.value ?? '-'}>${now?.value ?? '-'}`));
    running = store.run(stop.signal);
    await store.synced(AbortSignal.timeout(limits.settled));
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await fast.close();
  });

  const put = async (name: string, v: string): Promise<unknown> => {
    const object = { metadata: { namespace, name, labels: { test: 'faulty-way' } }, data: { v } };
    return v === '1'
      ? people.create(object)
      : people.patch({ namespace, name }, { data: { v } }, { type: 'merge' });
  };
  const holds = (name: string, v: string): Promise<unknown> =>
    eventually(() => expect(store.get(namespace, name)?.value).toBe(v));

  it('is not misled by events that come twice and out of order', async () => {
    way.proxy.set(({ watch }) => (watch ? { is: 'again' } : undefined));
    for (const v of ['1', '2', '3', '4']) await put('again', v);
    await holds('again', '4');
    await people.delete({ namespace, name: 'again' });
    await eventually(() => expect(store.get(namespace, 'again')).toBeUndefined());
    await put('marker', '1');
    await holds('marker', '1');
    expect(store.get(namespace, 'again')).toBeUndefined();
    expect(changes).toEqual(['->1', '1>2', '2>3', '3>4', '4>-', '->1']);
  });

  const deletion = (answer: Fault): void =>
    way.proxy.set(({ method }) => (method === 'DELETE' ? answer : undefined));
  const target = (name: string) => store.get(namespace, name) as Entry;

  it('keeps what a page of HTML with 404 does not find', async () => {
    await put('stays', '1');
    await holds('stays', '1');
    deletion(page(404));
    await expect(store.delete(target('stays'))).rejects.toMatchObject({ name: 'TransportError' });
    expect(store.get(namespace, 'stays')?.value).toBe('1');
    way.proxy.set(undefined);
    await put('stays', '2');
    await holds('stays', '2');
    await store.delete(target('stays'));
    expect(await people.list({ namespace, fieldSelector: 'metadata.name=stays' })).toMatchObject({
      items: [],
    });
  });

  it('has again what it was wrongly told is gone, with the next list', async () => {
    await put('there', '1');
    await holds('there', '1');
    deletion(trouble(404, 'NotFound'));
    await store.delete(target('there'));
    expect(store.get(namespace, 'there')).toBeUndefined();
    const expired = `{"type":"ERROR","object":${status(410, 'Expired')}}\n`;
    way.proxy.set(({ watch }) => (watch ? { is: 'says', chunks: [expired] } : undefined));
    await put('there', '2');
    await holds('there', '2');
  });

  it('notices a watch that is stuck, and misses nothing of what it kept back', async () => {
    await put('stuck', '1');
    await holds('stuck', '1');
    const said = way.proxy.done['says'] ?? 0;
    way.proxy.set(({ watch }) => (watch ? { is: 'says', chunks: [] } : undefined));
    await put('stuck', '2');
    await eventually(() => (way.proxy.done['says'] ?? 0) > said);
    way.proxy.set(undefined);
    await holds('stuck', '2');
    expect(errors.join()).toContain('taken for dead');
  });
});
