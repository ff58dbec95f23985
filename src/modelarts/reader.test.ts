import { describe, expect, it } from '@jest/globals';

import { UpstreamError } from '../api/errors.ts';
import { fixture } from './fixtures/fixture.ts';
import { operations, type Operation, type Query } from './endpoints.ts';
import { Reader } from './reader.ts';
import type { Reply } from './transport.ts';

const never = new AbortController().signal;

/** A reader that is answered with these bodies in turn, the last one for ever, and what it asked for. */
function reading(...bodies: readonly Record<string, unknown>[]) {
  const queries: Query[] = [];
  const get = (operation: Operation, _ids: unknown, query: Query): Promise<Reply> => {
    const body = bodies[Math.min(queries.length, bodies.length - 1)]!;
    queries.push(query.filter(([, value]) => value !== undefined));
    return Promise.resolve({ body, operation, status: 200, sequence: queries.length, date: 0 });
  };
  const reader = new Reader({
    projectID: 'p'.repeat(32),
    transport: { get } as never,
    plan: () => ({ planned: 0, allowed: 1 }),
    expirations: () => ({ certificates: new Map() }),
    dispose: () => Promise.resolve(),
  });
  return { reader, queries };
}

const noJobs = { kind: 'WorkloadList', items: [] };

describe('requests', () => {
  it('D17: an offset is sent in digits, and the one that comes back, number or text, says nothing', async () => {
    const jobs = reading(noJobs);
    await jobs.reader.listWorkloads('pool-a', { offset: 1500, limit: 500 }, never);
    expect(jobs.queries).toEqual([
      [
        ['offset', '1500'],
        ['limit', '500'],
      ],
    ]);
    const sample = fixture('training-versions');
    const query = { workspaceID: '0', order: 'newestFirst', offset: 20, limit: 20 } as const;
    const [asNumber, asText] = await Promise.all(
      [20, '20'].map((offset) =>
        reading({ ...sample, offset, limit: offset }).reader.listTrainingJobVersions(query, never),
      ),
    );
    expect(asText).toEqual(asNumber);
    expect(asText?.issues).toEqual([]);
  });

  it('D25: one type and one status a request at the most', async () => {
    const { reader, queries } = reading(noJobs);
    await reader.listWorkloads(
      'pool-a',
      { type: 'train', status: 'Running', order: 'newestFirst', offset: 0, limit: 500 },
      never,
    );
    await reader.listWorkloads('pool-a', { offset: 0, limit: 500 }, never);
    expect(queries.map((query) => query.map(([name, value]) => `${name}=${value}`).join('&'))).toEqual([
      'type=train&status=Running&sort=create_time&ascend=false&offset=0&limit=500',
      'offset=0&limit=500',
    ]);
  });
});

describe('answers', () => {
  it('a cursor that comes again ends the reading of flavors', async () => {
    const page = { kind: 'ResourceFlavorList', metadata: { continue: 'next' }, items: [] };
    const { reader, queries } = reading(page);
    await reader.listResourceFlavors(never);
    expect(queries).toHaveLength(2);
  });

  it('a page of workspaces that repeats ends their reading', async () => {
    const { reader, queries } = reading({ total_count: 5, workspaces: [{ id: '0' }, { id: '1' }] });
    expect((await reader.listWorkspaces(never)).value.items.map(({ id }) => id)).toEqual(['0', '1']);
    expect(queries).toHaveLength(2);
  });

  it.each([
    ['another kind of list', 'kind', { kind: 'PodList', items: [] }],
    ['no rows', 'items', { hello: 'world' }],
    ['rows that are none', 'items', { kind: 'PoolList', items: 'none' }],
  ])('%s: an invalid answer, and the place where it is', async (_what, path, body) => {
    const error: unknown = await reading(body)
      .reader.listPools({ workspaceID: '0' }, never)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ kind: 'InvalidResponse', operation: operations.listPools, path });
  });

  it('another pool than the one that was asked for is not taken for it', async () => {
    const error = reading(fixture('pool-gpu')).reader.getPool('pool-a', never);
    await expect(error).rejects.toMatchObject({ kind: 'InvalidResponse', path: 'metadata.name' });
  });
});
