import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually, stays } from '../../support/eventually.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { Stage } from '../../support/stage.ts';
import {
  alpha,
  aPool,
  beta,
  deletions,
  gamma,
  jobsOf,
  mirrors,
  research,
  saidOf,
  smallWorld,
  uids,
} from './small-world.ts';

/** Waits until exactly these pools, and the jobs of exactly these, are mirrored. */
async function mirrored(stage: Stage, ...pools: string[]): Promise<void> {
  await eventually(async () => {
    expect(await mirrors(stage)).toEqual({ pools, workloads: jobsOf(...pools) });
  });
}

async function discover(stage: Stage, discovery: object): Promise<void> {
  await stage.cluster.projects.patch('demo', { spec: { discovery } });
}

describe('discovery', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld() });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it('shows the pools of the default workspace, unless told otherwise', async () => {
    await mirrored(stage, alpha, beta);
    expect((await stage.pool(alpha))?.status).toMatchObject({ workspaceID: '0', phase: 'Running' });
    expect((await stage.cluster.projects.get('demo')).status).toMatchObject({ pools: 2, workloads: 4 });
  });

  it('shows those of a workspace that is named, from then on', async () => {
    await discover(stage, { workspaces: ['0', research] });
    await mirrored(stage, alpha, beta, gamma);
    await eventually(async () =>
      expect((await stage.pool(gamma))?.status).toMatchObject({ workspaceID: research, phase: 'Running' }),
    );
  });

  it('takes away what is no longer selected with its workloads, and leaves the rest alone', async () => {
    const before = await uids(stage);
    await discover(stage, { poolNames: [alpha] });
    await mirrored(stage, alpha);
    await stage.settled();
    const after = await uids(stage);
    expect(after).toEqual(Object.fromEntries([alpha, ...jobsOf(alpha)].map((name) => [name, before[name]])));
    expect(await deletions(stage)).toMatchObject({ 'pool NotSelected': 2 });
    expect(Object.keys(await deletions(stage)).filter((key) => !key.endsWith('NotSelected'))).toEqual([]);
  });

  it('brings it back when the selection is widened', async () => {
    await discover(stage, { poolNames: null });
    await mirrored(stage, alpha, beta, gamma);
  });

  it('follows the labels of pools', async () => {
    await discover(stage, { labelSelector: 'team in (speech, vision)' });
    await mirrored(stage, alpha, beta);
    stage.simulator.act(
      { updatePool: { pool: alpha, set: { labels: { team: 'none' } } } },
      { updatePool: { pool: gamma, set: { labels: { team: 'speech' } } } },
    );
    await mirrored(stage, beta, gamma);
    await discover(stage, { labelSelector: null });
    await mirrored(stage, alpha, beta, gamma);
  });

  it('drops the pools of a workspace that is no longer named', async () => {
    await discover(stage, { workspaces: ['0'] });
    await mirrored(stage, alpha, beta);
  });

  it('deletes nothing as not selected without a read that shows it', async () => {
    stage.simulator.act({ fault: { id: 'down', status: 503 } });
    const requests = stage.simulator.requests().total;
    await discover(stage, { poolNames: [alpha] });
    await eventually(() => stage.simulator.requests().total > requests + 6);
    expect(await mirrors(stage)).toEqual({ pools: [alpha, beta], workloads: jobsOf(alpha, beta) });
    stage.simulator.act({ clearFault: { id: 'down' } });
    await mirrored(stage, alpha);
  });

  it('shows no pool but declared ones where it is told so', async () => {
    await discover(stage, { mode: 'Declared', poolNames: null, workspaces: ['0'] });
    await mirrored(stage);
    await eventually(async () =>
      expect((await stage.cluster.projects.get('demo')).status).toMatchObject({ pools: 0, workloads: 0 }),
    );
    await discover(stage, { mode: 'All' });
    await mirrored(stage, alpha, beta);
  });
});

describe('discovery in every workspace', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld(), speed: 20 });
    await stage.connect({ spec: { discovery: { workspaces: ['*'] } } });
  });
  afterAll(() => stage.close());

  it('shows the pools of all, and of one that comes later', async () => {
    await mirrored(stage, alpha, beta, gamma);
    stage.simulator.act(
      { setWorkspace: { workspace: { id: 'late-0001' } } },
      { addPool: { pool: aPool('pool-late', { workspace: 'late-0001' }) } },
    );
    await mirrored(stage, alpha, beta, gamma, 'pool-late');
  });

  it('says of a workspace that closes that a part fails, and keeps what it knew', async () => {
    const before = await uids(stage);
    const shown = (await stage.pool(gamma))?.status?.nodes;
    stage.simulator.act({ setWorkspace: { workspace: { id: research, closed: true } } });
    const project = await eventually(async () => {
      const object = await stage.cluster.projects.get('demo');
      return said(object, 'Synced') === 'False/PartialFailure' && object;
    });
    expect(said(project, 'Ready')).toBe('True/Reading');
    expect(messageOf(project, 'Synced')).toContain(`workspace ${research}`);
    await eventually(async () => expect((await saidOf(stage, gamma))[1]).toBe('False/Forbidden'));
    expect((await saidOf(stage, alpha))[1]).toBe('True/ReadComplete');
    await stays(
      async () => {
        expect(await uids(stage)).toEqual(before);
        expect((await stage.pool(gamma))?.status?.nodes).toEqual(shown);
      },
      { for: 500 },
    );
    stage.simulator.act({ setWorkspace: { workspace: { id: research, closed: false } } });
    await stage.synced();
    await eventually(async () => expect((await saidOf(stage, gamma))[1]).toBe('True/ReadComplete'));
    expect(await uids(stage)).toEqual(before);
  });

  it('takes a workspace that is gone for no proof, and leaves its pools to a person', async () => {
    stage.simulator.act(
      { removePool: { pool: 'pool-late' } },
      { removeWorkspace: { workspace: 'late-0001' } },
    );
    await eventually(async () => {
      const object = await stage.cluster.projects.get('demo');
      expect(said(object, 'Synced')).toBe('False/PartialFailure');
      expect(messageOf(object, 'Synced')).toContain('workspace late-0001');
    });
    await eventually(async () => expect((await saidOf(stage, 'pool-late'))[1]).toBe('False/NotFound'));
    await stage.cluster.pools.delete('pool-late');
    await stage.synced();
    await mirrored(stage, alpha, beta, gamma);
  });
});
