import { afterEach, describe, expect, it } from '@jest/globals';

import { NotLeader } from '../../../src/kubernetes/leader-elector.ts';
import { calmPool, calmScenario } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, limits, stays } from '../../support/eventually.ts';
import { unfaithful } from '../../support/fresh-read.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { Stage } from '../../support/stage.ts';

const { signal } = new AbortController();

/** Leases themselves: test/integration/kubernetes/leases-and-events.test.ts, lifecycle/commands.test.ts. */
describe('invariant 8 (One writer)', () => {
  let stage: Stage;
  const others: TestOperator[] = [];
  afterEach(async () => {
    for (const other of others.splice(0)) await other.stop();
    await stage.close();
  });

  const another = (over: Partial<Parameters<typeof startOperator>[0]> = {}): TestOperator => {
    const { kubeconfig } = testCluster();
    const { runtime, namespace } = stage;
    const operator = startOperator({ kubeconfig, runtime, namespaces: [namespace], ...over });
    others.push(operator);
    return operator;
  };

  it('what was planned on an older version is neither written nor deleted', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a']) });
    await stage.connect();
    const { pools, workloads } = stage.operator.stores;
    const pool = pools.get(stage.namespace, 'a')!;
    const workload = workloads.get(stage.namespace, 'a-running')!;
    await stage.cluster.pools.patch('a', { metadata: { labels: { mine: 'yes' } } });
    await stage.cluster.workloads.patch('a-running', { metadata: { labels: { mine: 'yes' } } });

    const stale = { code: 409 };
    await expect(pools.replaceStatus(pool, { phase: 'Error' }, signal)).rejects.toMatchObject(stale);
    await expect(pools.patchMetadata(pool, { labels: {} }, signal)).rejects.toMatchObject(stale);
    await expect(pools.delete(pool, { orphan: false }, signal)).rejects.toMatchObject(stale);
    await expect(workloads.delete(workload, { orphan: false }, signal)).rejects.toMatchObject(stale);
    expect((await stage.pool('a'))?.metadata.uid).toBe(pool.uid);
  });

  it('a pool goes in two writes, and the first of them says why', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b']) });
    await stage.connect();
    const last: string[] = [];
    stage.operator.stores.pools.onChange((old, entry) => {
      if (entry === undefined && old !== undefined)
        last.push(`${old.name} ${said({ status: { conditions: old.status.conditions } }, 'Synced')}`);
    });
    stage.simulator.world.removePool({ pool: 'b' });
    await eventually(() => expect(last).toEqual(['b False/NotFound']));
  });

  it('one that may no longer write writes nothing, whatever it reads', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a']) });
    await stage.connect();
    await stage.stop();
    const versions = await stage.cluster.versions();
    const idle = another({
      admitWrite: () => {
        throw new NotLeader('this process does not hold the lease');
      },
    });
    stage.simulator.resetRequests();
    stage.simulator.world.removePool({ pool: 'a' });
    stage.simulator.world.addPool({ pool: calmPool('b') });
    await eventually(() => expect(stage.simulator.requests().byCall['ListPools']).toBeGreaterThan(5));
    expect(await stage.cluster.versions()).toEqual(versions);
    const text = await idle.metrics.registry.getSingleMetricAsString('rest_client_requests_total');
    expect(text).not.toMatch(/method="(PUT|POST|PATCH|DELETE)"[^\n]* [1-9]/);
    stage.start();
  });

  it('two at once do no harm but work: they end in what one would, and come to rest', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b', 'c']), manualClock: true });
    const other = another();
    // Capacity that was not read for so long is taken back: a busy machine may stand still for half a second.
    await stage.connect({ spec: { polling: { maxStaleness: '20s' } } });
    const { world } = stage.simulator;
    world.finishJob({ pool: 'a', job: 'a-running', outcome: 'Failed' });
    world.removePool({ pool: 'b' });
    world.addPool({ pool: calmPool('d') });
    world.removeJob({ pool: 'c', job: 'c-queued' });
    await eventually(async () => expect(await unfaithful(stage)).toEqual([]));
    await stage.synced();
    const mirrors = async (): Promise<object> => {
      const { 'ModelArtsProject/demo': _sign, ...rest } = await stage.cluster.versions();
      return rest;
    };
    let before = await mirrors();
    // The other one's last words, and Events, come when they come: both have read everything once more without a write.
    await eventually(async () => {
      const last = before;
      await Promise.all([stage.settled(), other.operator.sync(AbortSignal.timeout(limits.collected))]);
      before = await mirrors();
      expect(before).toEqual(last);
    });
    await stays(async () => expect(await mirrors()).toEqual(before), { for: 1_500, every: 300 });
    expect(await stage.cluster.workloads.all()).toHaveLength(8);
  });
});
