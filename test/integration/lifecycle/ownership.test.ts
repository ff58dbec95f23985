import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { clusterObjects, type ClusterObjects } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { alpha, apply, beta, declaration, jobsOf, mirrors, saidOf, smallWorld, uids } from './small-world.ts';

const { hasControllerManager } = testCluster();
/** Where nothing collects what has lost its owner there is nothing to see, and the report says so. */
const whereCollected = (name: string, test: () => Promise<void>): void =>
  hasControllerManager ? it(name, test) : it.skip(`${name} (skipped: no kube-controller-manager runs)`, test);

async function ownersOf(objects: ClusterObjects, kind: 'pools' | 'workloads'): Promise<unknown[]> {
  const all: { metadata: { ownerReferences?: unknown[] } }[] = await objects[kind].all();
  return all.map(({ metadata }) => metadata.ownerReferences ?? []);
}

const owner = (kind: string, { metadata }: { metadata: { name: string; uid?: string } }) => ({
  apiVersion: 'modelarts-operator.dev/v1alpha1',
  kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: false,
});

const nobody = (kind: string, name: string) =>
  owner(kind, { metadata: { name, uid: '00000000-0000-4000-8000-000000000000' } });

/** In a cluster that has just begun, the collector does not know of these kinds yet, and would free none of their objects. */
async function collectorKnowsPools(stage: Stage): Promise<void> {
  const ownerReferences = [nobody('ModelArtsProject', 'nobody')];
  const metadata = { name: 'stray', ownerReferences };
  await apply(stage, { ...declaration('stray', 'stray', 'nobody'), metadata });
  await eventually(async () => expect((await mirrors(stage)).pools).not.toContain('stray'), {
    deadline: 'collected',
  });
}

/** How often the operator has tried to make an object. */
async function creations(stage: Stage): Promise<number> {
  const metric = await stage.operator.metrics.registry.getSingleMetric('rest_client_requests_total')?.get();
  const posts = metric?.values.filter(({ labels }) => labels['method'] === 'POST') ?? [];
  return posts.reduce((sum, { value }) => sum + value, 0);
}

describe('ownership', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld() });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it('goes from the project over its pools to their workloads', async () => {
    const project = owner('ModelArtsProject', await stage.cluster.projects.get('demo'));
    expect(await ownersOf(stage.cluster, 'pools')).toEqual([[project], [project]]);
    const [a, b] = (await stage.cluster.pools.all()).map((pool) => owner('ModelArtsPool', pool));
    expect(await ownersOf(stage.cluster, 'workloads')).toEqual([[a], [a], [b], [b]]);
  });

  it.each([
    ['taken away', (): unknown => []],
    ['of an object that is no more', (name: string): unknown => [nobody('ModelArtsPool', name)]],
  ])('is put right when the reference is %s', async (_, wrong) => {
    const before = await uids(stage);
    const [pool, ...jobs] = [await stage.cluster.pools.get(alpha), ...jobsOf(alpha)];
    const right = [owner('ModelArtsPool', pool)];
    for (const job of jobs)
      await stage.cluster.workloads.patch(job, { metadata: { ownerReferences: wrong(alpha) } });
    await eventually(async () => {
      const workloads = await stage.cluster.workloads.all();
      const mine = workloads.filter(({ metadata }) => jobs.includes(metadata.name));
      expect(mine.map(({ metadata }) => metadata.ownerReferences)).toEqual(jobs.map(() => right));
    });
    // Whether the collector or the operator was faster, the pools are the same as before.
    expect(await uids(stage)).toMatchObject({ [alpha]: before[alpha], [beta]: before[beta] });
  });

  whereCollected('passes to a project that was made anew under the old name', async () => {
    await collectorKnowsPools(stage);
    const before = await uids(stage);
    const project = await stage.cluster.projects.get('demo');
    const { code } = await stage.kubectl([
      ...['delete', 'modelartsproject', 'demo', '--namespace', stage.namespace, '--cascade=orphan'],
    ]);
    expect(code).toBe(0);
    await stage.cluster.projects.create({ ...project, metadata: { name: 'demo' } });
    await stage.synced();
    const now = owner('ModelArtsProject', await stage.cluster.projects.get('demo'));
    expect(now.uid).not.toBe(project.metadata.uid);
    await eventually(async () => expect(await ownersOf(stage.cluster, 'pools')).toEqual([[now], [now]]));
    expect(await uids(stage)).toEqual(before);
    const pools = await stage.cluster.pools.all();
    expect(
      pools.map(({ metadata }) => metadata.annotations?.['modelarts-operator.dev/discovered-by']),
    ).toEqual([now.uid, now.uid]);
  });

  whereCollected('takes everything but declared pools along when the project is deleted', async () => {
    await apply(stage, declaration('mine', beta));
    await eventually(async () => expect((await mirrors(stage)).pools).toEqual(['mine', alpha].sort()));
    await stage.cluster.projects.delete('demo');
    await eventually(
      async () => expect(await mirrors(stage)).toEqual({ pools: ['mine'], workloads: jobsOf(beta) }),
      { deadline: 'collected' },
    );
    await eventually(async () => expect((await saidOf(stage, 'mine'))[0]).toBe('False/ProjectNotFound'));
  });
});

