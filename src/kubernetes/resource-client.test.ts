import { describe, expect, it } from '@jest/globals';

import { CallGate } from './call-gate.ts';
import type { KubernetesObject } from './objects.ts';
import { ResourceClient, type ResourceClientOptions } from './resource-client.ts';
import type { ApiRequest, Transport } from './transport.ts';

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** A server that answers when it is told to, and what reached it. */
function client(options: Partial<ResourceClientOptions>) {
  const reached: { readonly what: string; answer(): void; refuse(error: Error): void }[] = [];
  const transport: Transport = {
    request: <T>({ method, path }: ApiRequest) =>
      new Promise<T>((resolve, reject) => {
        const object = { metadata: { name: 'a', namespace: 'ns', resourceVersion: '1' } } as T;
        reached.push({ what: `${method} ${path}`, answer: () => resolve(object), refuse: reject });
      }),
    stream: () => Promise.reject(new Error('not to be called')),
  };
  return {
    reached,
    client: new ResourceClient<KubernetesObject>({
      transport,
      resource: { group: '', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true },
      fieldManager: 'test',
      ...options,
    }),
  };
}
const named = (name: string) => ({ metadata: { namespace: 'ns', name } }) as KubernetesObject;

describe('writes under a gate', () => {
  it('wait for each other, and reads do not wait', async () => {
    const { client: things, reached } = client({ writeGate: new CallGate(() => 1) });
    const first = things.create(named('a'));
    const second = things.delete({ namespace: 'ns', name: 'b' });
    const read = things.get({ namespace: 'ns', name: 'c' });
    await settle();
    const what = (): string[] => reached.map((one) => one.what);
    expect(what()).toEqual(['GET /api/v1/namespaces/ns/things/c', 'POST /api/v1/namespaces/ns/things']);
    for (const { answer } of reached) answer();
    await Promise.all([first, read]);
    await settle();
    expect(what()[2]).toBe('DELETE /api/v1/namespaces/ns/things/b');
    reached[2]?.answer();
    await second;
  });

  it('give their place back when they fail', async () => {
    const gate = new CallGate(() => 1);
    const { client: things, reached } = client({ writeGate: gate });
    const write = things.create(named('a'));
    await settle();
    reached[0]?.refuse(new Error('no'));
    await expect(write).rejects.toThrow('no');
    expect(gate.inFlight).toBe(0);
  });

  it('are admitted when their turn comes, not when they began to wait', async () => {
    let leading = true;
    const gate = new CallGate(() => 1);
    const { client: things, reached } = client({
      writeGate: gate,
      admitWrite: () => {
        if (!leading) throw new Error('the lease is lost');
      },
    });
    const first = things.create(named('a'));
    const second = things.create(named('b'));
    await settle();
    leading = false;
    reached[0]?.answer();
    await first;
    await expect(second).rejects.toThrow('the lease is lost');
    expect([reached.length, gate.inFlight]).toEqual([1, 0]);
  });
});
