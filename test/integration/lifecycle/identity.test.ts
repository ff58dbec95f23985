import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import {
  alpha,
  aPool,
  apply,
  beta,
  declaration,
  jobsOf,
  mirrors,
  saidOf,
  smallWorld,
  uids,
} from './small-world.ts';

const suffix = '-[0-9a-f]{8}$';

describe('identity of mirrors', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools: [aPool(alpha), aPool(beta)] }) });
  });
  afterAll(() => stage.close());

  it('is never a name: what has the name of a pool and shows another one is left alone', async () => {
    await apply(stage, declaration(alpha, beta));
    await stage.connect();
    await eventually(async () =>
      expect(await saidOf(stage, alpha)).toEqual(['True/Running', 'True/ReadComplete']),
    );
    const pools = await stage.cluster.pools.all();
    expect(pools.map(({ metadata, spec }) => [metadata.name, spec.poolName])).toEqual([
      [alpha, beta],
      [expect.stringMatching(`^${alpha}${suffix}`), alpha],
    ]);
    expect((await mirrors(stage)).workloads).toEqual(jobsOf(alpha, beta));
  });

  it('stays when the pool gets another display name', async () => {
    const before = await uids(stage);
    stage.simulator.act({ updatePool: { pool: alpha, set: { name: 'vision, renamed' } } });
    await eventually(async () => {
      const pool = (await stage.cluster.pools.all()).find(({ spec }) => spec.poolName === alpha);
      expect(pool?.status?.displayName).toBe('vision, renamed');
    });
    expect(await uids(stage)).toEqual(before);
  });

  it('keeps two projects apart that see the same pools and jobs', async () => {
    const first = await uids(stage);
    await stage.connect({ name: 'other' });
    await eventually(async () => {
      const { pools, workloads } = await mirrors(stage);
      expect([pools.length, workloads.length]).toEqual([4, 8]);
    });
    const objects = [...(await stage.cluster.pools.all()), ...(await stage.cluster.workloads.all())];
    const others = objects.filter(({ spec }) => spec.projectRef.name === 'other');
    expect(others).toHaveLength(6);
    // The names that are free go to whoever comes first: `pool-beta` was one.
    const taken = others.filter(({ metadata }) => metadata.name !== beta);
    expect(taken.map(({ metadata }) => metadata.name)).toEqual(
      taken.map(() => expect.stringMatching(suffix)),
    );
    expect(await uids(stage)).toMatchObject(first);
    for (const name of ['demo', 'other'])
      expect((await stage.synced(name)).status).toMatchObject({ pools: 2, workloads: 4 });
  });

  it('brings back what a person deletes, each under its own project', async () => {
    /** Project, and pool or job: what a mirror is, whatever its name. */
    const identities = async (): Promise<string[]> => {
      const [pools, workloads] = [await stage.cluster.pools.all(), await stage.cluster.workloads.all()];
      return [
        ...pools.map(({ spec }) => `${spec.projectRef.name} ${spec.poolName}`),
        ...workloads.map(({ spec }) => `${spec.projectRef.name} ${spec.poolName} ${spec.uid}`),
      ].sort();
    };
    const before = await identities();
    const old = Object.values(await uids(stage));
    const pools = (await stage.cluster.pools.all()).filter(({ metadata }) => metadata.name !== alpha);
    for (const { metadata } of pools) await stage.cluster.pools.delete(metadata.name);
    for (const name of jobsOf(beta)) await stage.cluster.workloads.delete(name);
    await eventually(async () => {
      expect(await identities()).toEqual(before);
      const again = (await stage.cluster.pools.all()).filter(({ metadata }) => !old.includes(metadata.uid));
      expect(again).toHaveLength(pools.length);
    });
    await eventually(async () => {
      const workloads = await stage.cluster.workloads.all();
      const poolOf = new Map(
        (await stage.cluster.pools.all()).map(({ metadata, spec }) => [metadata.uid, spec]),
      );
      expect(workloads.map(({ metadata }) => poolOf.get(metadata.ownerReferences?.[0]?.uid ?? ''))).toEqual(
        workloads.map(({ spec: { projectRef, poolName } }) => ({ projectRef, poolName })),
      );
    });
  });
});
