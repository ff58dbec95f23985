import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import {
  alpha,
  aPool,
  apply,
  beta,
  declaration,
  deletions,
  gamma,
  jobsOf,
  mirrors,
  research,
  saidOf,
  smallWorld,
  specManagers,
  uids,
} from './small-world.ts';

/** The uid of the object that owns each job's mirror. */
async function owners(stage: Stage): Promise<(string | undefined)[]> {
  const workloads = await stage.cluster.workloads.all();
  return [
    ...new Set(workloads.map(({ metadata }) => metadata.ownerReferences?.find((o) => o.controller)?.uid)),
  ];
}

async function uidOf(stage: Stage, pool: string): Promise<string | undefined> {
  return (await stage.pool(pool))?.metadata.uid;
}

async function filled(stage: Stage, pool: string): Promise<void> {
  await eventually(async () =>
    expect(await saidOf(stage, pool)).toEqual(['True/Running', 'True/ReadComplete']),
  );
}

describe('declared pools', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld() });
    await stage.connect({ spec: { discovery: { mode: 'Declared' } } });
  });
  afterAll(() => stage.close());

  it('are filled with their workloads, whatever their name and workspace', async () => {
    await apply(stage, declaration('mine', alpha));
    await apply(stage, declaration('far-away', gamma));
    await filled(stage, 'mine');
    await filled(stage, 'far-away');
    await eventually(async () =>
      expect(await mirrors(stage)).toEqual({ pools: ['far-away', 'mine'], workloads: jobsOf(alpha, gamma) }),
    );
    expect((await stage.pool('far-away'))?.status?.workspaceID).toBe(research);
  });

  it('keep their spec and metadata as they were applied, so that applying them again changes nothing', async () => {
    const argo = ['--server-side', '--field-manager', 'argocd'];
    await apply(stage, declaration('synced-by-git', beta), ...argo);
    await filled(stage, 'synced-by-git');
    await stage.settled();
    // On a busy machine the operator may write the status in between.
    const after = await eventually(async () => {
      const before = await stage.cluster.pools.get('synced-by-git');
      await apply(stage, declaration('synced-by-git', beta), ...argo);
      const after = await stage.cluster.pools.get('synced-by-git');
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
      return after;
    });
    const { metadata, spec } = after;
    expect(metadata.generation).toBe(1);
    expect(spec).toEqual({ projectRef: { name: 'demo' }, poolName: beta });
    expect(metadata.labels ?? metadata.annotations ?? metadata.ownerReferences).toBeUndefined();
    expect(specManagers(after)).toEqual(['argocd']);
  });

  it('say that ModelArts has no such pool, and are filled when it comes', async () => {
    await apply(stage, declaration('early', 'pool-early'));
    await eventually(async () =>
      expect(await saidOf(stage, 'early')).toEqual(['False/PoolNotFound', 'False/NotFound']),
    );
    stage.simulator.act({ addPool: { pool: aPool('pool-early', { workspace: research }) } });
    await filled(stage, 'early');
  });

  it.each([
    ['of a workspace that is listed', alpha, 'mine'],
    ['of a workspace that is not', gamma, 'far-away'],
  ])(
    'stay when the pool is gone, %s, with their last values and without its workloads',
    async (_, pool, name) => {
      const { nodes } = (await stage.pool(name))?.status ?? {};
      expect(nodes).toBeDefined();
      stage.simulator.act({ removePool: { pool } });
      await eventually(async () =>
        expect(await saidOf(stage, name)).toEqual(['False/PoolNotFound', 'False/NotFound']),
      );
      await eventually(async () => {
        const { workloads } = await mirrors(stage);
        expect(workloads.filter((workload) => jobsOf(pool).includes(workload))).toEqual([]);
      });
      expect((await stage.pool(name))?.status?.nodes).toEqual(nodes);
      expect(Object.keys(await deletions(stage)).filter((key) => key.startsWith('pool'))).toEqual([]);
      stage.simulator.act({
        addPool: { pool: aPool(pool, pool === gamma ? { workspace: research } : {}) },
      });
      await filled(stage, name);
    },
  );

  it('wait for their project', async () => {
    await apply(stage, declaration('orphan', beta, 'later'));
    await eventually(async () =>
      expect(await saidOf(stage, 'orphan')).toEqual(['False/ProjectNotFound', 'Unknown/NotReadYet']),
    );
    expect(messageOf(await stage.pool('orphan'), 'Ready')).toContain('ModelArtsProject later');
    await stage.connect({ name: 'later', spec: { discovery: { mode: 'Declared' } } });
    await filled(stage, 'orphan');
    await stage.cluster.projects.delete('later');
    await eventually(async () => expect((await saidOf(stage, 'orphan'))[0]).toBe('False/ProjectNotFound'));
  });
});