describe('ownership with `deletion.policy: Retain`', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld() });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it('ends for pools, and begins again with Delete', async () => {
    const set = (policy: string) => stage.cluster.projects.patch('demo', { spec: { deletion: { policy } } });
    await set('Retain');
    await eventually(async () => expect(await ownersOf(stage.cluster, 'pools')).toEqual([[], []]));
    await set('Delete');
    await eventually(async () => expect((await ownersOf(stage.cluster, 'pools')).flat()).toHaveLength(2));
    await set('Retain');
    await eventually(async () => expect(await ownersOf(stage.cluster, 'pools')).toEqual([[], []]));
  });

  it('keeps a pool that ModelArts lost, and says so', async () => {
    stage.simulator.act({ removePool: { pool: beta } });
    await eventually(async () =>
      expect(await saidOf(stage, beta)).toEqual(['False/PoolNotFound', 'False/NotFound']),
    );
    await stage.settled();
    expect((await mirrors(stage)).pools).toEqual([alpha, beta]);
  });

  it('keeps pools and workloads when the project is deleted, and gives them to its successor', async () => {
    const before = await uids(stage);
    const { spec } = await stage.cluster.projects.get('demo');
    await stage.cluster.projects.delete('demo');
    await eventually(async () => expect((await saidOf(stage, alpha))[0]).toBe('False/ProjectNotFound'));
    // The collector needs a moment to make a mistake in.
    await stays(async () => expect(await uids(stage)).toEqual(before), { for: 1_500 });
    await stage.cluster.projects.create({ ...stage.project('demo'), spec });
    await stage.synced();
    expect(await saidOf(stage, alpha)).toEqual(['True/Running', 'True/ReadComplete']);
    expect(await uids(stage)).toEqual(before);
  });
});

describe('a namespace that is deleted while the operator runs', () => {
  it('is left in peace: no errors, and nothing is made in it', async () => {
    const stage = await Stage.open({ scenario: smallWorld() });
    const { kubeconfig, kubectl } = testCluster();
    const outside = clusterObjects(kubeconfig, stage.namespace);
    try {
      await stage.connect();
      const objects = Object.keys(await stage.cluster.versions()).length;
      const before = await creations(stage);
      const polls = (): number => stage.simulator.requests().byCall['ListPools'] ?? 0;
      const polled = polls();
      const loud = () =>
        stage.operator.log
          .filter(({ level }) => level === 'error' || level === 'warn')
          .map(({ message }) => message);
      const quiet = loud();
      const { code } = await kubectl(['delete', 'namespace', stage.namespace, '--wait=false']);
      expect(code).toBe(0);
      if (hasControllerManager) {
        await eventually(
          async () => expect((await kubectl(['get', 'namespace', stage.namespace])).code).toBe(1),
          { deadline: 'collected' },
        );
        expect([await outside.pools.all(), await outside.workloads.all()]).toEqual([[], []]);
      }
      await eventually(async () => {
        const writes = await stage.writes();
        await stays(async () => (await stage.writes()) === writes, { for: 1_000 });
      });
      // A few tries in vain for each object that went before its project, at each poll until that goes, too: as many as a
      // busy machine gives it time for.
      expect((await creations(stage)) - before).toBeLessThan(5 * objects * (1 + polls() - polled));
      expect(loud()).toEqual(quiet);
    } finally {
      await outside.close();
      await stage.close();
    }
  });
});
