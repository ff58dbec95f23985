import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { annotations } from '../../../src/mirror/identity.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { alpha, aPool, beta, jobsOf, mirrors, saidOf, smallWorld, uids } from './small-world.ts';

describe('suspend', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools: [aPool(alpha), aPool(beta)] }) });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it('stops all reading and writing but the word that says so', async () => {
    const shown = (await stage.pool(alpha))?.status?.nodes;
    await stage.cluster.projects.patch('demo', { spec: { suspend: true } });
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect([said(project, 'Ready'), said(project, 'Synced')]).toEqual([
        'Unknown/Suspended',
        'Unknown/Suspended',
      ]);
      for (const pool of [alpha, beta])
        expect(await saidOf(stage, pool)).toEqual(['True/Running', 'Unknown/Suspended']);
    });
    stage.simulator.act(
      { addPool: { pool: aPool('pool-new') } },
      { updatePool: { pool: alpha, set: { name: 'renamed' } } },
    );
    await stage.cluster.workloads.patch(jobsOf(alpha)[0]!, { status: { phase: 'Edited' } }, 'status');
    await stage.cluster.pools.delete(beta);
    const [requests, writes] = [stage.simulator.requests().total, await stage.writes()];
    await stays(
      async () => {
        expect(stage.simulator.requests().total).toBe(requests);
        expect(await stage.writes()).toBe(writes);
      },
      { for: 1_000 },
    );
    expect((await mirrors(stage)).pools).toEqual([alpha]);
    expect((await stage.pool(alpha))?.status).toMatchObject({ displayName: alpha, nodes: shown });
  });

  it('outlasts a restart of the operator', async () => {
    await stage.restart();
    await eventually(() => stage.operator.operator.ready);
    const requests = stage.simulator.requests().total;
    await stays(() => stage.simulator.requests().total === requests, { for: 500 });
  });

  it('ends where it would have been without it', async () => {
    await stage.cluster.projects.patch('demo', { spec: { suspend: false } });
    await eventually(async () =>
      expect(await mirrors(stage)).toEqual({
        pools: [alpha, beta, 'pool-new'],
        workloads: jobsOf(alpha, beta, 'pool-new'),
      }),
    );
    await stage.synced();
    expect((await stage.pool(alpha))?.status?.displayName).toBe('renamed');
    expect((await stage.cluster.workloads.get(jobsOf(alpha)[0]!)).status?.phase).toBe('Completed');
    for (const pool of [alpha, beta])
      expect(await saidOf(stage, pool)).toEqual(['True/Running', 'True/ReadComplete']);
  });
});

describe('reconcile-requested-at', () => {
  let stage: Stage;
  const rarely = { poolInterval: '30m', workloadInterval: '30m', maxStaleness: '1h' };

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools: [aPool(alpha), aPool(beta)] }) });
    await stage.connect({ spec: { polling: rarely } });
  });
  afterAll(() => stage.close());

  const ask = (kind: 'projects' | 'pools', name: string, value: string) =>
    stage.cluster[kind].patch(name, {
      metadata: { annotations: { [annotations.reconcileRequestedAt]: value } },
    });

  const handled = async (kind: 'projects' | 'pools', name: string): Promise<string | undefined> =>
    (await stage.cluster[kind].get(name)).status?.lastHandledReconcileAt;

  const paths = (): string[] => [
    ...new Set(stage.simulator.requests().log.map(({ path }) => path.split('/').slice(3).join('/'))),
  ];

  it('on a project reads all of it at once, and is echoed when that is done', async () => {
    stage.simulator.act(
      { addJob: { pool: beta, job: { name: 'new', uid: 'new-job' } } },
      { updatePool: { pool: alpha, set: { name: 'renamed' } } },
      { fault: { id: 'slow', match: { call: 'ListWorkloads' }, delay: '300ms' } },
    );
    expect((await mirrors(stage)).workloads).toEqual(jobsOf(alpha, beta));
    await ask('projects', 'demo', 'first');
    await eventually(async () => expect(await handled('projects', 'demo')).toBe('first'));
    stage.simulator.act({ clearFault: { id: 'slow' } });
    await stage.settled();
    expect((await mirrors(stage)).workloads).toEqual(['new-job', ...jobsOf(alpha, beta)]);
    expect((await stage.pool(alpha))?.status?.displayName).toBe('renamed');
  });

  it('is not answered twice', async () => {
    const before = await uids(stage);
    await stage.settled();
    stage.simulator.resetRequests();
    await stays(() => stage.simulator.requests().total === 0, { for: 500 });
    await ask('projects', 'demo', 'first');
    await stays(() => stage.simulator.requests().total === 0, { for: 500 });
    expect(await uids(stage)).toEqual(before);
  });

  it('on a pool reads its workloads, and no other pool’s', async () => {
    stage.simulator.act({ addJob: { pool: alpha, job: { name: 'newer', uid: 'newer-job' } } });
    stage.simulator.resetRequests();
    await ask('pools', alpha, 'second');
    await eventually(async () => expect(await handled('pools', alpha)).toBe('second'));
    await eventually(async () => expect((await mirrors(stage)).workloads).toContain('newer-job'));
    expect(paths().filter((path) => path.includes(beta))).toEqual([]);
    expect(await handled('pools', beta)).toBeUndefined();
    expect(await handled('projects', 'demo')).toBe('first');
  });

  it('ends a back-off, and is echoed only by a read that works', async () => {
    stage.simulator.act({ fault: { id: 'down', status: 503 } });
    stage.simulator.resetRequests();
    await ask('projects', 'demo', 'third');
    // It is tried at once, in vain.
    await eventually(() => stage.simulator.requests().total > 0);
    await stays(async () => expect(await handled('projects', 'demo')).toBe('first'), { for: 1_000 });
    stage.simulator.act({ clearFault: { id: 'down' } });
    await ask('projects', 'demo', 'fourth');
    await eventually(async () => expect(await handled('projects', 'demo')).toBe('fourth'));
  });
});
