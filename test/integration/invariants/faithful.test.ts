import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { demoScenario } from '../../../src/simulator/scenarios/demo.ts';
import { quietScenario } from '../../../src/simulator/scenarios/quiet.ts';
import { eventually } from '../../support/eventually.ts';
import { unfaithful } from '../../support/fresh-read.ts';
import { Stage } from '../../support/stage.ts';
import { seededRandom } from '../../support/virtual-clock.ts';

const gpu = 'pool-gpu-a-0123456789abcdef0123456789abcdef';

describe('invariant 2 (Faithful)', () => {
  describe('when upstream settles', () => {
    let stage: Stage;
    afterEach(() => stage.close());

    it.each([1, 2, 3])('mirrors equal a fresh read (course %i)', async (seed) => {
      stage = await Stage.open({ scenario: { ...demoScenario, seed }, seed });
      await stage.connect({ wait: false });
      const random = seededRandom(seed);
      const { world } = stage.simulator;
      const vision = 'pool-vision-0123456789abcdef0123456789abcdef';
      const deeds = [
        () => world.failNode({ pool: vision }),
        () => world.recoverNode({ pool: vision }),
        () => world.scalePool({ pool: vision, flavor: 'modelarts.vm.gpu.tnt004', count: 2 }),
        () => world.upgradeDriver({ pool: vision, kind: 'gpu', version: '535.1', strategy: 'force' }),
        () => world.setPhase({ pool: 'llm', phase: 'Error', message: 'broken' }),
        () => world.setPhase({ pool: 'llm', phase: null }),
        () => world.updatePool({ pool: 'batch-cpu', set: { name: 'renamed', controlMode: 3 } }),
        () => world.updatePool({ pool: 'batch-cpu', set: { labels: { team: 'a' }, description: 'new' } }),
      ];
      const deadline = performance.now() + 3_000;
      for (const deed of deeds.toSorted(() => random() - 0.5)) {
        await eventually(() => performance.now() > deadline - 3_000 * random());
        try {
          deed();
        } catch (error) {
          // By then the pool may have another name, or no node left to fail.
          if (!(error instanceof Error && error.name === 'WorldError')) throw error;
        }
      }

      stage.simulator.setSpeed(0);
      await stage.synced();
      await stage.settled();

      // Two passes later: pools and active jobs. The rest within `maxStaleness`.
      expect(await unfaithful(stage, 'poolsAndActive')).toEqual([]);
      await eventually(async () => expect(await unfaithful(stage)).toEqual([]));
      expect((await stage.cluster.workloads.all()).length).toBeGreaterThan(30);
    });
  });

  describe('after edits by hand', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await Stage.open({ scenario: quietScenario });
      await stage.connect();
    });
    afterAll(() => stage.close());

    const aWorkload = async () => (await stage.cluster.workloads.all())[0]!;

    it("puts a pool's status right", async () => {
      await stage.cluster.pools.patch(
        gpu,
        { status: { phase: 'Error', nodes: { available: 17 }, conditions: [], displayName: null } },
        'status',
      );
      await eventually(async () => expect(await unfaithful(stage)).toEqual([]));
      const conditions = (await stage.cluster.pools.get(gpu)).status?.conditions ?? [];
      expect(conditions.map(({ type }) => type)).toEqual(expect.arrayContaining(['Ready', 'Synced']));
    });

    it("puts a workload's status right", async () => {
      const { metadata } = await aWorkload();
      await stage.cluster.workloads.patch(
        metadata.name,
        {
          status: {
            phase: 'Failed',
            hostIPs: ['10.9.9.9'],
            startTime: '2001-01-01T00:00:00Z',
            jobName: null,
          },
        },
        'status',
      );
      await eventually(async () => expect(await unfaithful(stage)).toEqual([]));
    });

    it('puts labels and owner references right, and leaves the labels of others alone', async () => {
      const { metadata } = await aWorkload();
      await stage.cluster.workloads.patch(metadata.name, {
        metadata: {
          labels: {
            'modelarts-operator.dev/pool': 'another',
            'app.kubernetes.io/managed-by': null,
            mine: 'yes',
          },
          ownerReferences: [],
        },
      });
      await stage.cluster.pools.patch(gpu, {
        metadata: { labels: { 'modelarts-operator.dev/project': null, mine: 'yes' }, ownerReferences: null },
      });
      await eventually(async () => {
        const [workload, pool] = [
          await stage.cluster.workloads.get(metadata.name),
          await stage.cluster.pools.get(gpu),
        ];
        expect(workload.metadata.labels).toEqual({ ...metadata.labels, mine: 'yes' });
        expect(workload.metadata.ownerReferences).toEqual(metadata.ownerReferences);
        expect(pool.metadata.labels).toEqual({
          'app.kubernetes.io/managed-by': 'modelarts-operator',
          'modelarts-operator.dev/project': 'demo',
          mine: 'yes',
        });
        expect(pool.metadata.ownerReferences).toEqual([
          expect.objectContaining({ kind: 'ModelArtsProject', name: 'demo', controller: true }),
        ]);
      });
    });

    it("puts a project's status right", async () => {
      await stage.cluster.projects.patch(
        'demo',
        { status: { pools: 99, conditions: [], lastSyncTime: null, apiFeatures: null } },
        'status',
      );
      await eventually(async () => {
        const { status } = await stage.cluster.projects.get('demo');
        expect(status).toMatchObject({
          pools: 3,
          apiFeatures: { poolList: 'Full' },
          lastSyncTime: expect.any(String),
        });
        expect(status?.conditions).toHaveLength(4);
      });
    });

    it('brings a deleted mirror back', async () => {
      const { metadata } = await aWorkload();
      await stage.cluster.workloads.delete(metadata.name);
      await stage.cluster.pools.delete(gpu);
      await eventually(async () => {
        expect((await stage.cluster.pools.get(gpu)).metadata.deletionTimestamp).toBeUndefined();
        expect(await unfaithful(stage)).toEqual([]);
        const [owner] = (await stage.cluster.workloads.get(metadata.name)).metadata.ownerReferences ?? [];
        const pools = await stage.cluster.pools.all();
        expect(pools.map(({ metadata }) => metadata.uid)).toContain(owner?.uid);
      });
    });
  });
});
