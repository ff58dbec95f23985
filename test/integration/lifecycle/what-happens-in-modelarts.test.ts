import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { calmPool } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

/** Rows of docs/what-happens-when.md that no other test is about: one thing happens, and the mirror shows it. */
describe('what happens in ModelArts', () => {
  let stage: Stage;
  const flavor = 'modelarts.vm.gpu.tnt004';
  const job = (uid: string) => stage.cluster.workloads.get(uid);
  const eventsOf = async (pool: string): Promise<string[]> => {
    const events = await stage.cluster.events.all();
    const told = events.filter(({ regarding }) => regarding.name === pool);
    return told.map(({ reason }) => reason ?? '').sort();
  };

  beforeAll(async () => {
    stage = await Stage.open({
      // World time stands still: nothing happens by itself.
      manualClock: true,
      scenario: {
        projects: [
          {
            id: demoProjectID,
            tokens: [demoToken],
            pools: [
              calmPool('changing', { driver: { gpu: '470.57.02' }, resources: [{ flavor, count: 2 }] }),
              calmPool('leaving'),
              calmPool('queue', {
                jobs: [
                  { uid: 'ahead', name: 'ahead', status: 'Running', age: '5h' },
                  ...Array.from({ length: 14 }, (_, i) => ({
                    uid: `waits-${i + 1}`,
                    name: `waits-${i + 1}`,
                    age: `${60 - i}m`,
                  })),
                ],
              }),
            ],
          },
        ],
      },
    });
    await stage.connect({
      spec: {
        polling: { poolInterval: '2s', workloadInterval: '2s', maxStaleness: '20s' },
        workloads: { history: { maxPerPool: 2, ttl: '8760h', minRetention: '1s' } },
      },
    });
  });
  afterAll(() => stage.close());

  it('a pool appears, and then its jobs', async () => {
    stage.simulator.world.addPool({ pool: calmPool('new') });
    await eventually(async () => {
      expect(said(await stage.cluster.pools.get('new'), 'Ready')).toBe('True/Running');
      expect((await job('new-running')).status?.phase).toBe('Running');
    });
  });

  it('phase, driver, nodes, scopes and restrictions of a pool change: the new values, and an Event for each', async () => {
    const { world } = stage.simulator;
    expect(await eventsOf('changing')).toEqual([]);
    world.setDriverState({ pool: 'changing', kind: 'gpu', state: 'Abnormal' });
    world.scalePool({ pool: 'changing', flavor, count: 3 });
    world.setScope({ pool: 'changing', scope: 'Train', state: 'Disabled' });
    world.updatePool({ pool: 'changing', set: { controlMode: 3 } });
    await eventually(async () => {
      const { status } = await stage.cluster.pools.get('changing');
      expect(status).toMatchObject({
        driver: { gpu: { state: 'Abnormal' } },
        nodes: { desired: 3, creating: 1, available: 2 },
        restrictions: { value: 3 },
        scopes: expect.arrayContaining([{ type: 'Train', state: 'Disabled' }]),
      });
    });
    world.setPhase({ pool: 'changing', phase: 'Error', message: 'broken' });
    world.updatePool({
      pool: 'changing',
      set: { wire: { status: { driver: { gpu: { version: '535.1' } } } } },
    });
    await eventually(async () => {
      const { status } = await stage.cluster.pools.get('changing');
      expect(status).toMatchObject({
        phase: 'Error',
        message: 'broken',
        driver: { gpu: { version: '535.1' } },
      });
    });
    await eventually(async () =>
      expect([...new Set(await eventsOf('changing'))]).toEqual([
        'DriverStateChanged',
        'DriverVersionChanged',
        'NodesChanged',
        'PhaseChanged',
        'RestrictionsChanged',
      ]),
    );
  });

  it('a pool is about to go: that is said before it goes', async () => {
    stage.simulator.world.setPhase({ pool: 'leaving', phase: 'Deleting' });
    await eventually(async () => {
      const pool = await stage.cluster.pools.get('leaving');
      expect([said(pool, 'Ready'), said(pool, 'Reconciling')]).toEqual(['False/Deleting', 'True/Deleting']);
    });
  });

  it('a job moves up in the queue: exactly to 10, beyond when it enters another band', async () => {
    const shown = async (uid: string): Promise<unknown> => {
      const { queuePosition, queuePositionAtMost } = (await job(uid)).status ?? {};
      return [queuePosition, queuePositionAtMost];
    };
    await eventually(async () => {
      expect(await shown('waits-1')).toEqual([1, 1]);
      expect(await shown('waits-13')).toEqual([undefined, 20]);
    });
    const { metadata } = await job('waits-14');
    stage.simulator.world.removeJob({ pool: 'queue', job: 'waits-2' });
    await eventually(async () => expect(await shown('waits-3')).toEqual([2, 2]));
    await stage.settled();
    expect((await job('waits-14')).metadata.resourceVersion).toBe(metadata.resourceVersion);
    for (const n of [3, 4, 5]) stage.simulator.world.removeJob({ pool: 'queue', job: `waits-${n}` });
    await eventually(async () => expect(await shown('waits-14')).toEqual([10, 10]));
  });

  it('a job appears, moves on, ends, and leaves the history for newer ones', async () => {
    const { world } = stage.simulator;
    world.addJob({ pool: 'new', job: { uid: 'next', name: 'next', cards: 0, status: 'Running', age: '1m' } });
    await eventually(async () => expect(said(await job('next'), 'Running')).toBe('True/Running'));
    world.setJobStatus({ pool: 'new', job: 'next', status: 'Abnormal' });
    await eventually(async () => expect(said(await job('next'), 'Running')).toBe('False/Abnormal'));
    world.finishJob({ pool: 'new', job: 'next', outcome: 'Failed' });
    await eventually(async () => {
      const ended = await job('next');
      expect(said(ended, 'Failed')).toBe('True/Failed');
      expect(ended.status?.completionTime).toBeDefined();
    });
    world.finishJob({ pool: 'new', job: 'new-running', outcome: 'Completed' });
    await eventually(async () => {
      const names = (await stage.cluster.workloads.all()).map(({ metadata }) => metadata.name);
      expect(names.filter((name) => name === 'next' || name.startsWith('new-'))).toEqual(
        expect.not.arrayContaining(['new-ended']),
      );
      expect(names).toEqual(expect.arrayContaining(['next', 'new-running']));
    });
  });
});
