import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';

import { UpstreamError } from '../../../src/api/errors.ts';
import type { ModelArtsReader } from '../../../src/api/upstream.ts';
import { ModelArtsClients } from '../../../src/modelarts/client.ts';
import { fixture } from '../../../src/modelarts/fixtures/fixture.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { SeededRandom } from '../../../src/simulator/seeded-random.ts';
import { limits } from '../../support/eventually.ts';
import { mutatedBytes } from '../../support/mutation.ts';

const inputs = 200;
const never = new AbortController().signal;
const page = { offset: 0, limit: 500 } as const;

/** Each read of the client, and a good answer to it. */
const reads: readonly (readonly [string, string, (reader: ModelArtsReader) => Promise<unknown>])[] = [
  ['listPools', 'pools-list', (reader) => reader.listPools({ workspaceID: '0' }, never)],
  ['getPool', 'pool-gpu', (reader) => reader.getPool('pool-gpu-a-0123456789abcdef0123456789abcdef', never)],
  ['listWorkloads', 'workloads-page', (reader) => reader.listWorkloads('pool-a', page, never)],
  ['getStatistics', 'statistics-statics', (reader) => reader.getStatistics('pool-a', never)],
  [
    'listTrainingJobVersions',
    'training-versions',
    (reader) => reader.listTrainingJobVersions({ ...page, workspaceID: '0', order: 'newestFirst' }, never),
  ],
  ['listResourceSpecs', 'resource-specs', (reader) => reader.listResourceSpecs('train', never)],
  ['getRuntimeMetrics', 'runtime-metrics', (reader) => reader.getRuntimeMetrics(never)],
];

describe('bytes that are almost an answer, over a socket', () => {
  it.each(reads)('%s gives facts or a typed error', async (_name, sample, read) => {
    const random = new SeededRandom(1, sample);
    const good = Buffer.from(JSON.stringify(fixture(sample)));
    let next = good;
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(next);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const reader = new ModelArtsClients({
      runtime: systemRuntime,
      endpoints: { allowLocal: true },
      patience: { tries: 1, tryMs: limits.settled },
    }).open({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      projectID: '0'.repeat(32),
      credentials: { type: 'token', token: 'a-token' },
      rateLimit: { requestsPerSecond: 1000, burst: 1000 },
    });
    try {
      await read(reader);
      for (let input = 0; input < inputs; input++) {
        next = Buffer.from(mutatedBytes(good, random));
        const error: unknown = await read(reader).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(UpstreamError);
        expect((error as UpstreamError).kind).toBe('InvalidResponse');
      }
    } finally {
      await reader.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
