import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { poolFacts, workloadFacts } from '../../test/support/builders.ts';
import { MemoryCluster, namespace } from '../../test/support/memory-cluster.ts';
import { shardOf, Shards } from './shards.ts';

const second = 1_000;
const shards = 4;

let cluster: MemoryCluster;
beforeEach(() => {
  cluster = new MemoryCluster();
  for (const name of secrets) cluster.secret(name, 'abc');
  cluster.modelarts.pools.set('pool-a', poolFacts({ id: 'pool-a' }));
  cluster.modelarts.workloads.set('pool-a', [workloadFacts({ uid: 'job-1', namespace: 'pool-a' })]);
});
afterEach(() => cluster.stop());

/** Secrets of two shards, the first of which is also that of the name of a project that is not there. */
const here = shardOf(namespace, 'vision', shards);
const secrets = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const own = secrets.find((name) => shardOf(namespace, name, shards) === here) ?? '';
const anothers = secrets.find((name) => shardOf(namespace, name, shards) !== here) ?? '';

/** The operator of the shard `here`, over all caches. */
function start(): void {
  const sharing = new Shards({ count: shards, projects: cluster.projects });
  cluster.start({ owns: (ns, project) => sharing.of(ns, project) === here });
}

const withSecret = (name: string) => cluster.project({ credentials: { secretRef: { name } } });

describe('an operator that owns some of the projects', () => {
  it('neither reads nor writes what is of others', async () => {
    withSecret(anothers);
    start();
    await cluster.clock.advance(60 * second);
    cluster.modelarts.pools.set('pool-b', poolFacts({ id: 'pool-b' }));
    cluster.project({}, { 'modelarts-operator.dev/reconcile-requested-at': 'now' });
    await cluster.clock.advance(60 * second);
    expect([cluster.taken(), cluster.modelarts.taken(), cluster.connections]).toEqual([[], [], []]);
  });

  it('takes over a project that comes to it with another Secret, with all its mirrors', async () => {
    withSecret(anothers);
    start();
    await cluster.clock.advance(60 * second);
    withSecret(own);
    await cluster.clock.advance(10 * second);
    expect(cluster.names(cluster.pools)).toEqual(['pool-a']);
    expect(cluster.projectStatus()).toMatchObject({ pools: 1, workloads: 1 });
  });

  it('lets go of a project that leaves it, and takes it again', async () => {
    withSecret(own);
    start();
    await cluster.clock.advance(10 * second);
    withSecret(anothers);
    await cluster.clock.advance(second);
    cluster.taken();
    cluster.modelarts.taken();
    cluster.modelarts.workloads.set('pool-a', [
      workloadFacts({ uid: 'job-2', namespace: 'pool-a', status: 'Running' }),
    ]);
    await cluster.clock.advance(600 * second);
    expect([cluster.taken(), cluster.modelarts.taken()]).toEqual([[], []]);
    withSecret(own);
    await cluster.clock.advance(60 * second);
    expect(cluster.names(cluster.workloads)).toContain('job-2');
  });

  it('answers for its own in a full pass, and for no other', async () => {
    withSecret(own);
    cluster.project({ credentials: { secretRef: { name: anothers } } }, {}, 'other');
    const sharing = new Shards({ count: shards, projects: cluster.projects });
    let failed: readonly string[] | undefined;
    void cluster
      .start({ owns: (ns, project) => sharing.of(ns, project) === here })
      .sync(new AbortController().signal)
      .then((answer) => (failed = answer));
    await cluster.clock.advance(60 * second);
    expect(failed).toEqual([]);
    expect(cluster.projectStatus('other')).toEqual({});
  });

  it('hears of nothing once it has stopped', async () => {
    withSecret(own);
    start();
    await cluster.clock.advance(10 * second);
    await cluster.stop();
    cluster.taken();
    withSecret(anothers);
    withSecret(own);
    await cluster.clock.advance(60 * second);
    expect([cluster.taken(), cluster.clock.pendingTimers]).toEqual([[], 0]);
  });
});
