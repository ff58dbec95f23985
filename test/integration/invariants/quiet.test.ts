import { afterEach, describe, expect, it } from '@jest/globals';

import type { Scenario } from '../../../src/simulator/schema.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { quietScenario } from '../../../src/simulator/scenarios/quiet.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

describe('invariant 1 (Quiet)', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  const requests = (call: string): number => stage.simulator.requests().byCall[call] ?? 0;

  it('writes nothing while nothing changes upstream, nor when the operator starts again', async () => {
    stage = await Stage.open({ scenario: quietScenario });
    await stage.connect({
      spec: { polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '1h' } },
    });
    await stage.atRest();
    const [writes, versions, lists] = [
      await stage.writes(),
      await stage.cluster.versions(),
      requests('ListPools'),
    ];
    await eventually(() => requests('ListPools') - lists > 20);
    expect(await stage.writes()).toBe(writes);
    expect(await stage.cluster.versions()).toEqual(versions);

    await stage.restart();
    await stage.synced();
    expect(await stage.cluster.versions()).toEqual(versions);
    expect(await stage.writes()).toBe(writes);
  });

  it('gives a sign of life every `maxStaleness`, and touches nothing else while it reads all anew', async () => {
    stage = await Stage.open({ scenario: quietScenario });
    await stage.connect();
    await stage.atRest();
    const before = await stage.cluster.projects.get('demo');
    const { [`ModelArtsProject/demo`]: _project, ...mirrors } = await stage.cluster.versions();
    const writes = await stage.writes();

    const after = await eventually(async () => {
      expect(await stage.writes()).toBeGreaterThanOrEqual(writes + 3);
      return stage.cluster.projects.get('demo');
    });

    const { [`ModelArtsProject/demo`]: _another, ...now } = await stage.cluster.versions();
    expect(now).toEqual(mirrors);
    expect(after.status).toEqual({
      ...before.status,
      lastSyncTime: expect.not.stringMatching(before.status!.lastSyncTime!),
    });
  });

  it('lets history leave by age, and only that', async () => {
    const ended = (name: string, age: string) => ({
      name,
      status: 'Completed' as const,
      age,
      duration: '1m',
    });
    const scenario: Scenario = {
      projects: [
        {
          id: demoProjectID,
          tokens: [demoToken],
          pools: [
            {
              name: 'only',
              id: 'pool-only',
              resources: [{ flavor: 'modelarts.vm.cpu.8ud', count: 2 }],
              // Both in the window at first; the older one for another ten minutes.
              jobs: [ended('older', '21m'), ended('newer', '2m'), { name: 'active', status: 'Running' }],
            },
          ],
        },
      ],
    };
    stage = await Stage.open({ scenario });
    await stage.connect({
      spec: {
        polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '1h' },
        workloads: { history: { maxPerPool: 100, ttl: '30m', minRetention: '1s' } },
      },
    });
    const names = async (): Promise<string[]> =>
      (await stage.cluster.workloads.all()).map(({ status }) => status?.jobName ?? '').sort();
    expect(await names()).toEqual(['active', 'newer', 'older']);
    const writes = await stage.writes();

    stage.runtime.jump(11 * 60_000);
    await eventually(async () => expect(await names()).toEqual(['active', 'newer']));

    await stage.settled();
    // The job's DELETE, and the project's count of jobs.
    await eventually(async () =>
      expect((await stage.cluster.projects.get('demo')).status?.workloads).toBe(2),
    );
    expect(await stage.writes()).toBe(writes + 2);
  });
});