describe('a pool that is discovered and declared', () => {
  let stage: Stage;

  beforeAll(async () => {
    const world = smallWorld({ pools: [aPool(alpha)] });
    stage = await Stage.open({ scenario: world });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it('becomes the declared one: its workloads change owner and live on', async () => {
    const before = await uids(stage);
    await apply(stage, declaration('mine', alpha));
    await eventually(async () => expect((await mirrors(stage)).pools).toEqual(['mine']));
    const { mine, ...rest } = await uids(stage);
    const { [alpha]: discovered, ...jobs } = before;
    expect(discovered).toBeDefined();
    expect(rest).toEqual(jobs);
    await eventually(async () => expect(await owners(stage)).toEqual([mine]));
    await filled(stage, 'mine');
    // Counted once the apiserver has answered, which is after others see it.
    await eventually(async () => expect(await deletions(stage)).toEqual({ 'pool NotSelected': 1 }));
  });

  it('is discovered again when a person deletes the declared one', async () => {
    await stage.cluster.pools.delete('mine');
    await eventually(async () =>
      expect(await mirrors(stage)).toEqual({ pools: [alpha], workloads: jobsOf(alpha) }),
    );
    await eventually(async () => expect(await owners(stage)).toEqual([await uidOf(stage, alpha)]));
    await filled(stage, alpha);
    await eventually(async () => {
      const { workloads } = (await stage.cluster.projects.get('demo')).status ?? {};
      expect(workloads).toBe(2);
    });
  });

  it('belongs to the oldest of several, and to the next when that one goes', async () => {
    await apply(stage, declaration('b-older', alpha));
    await eventually(async () => expect((await mirrors(stage)).pools).toEqual(['b-older']));
    const older = await stage.cluster.pools.get('b-older');
    // Age is in whole seconds, and of two of one second the name decides.
    await eventually(() => Date.now() > Date.parse(older.metadata.creationTimestamp ?? '') + 1_100);
    await apply(stage, declaration('a-younger', alpha));
    await eventually(async () => expect((await saidOf(stage, 'a-younger'))[0]).toBe('False/Duplicate'));
    expect(messageOf(await stage.pool('a-younger'), 'Ready')).toContain('b-older');
    await filled(stage, 'b-older');
    await eventually(async () => expect(await owners(stage)).toEqual([older.metadata.uid]));

    await stage.cluster.pools.delete('b-older');
    await filled(stage, 'a-younger');
    const { uid } = (await stage.cluster.pools.get('a-younger')).metadata;
    await eventually(async () => {
      expect(await mirrors(stage)).toEqual({ pools: ['a-younger'], workloads: jobsOf(alpha) });
      expect(await owners(stage)).toEqual([uid]);
    });
  });
});

describe('a discovered pool that a person took over', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld() });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it.each([
    ['kubectl apply', alpha, []],
    ['a server-side apply', beta, ['--server-side', '--field-manager', 'argocd']],
  ])('by %s is the same object, and no longer goes with the project', async (_, pool, flags) => {
    const before = await uids(stage);
    await apply(stage, declaration(pool, pool), ...flags);
    await eventually(async () =>
      expect((await stage.cluster.pools.get(pool)).metadata.ownerReferences ?? []).toEqual([]),
    );
    await stage.settled();
    expect(await uids(stage)).toEqual(before);
  });

  it('is deleted neither when it is not selected nor when ModelArts loses it', async () => {
    const before = await uids(stage);
    await stage.cluster.projects.patch('demo', { spec: { discovery: { mode: 'Declared' } } });
    await stage.settled();
    await stays(async () => expect(await uids(stage)).toEqual(before), { for: 500 });
    stage.simulator.act({ removePool: { pool: alpha } });
    await eventually(async () => expect((await saidOf(stage, alpha))[0]).toBe('False/PoolNotFound'));
    await eventually(async () =>
      expect(await mirrors(stage)).toEqual({ pools: [alpha, beta], workloads: jobsOf(beta) }),
    );
    await stage.settled();
    expect((await mirrors(stage)).pools).toEqual([alpha, beta]);
    expect(said(await stage.pool(beta), 'Ready')).toBe('True/Running');
  });
});
