import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { isConflict } from '../../../src/kubernetes/errors.ts';
import type { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import type { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import { Store } from '../../../src/kubernetes/store.ts';
import type { StoreEntry } from '../../../src/kubernetes/store-entry.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, limits } from '../../support/eventually.ts';
import { apiserverProxy, configMapClient, transportTo } from './support/setup.ts';
import type { ConfigMap } from './support/setup.ts';
import type { TcpProxy } from './support/tcp-proxy.ts';

interface Entry extends StoreEntry {
  readonly value: string;
}

let namespace: string;
let proxy: TcpProxy;
let direct: HttpTransport;
let proxied: HttpTransport;
let others: ResourceClient<ConfigMap>;
let store: Store<ConfigMap, Entry>;
let stop: AbortController;
let running: Promise<void>;
let errors: unknown[];

function newStore(): Store<ConfigMap, Entry> {
  return new Store<ConfigMap, Entry>({
    client: configMapClient(proxied),
    runtime: systemRuntime,
    namespaces: [namespace],
    labelSelector: 'test=store',
    onError: (error) => errors.push(error),
    project: ({ metadata, data }) => ({
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      resourceVersion: metadata.resourceVersion ?? '',
      value: data?.['v'] ?? '',
    }),
    indexers: { value: (entry) => [entry.value] },
  });
}

const configMap = (name: string, value: string): ConfigMap => ({
  metadata: { namespace, name, labels: { test: 'store' } },
  data: { v: value },
});
const values = (): string[] => [...store.values()].map(({ name, value }) => `${name}=${value}`).sort();

/** What the server holds, by a fresh read. */
async function truth(): Promise<string[]> {
  const { items } = await others.list({ namespace, labelSelector: 'test=store' });
  return items.map(({ metadata, data }) => `${metadata.name}=${data?.['v']}`).sort();
}

async function untilTrue(): Promise<void> {
  await eventually(async () => expect(values()).toEqual(await truth()));
}

beforeEach(async () => {
  errors = [];
  namespace = await testCluster().uniqueNamespace('store');
  proxy = await apiserverProxy();
  direct = transportTo();
  proxied = transportTo(proxy.port);
  others = configMapClient(direct);
  store = newStore();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await running;
  await Promise.all([direct.close(), proxied.close()]);
  await proxy.close();
});

const start = async (): Promise<void> => {
  running = store.run(stop.signal);
  await store.synced(AbortSignal.timeout(limits.settled));
};

describe('Store', () => {
  it('lists, follows changes by others, and finds by index', async () => {
    await others.create(configMap('a', '1'));
    await start();
    expect(values()).toEqual(['a=1']);
    await others.create(configMap('b', '2'));
    await others.patch({ namespace, name: 'a' }, { data: { v: '2' } }, { type: 'merge' });
    await untilTrue();
    expect(
      store
        .byIndex('value', '2')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(store.byIndex('value', '1')).toEqual([]);
    await others.delete({ namespace, name: 'a' });
    await untilTrue();
    expect(store.size).toBe(1);
  });

  it('has own writes before the caller does, and tells of each once', async () => {
    await start();
    const told: string[] = [];
    store.onChange((old, now, origin) => told.push(`${old?.value ?? '-'}>${now?.value ?? '-'} ${origin}`));
    const made = await store.create(configMap('own', '1'));
    expect(store.get(namespace, 'own')?.value).toBe('1');
    await store.patch({ namespace, name: 'own' }, { data: { v: '2' } }, { type: 'merge' });
    expect(store.get(namespace, 'own')?.value).toBe('2');
    const stale = {
      namespace,
      name: 'own',
      uid: made.metadata.uid as string,
      resourceVersion: made.metadata.resourceVersion as string,
    };
    const refused = await store.delete(stale).catch((error: unknown) => error);
    expect(isConflict(refused)).toBe(true);
    expect(store.get(namespace, 'own')?.value).toBe('2');
    await store.delete({ ...stale, resourceVersion: store.get(namespace, 'own')?.resourceVersion as string });
    expect(store.get(namespace, 'own')).toBeUndefined();
    await store.delete(stale);
    await others.create(configMap('after', 'x'));
    await untilTrue();
    // Whichever of answer and watch came first, each of the four changes was told of once.
    expect(told.map((line) => line.split(' ')[0])).toEqual(['->1', '1>2', '2>-', '->x']);
  });

  it('asks the server and not its cache whether an object stands', async () => {
    const { metadata } = await others.create({
      ...configMap('owner', '1'),
      metadata: { ...configMap('owner', '1').metadata, finalizers: ['example.com/held'] },
    });
    const owner = { namespace, name: 'owner', uid: metadata.uid as string };
    expect(await store.stands(owner)).toBe(true);
    expect(await store.stands({ ...owner, uid: 'of-another' })).toBe(false);
    expect(await store.stands({ ...owner, name: 'own' })).toBe(false);
    await others.delete({ namespace, name: 'owner' });
    expect(await store.stands(owner)).toBe(false);
    await others.patch({ namespace, name: 'owner' }, { metadata: { finalizers: null } }, { type: 'merge' });
  });

  it('misses nothing when its watch is cut again and again', async () => {
    await start();
    for (let round = 0; round < 6; round++) {
      await others.create(configMap(`r${round}`, 'new'));
      proxy.cut();
      await others.patch({ namespace, name: `r${round}` }, { data: { v: 'changed' } }, { type: 'merge' });
      if (round % 2 === 1) await others.delete({ namespace, name: `r${round - 1}` });
    }
    await untilTrue();
    expect(values()).toEqual(['r1=changed', 'r3=changed', 'r5=changed']);
  });

  it('sees what was deleted while the server could not be reached', async () => {
    await others.create(configMap('a', '1'));
    await others.create(configMap('b', '1'));
    await start();
    proxy.refuse(true);
    proxy.cut();
    await others.delete({ namespace, name: 'a' });
    await others.create(configMap('c', '1'));
    await eventually(() => errors.length > 0);
    expect(values()).toEqual(['a=1', 'b=1']);
    proxy.refuse(false);
    await untilTrue();
  });

  it('pages through more objects than fit one page', async () => {
    await Promise.all(
      Array.from({ length: 620 }, (_, i) => others.create(configMap(`n${i}`, String(i % 7)))),
    );
    await start();
    expect(store.size).toBe(620);
    expect(store.byIndex('value', '3')).toHaveLength(89);
  });
});
