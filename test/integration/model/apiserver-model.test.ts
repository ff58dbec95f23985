/** The simulation's apiserver against a real one: the same random operations on both, and the same answers. */
import { isDeepStrictEqual } from 'node:util';

import { afterAll, describe, expect, it } from '@jest/globals';

import { readAnswer } from '../../../src/kubernetes/answer.ts';
import { jsonLines } from '../../../src/kubernetes/json-lines.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import type { ApiRequest, Transport } from '../../../src/kubernetes/transport.ts';
import { Apiserver } from '../../simulation/apiserver/apiserver.ts';
import { drawsOf } from '../../simulation/draws.ts';
import { testCluster } from '../../support/control-plane.ts';
import { transportTo } from '../kubernetes/support/setup.ts';
import { randomOperation } from './operations.ts';
import { resourcesUnderTest, Side, type SeenChange } from './side.ts';

const rounds = 6;
const operationsEach = 50;

/** The model without a network between. */
function modelTransport(apiserver: Apiserver): Transport {
  return {
    request: async <T>({ method, path, query = {}, body }: ApiRequest) => {
      const given = Object.entries(query).filter(([, value]) => value !== undefined);
      const answer = apiserver.handle({
        method,
        path,
        query: new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])),
        ...(body !== undefined && { body: JSON.parse(JSON.stringify(body)) as unknown }),
      });
      const raw = { code: answer.code, contentType: 'application/json', retryAfter: undefined };
      return readAnswer(`${method} ${path}`, { ...raw, body: JSON.stringify(answer.body) }, 0) as T;
    },
    stream: () => Promise.reject(new Error('the model is watched in its storage')),
  };
}

describe('the model of the apiserver', () => {
  const transport = transportTo();
  const namespaces: string[] = [];
  const newNamespace = async (): Promise<string> => {
    const name = await testCluster().uniqueNamespace('model');
    namespaces.push(name);
    return name;
  };
  afterAll(async () => {
    await transport.close();
    await testCluster().kubectl(['delete', 'namespace', ...namespaces, '--wait=false']);
  });

  it.each(Array.from({ length: rounds }, (_, i) => i + 1))(
    'answers as a real one does, round %i',
    async (seed) => {
      const draws = drawsOf(seed, 'operations');
      const apiserver = new Apiserver({ now: () => 0 });
      const namespace = await newNamespace();
      const model = new Side(modelTransport(apiserver), namespace);
      const real = new Side(transport, namespace);
      const history: string[] = [];
      const begun = { model: await model.versions(), real: await real.versions() };
      for (let i = 0; i < operationsEach; i++) {
        const operation = randomOperation(draws);
        history.unshift(JSON.stringify(operation));
        const [expected, actual] = [await real.carryOut(operation), await model.carryOut(operation)];
        // With what led there: the order is part of the case.
        expect({ history, answer: actual }).toEqual({ history, answer: expected });
      }
      for (const resource of resourcesUnderTest) {
        const changes: SeenChange[] = apiserver.storage
          .changesAfter(Number(begun.model.get(resource.plural)), resource.plural)
          .map(({ line }) => model.seen(JSON.parse(line()) as never));
        const client = new ResourceClient<never>({ transport, resource, fieldManager: 'model' });
        const stream = await client.watch({
          namespace,
          resourceVersion: begun.real.get(resource.plural) ?? '',
          timeoutSeconds: 20,
        });
        const watched: SeenChange[] = [];
        // A version for managedFields alone shows the same once more.
        const last = new Map<string, SeenChange>();
        if (changes.length > 0)
          for await (const line of jsonLines(stream)) {
            const change = real.seen(line as never);
            const again =
              change.type === 'MODIFIED' && isDeepStrictEqual(change.object, last.get(change.name)?.object);
            if (change.type !== 'BOOKMARK' && !again) watched.push(change);
            last.set(change.name, change);
            if (watched.length === changes.length) break;
          }
        expect(watched).toEqual(changes);
      }
    },
  );

  it('says 410 for a version that is forgotten, as a real one does', async () => {
    const [resource] = resourcesUnderTest;
    const client = new ResourceClient<never>({ transport, resource, fieldManager: 'model' });
    const said: unknown[] = [];
    for await (const line of jsonLines(await client.watch({ resourceVersion: '1', timeoutSeconds: 5 })))
      said.push(line);
    expect(said).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }]);
  });

  it('sends bookmarks with a version and nothing else, as a real one does', async () => {
    const [resource] = resourcesUnderTest;
    const client = new ResourceClient<never>({ transport, resource, fieldManager: 'model' });
    const namespace = await newNamespace();
    const { resourceVersion } = (await client.list({ namespace, limit: 1 })).metadata;
    for await (const line of jsonLines(
      await client.watch({ namespace, resourceVersion, timeoutSeconds: 4 }),
    )) {
      expect(line).toMatchObject({
        type: 'BOOKMARK',
        object: { kind: resource.kind, metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } },
      });
      return;
    }
  });
});
