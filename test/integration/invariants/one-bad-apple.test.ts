import { afterEach, describe, expect, it } from '@jest/globals';

import { calmPool, calmProjects, calmScenario, scenarioOf } from '../../support/calm-scenario.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

describe('invariant 5 (One bad apple)', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  const pool = (name: string) => stage.cluster.pools.get(name);

  it('a pool that cannot be decoded is named in its condition, and its neighbours go on', async () => {
    stage = await Stage.open({ scenario: calmScenario(['bad', 'good']) });
    await stage.connect();
    stage.simulator.act(
      { updatePool: { pool: 'bad', set: { wire: { status: { driver: { gpu: { state: ['odd'] } } } } } } },
      { updatePool: { pool: 'good', set: { description: 'changed meanwhile' } } },
      { updatePool: { pool: 'bad', set: { description: 'changed too' } } },
    );
    await eventually(async () => {
      expect(said(await pool('bad'), 'Synced')).toBe('False/InvalidResponse');
      expect((await pool('good')).status?.description).toBe('changed meanwhile');
      expect(messageOf(await pool('bad'), 'Synced')).toMatch(/status\.driver\.gpu\.state/);
      // What did decode is shown.
      expect((await pool('bad')).status).toMatchObject({ description: 'changed too', phase: 'Running' });
      expect(said(await pool('good'), 'Synced')).toBe('True/ReadComplete');
    });
    // Its row in the list and its detail say the same of it: nothing wavers from read to read.
    await stays(async () => expect(said(await pool('bad'), 'Synced')).toBe('False/InvalidResponse'), {
      for: 2_000,
    });
    const project = await stage.cluster.projects.get('demo');
    expect(said(project, 'Ready')).toBe('True/Reading');

    stage.simulator.act({ updatePool: { pool: 'bad', set: { wire: {} } } });
    await eventually(async () => expect(said(await pool('bad'), 'Synced')).toBe('True/ReadComplete'));
  });

  it('a job that cannot be decoded is named by its pool, and its neighbours go on', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b']) });
    await stage.connect();
    stage.simulator.act(
      { updateJob: { pool: 'a', job: 'a-queued', wire: { runningDuration: 'for ever', hostIps: 7 } } },
      { finishJob: { pool: 'a', job: 'a-running', outcome: 'Failed' } },
      { finishJob: { pool: 'b', job: 'b-running', outcome: 'Completed' } },
    );
    await eventually(async () => {
      expect(said(await pool('a'), 'Synced')).toBe('False/InvalidResponse');
      expect((await stage.cluster.workloads.get('a-running')).status?.phase).toBe('Failed');
      expect((await stage.cluster.workloads.get('b-running')).status?.phase).toBe('Completed');
    });
    expect(messageOf(await pool('a'), 'Synced')).toMatch(/items\[\d\]\./);
    expect(said(await pool('b'), 'Synced')).toBe('True/ReadComplete');
    // The project is written by itself.
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(said(project, 'Ready')).toBe('True/Reading');
      expect(said(project, 'Synced')).toBe('False/PartialFailure');
      expect(messageOf(project, 'Synced')).toContain('pool a');
    });
    expect(await stage.cluster.workloads.all()).toHaveLength(6);
  });

  it('rows that are nothing at all hide no neighbour', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b']) });
    stage.simulator.world.fault({ match: { call: 'ListPools' }, rows: 'garbage' });
    stage.simulator.world.fault({ match: { call: 'ListWorkloads', pool: 'a' }, rows: 'garbage' });
    await stage.connect({ wait: false });
    await eventually(async () => {
      expect(await stage.cluster.pools.all()).toHaveLength(2);
      expect(await stage.cluster.workloads.all()).toHaveLength(6);
      expect(said(await pool('a'), 'Synced')).toBe('False/InvalidResponse');
    });
  });

  it('a workspace that closes is named by the project, and the others go on', async () => {
    const research = 'aaaabbbbccccddddaaaabbbbccccdddd';
    stage = await Stage.open({
      speed: 20,
      scenario: calmScenario([calmPool('a'), calmPool('r', { workspace: research })], {
        workspaces: [{ id: research, name: 'research' }],
      }),
    });
    await stage.connect({ spec: { discovery: { workspaces: ['0', research] } } });
    expect(await stage.cluster.pools.all()).toHaveLength(2);
    stage.simulator.act(
      { setWorkspace: { workspace: { id: research, closed: true } } },
      { updatePool: { pool: 'a', set: { description: 'changed meanwhile' } } },
    );
    await eventually(async () => expect((await pool('a')).status?.description).toBe('changed meanwhile'));
    // After a minute of it.
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(said(project, 'Synced')).toBe('False/PartialFailure');
      expect(messageOf(project, 'Synced')).toContain(`workspace ${research}`);
      expect(said(project, 'Ready')).toBe('True/Reading');
      expect(said(await pool('r'), 'Synced')).toBe('False/Forbidden');
    });
    expect(said(await pool('a'), 'Synced')).toBe('True/ReadComplete');
    expect(await stage.cluster.pools.all()).toHaveLength(2);
    expect(await stage.cluster.workloads.all()).toHaveLength(6);
  });

  it('a pool whose jobs cannot be listed keeps them, and the others go on', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b']), speed: 20 });
    await stage.connect();
    stage.simulator.world.fault({ match: { call: 'ListWorkloads', pool: 'a' }, status: 500 });
    stage.simulator.act(
      { finishJob: { pool: 'b', job: 'b-running', outcome: 'Completed' } },
      { updatePool: { pool: 'a', set: { description: 'changed meanwhile' } } },
    );
    await eventually(async () => {
      expect((await stage.cluster.workloads.get('b-running')).status?.phase).toBe('Completed');
      expect(said(await pool('a'), 'Synced')).toBe('False/Unreachable');
      expect((await pool('a')).status?.description).toBe('changed meanwhile');
    });
    expect(said(await pool('b'), 'Synced')).toBe('True/ReadComplete');
    expect(await stage.cluster.workloads.all()).toHaveLength(6);
  });

  it('a project that fails stops no other', async () => {
    const [bad, good] = calmProjects(2);
    stage = await Stage.open({ scenario: scenarioOf([bad!, good!]) });
    for (const { name, token, projectID } of [bad!, good!])
      await stage.connect({ name, token, spec: { projectID } });
    stage.simulator.world.fault({ match: { project: bad!.projectID }, status: 503, delay: '1s' });
    stage.simulator.resetRequests();
    const readings = (projectID: string) =>
      stage.simulator
        .requests()
        .log.filter(({ call, path }) => call === 'ListPools' && path.includes(projectID)).length;
    await eventually(() => readings(good!.projectID) >= 10);
    stage.simulator.act({ finishJob: { pool: 'p1-a', job: 'p1-a-running', outcome: 'Completed' } });
    await eventually(async () =>
      expect((await stage.cluster.workloads.get('p1-a-running')).status?.phase).toBe('Completed'),
    );
    expect(said(await stage.cluster.projects.get(good!.name), 'Synced')).toBe('True/ReadComplete');
  });
});
