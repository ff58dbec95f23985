import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkloadFacts } from '../api/facts.ts';
import type { ModelArtsPool } from '../api/kinds/modelarts-pool.ts';
import { poolFacts, workloadFacts } from '../../test/support/builders.ts';
import { upstreamFailure } from '../../test/support/fake-modelarts.ts';
import { MemoryCluster, namespace } from '../../test/support/memory-cluster.ts';

const second = 1000;
const minute = 60 * second;

let cluster: MemoryCluster;
beforeEach(() => {
  cluster = new MemoryCluster();
});
afterEach(() => cluster.stop());

const job = (n: number, over: Partial<WorkloadFacts> = {}): WorkloadFacts =>
  workloadFacts({
    uid: `job-${n}`,
    creationTime: cluster.clock.now() - minute,
    pendingSeconds: 0,
    runningSeconds: 60,
    ...over,
  });

/** So many pools of three jobs each. */
function upstream(pools: number, workspaceID = '0'): void {
  for (let n = 0; n < pools; n++) {
    const id = `pool-${n}`;
    cluster.modelarts.pools.set(id, poolFacts({ id, workspaceID }));
    cluster.modelarts.workloads.set(
      id,
      [0, 1, 2].map((k) => job(n * 10 + k, { namespace: id, status: k === 0 ? 'Completed' : 'Running' })),
    );
  }
}

/** Jobs that run as long as the clock does. */
function running(): void {
  const began = cluster.clock.now();
  const jobs = new Map(cluster.modelarts.workloads);
  cluster.modelarts.before = () => {
    const seconds = Math.floor((cluster.clock.now() - began) / second);
    for (const [pool, rows] of jobs) {
      if (cluster.modelarts.workloads.has(pool))
        cluster.modelarts.workloads.set(
          pool,
          rows.map((row) => (row.status === 'Running' ? { ...row, runningSeconds: 60 + seconds } : row)),
        );
    }
  };
}

async function synced(pools = 2): Promise<void> {
  upstream(pools);
  running();
  cluster.project();
  cluster.start();
  await cluster.clock.advance(5 * second);
  cluster.taken();
  cluster.modelarts.taken();
}

const said = (type: string): string => cluster.said(cluster.projectStatus(), type);
const poolSaid = (name: string, type: string): string => cluster.said(cluster.poolStatus(name), type);

describe('the operator on a virtual clock', () => {
  it('mirrors what there is', async () => {
    await synced();
    expect(cluster.names(cluster.pools)).toEqual(['pool-0', 'pool-1']);
    expect(cluster.workloads.size).toBe(6);
    expect([said('Ready'), said('Synced'), said('Authenticated')]).toEqual([
      'True/Reading',
      'True/ReadComplete',
      'True/Accepted',
    ]);
    expect(poolSaid('pool-0', 'Synced')).toBe('True/ReadComplete');
    expect(cluster.projectStatus()).toMatchObject({ pools: 2, workloads: 6 });
  });

  it('says of a mirror that was just made what it shows, before it makes many more', async () => {
    const namespace = 'pool-0';
    const jobs = Array.from({ length: 40 }, (_, n) => job(n, { namespace, status: 'Running' }));
    cluster.modelarts.pools.set(namespace, poolFacts({ id: namespace }));
    cluster.modelarts.workloads.set(namespace, jobs);
    cluster.project();
    cluster.start();
    await cluster.clock.advance(5 * second);
    const mute = new Set<string | undefined>();
    let most = 0;
    for (const [what, name] of cluster.workloads.taken().map((write) => write.split(' '))) {
      if (what === 'create') mute.add(name);
      else mute.delete(name);
      most = Math.max(most, mute.size);
    }
    expect(cluster.workloads.size).toBe(jobs.length);
    expect(mute.size).toBe(0);
    // One for each worker, at the most.
    expect(most).toBeLessThanOrEqual(4);
  });

  it('says that a pool is synced only once its jobs were read, too', async () => {
    upstream(1);
    cluster.modelarts.failure = (call) =>
      call.startsWith('statistics') ? upstreamFailure('Unreachable') : undefined;
    cluster.project();
    cluster.start();
    await cluster.clock.advance(5 * second);
    expect(poolSaid('pool-0', 'Synced')).toBe('Unknown/NotReadYet');
    cluster.modelarts.failure = () => undefined;
    await cluster.clock.advance(minute);
    expect(poolSaid('pool-0', 'Synced')).toBe('True/ReadComplete');
  });

  describe('invariant 1 (Quiet)', () => {
    it('writes a sign of life each maxStaleness, and nothing else', async () => {
      await synced(2);
      await cluster.clock.advance(30 * minute);
      const writes = cluster.taken();
      expect(new Set(writes)).toEqual(new Set(['status vision']));
      expect(writes.length).toBeLessThanOrEqual(6);
      expect(writes.length).toBeGreaterThanOrEqual(5);
    });

    it('writes nothing when it starts again', async () => {
      await synced(3);
      await cluster.stop();
      cluster.start();
      await cluster.clock.advance(4 * minute);
      expect(cluster.taken()).toEqual([]);
    });

    it('does so with a row of a sub-pool, whichever pool is read first', async () => {
      upstream(2);
      cluster.modelarts.pools.set('pool-1', poolFacts({ id: 'pool-1', parent: 'pool-0' }));
      const own = cluster.modelarts.jobs('pool-1');
      cluster.modelarts.workloads.set('pool-0', [...cluster.modelarts.jobs('pool-0'), ...own]);
      running();
      cluster.project();
      cluster.start();
      await cluster.clock.advance(minute);
      expect(cluster.workloads.byIndex('pool', `${namespace}/vision/pool-1`)).toHaveLength(3);
      await cluster.stop();
      cluster.taken();
      cluster.start();
      await cluster.clock.advance(4 * minute);
      expect(cluster.taken()).toEqual([]);
    });

    it('leaves no timer behind when it stops', async () => {
      await synced(5);
      await cluster.stop();
      expect(cluster.clock.pendingTimers).toBe(0);
      expect(cluster.modelarts.closed).toBe(true);
    });
  });

  describe('invariant 3 (Never guess a deletion)', () => {
    it('takes the jobs of a lost pool, then says that it is lost, then takes it', async () => {
      await synced(4);
      cluster.modelarts.pools.delete('pool-1');
      await cluster.clock.advance(3 * minute);
      const writes = cluster.taken();
      const gone = writes.indexOf('delete pool-1');
      expect(writes[gone - 1]).toBe('status pool-1');
      expect(writes.filter((write) => write.startsWith('delete job-'))).toHaveLength(3);
      expect(cluster.names(cluster.pools)).toEqual(['pool-0', 'pool-2', 'pool-3']);
      expect(cluster.workloads.size).toBe(9);
    });

    it('takes none of many, and all when a person says so', async () => {
      await synced(4);
      for (const n of [0, 1, 2]) cluster.modelarts.pools.delete(`pool-${n}`);
      await cluster.clock.advance(5 * minute);
      expect(cluster.pools.size).toBe(4);
      expect(cluster.workloads.size).toBe(12);
      expect(said('DeletionBlocked')).toBe('True/MaxPercentExceeded');
      const { message = '' } =
        cluster.projectStatus().conditions?.find(({ type }) => type === 'DeletionBlocked') ?? {};
      const token = /confirm-deletion=([0-9a-f]+)/.exec(message)?.[1];
      cluster.project({}, { 'modelarts-operator.dev/confirm-deletion': token ?? '' });
      await cluster.clock.advance(5 * minute);
      expect(cluster.names(cluster.pools)).toEqual(['pool-3']);
      expect(said('DeletionBlocked')).toBe('False/NothingBlocked');
    });

    it('is not got round by a change of the spec between two losses', async () => {
      await synced(4);
      for (const n of [0, 1]) cluster.modelarts.pools.delete(`pool-${n}`);
      await cluster.clock.advance(3 * minute);
      expect(cluster.pools.size).toBe(2);
      cluster.project({ deletion: { confirmations: 1 } });
      cluster.modelarts.pools.clear();
      await cluster.clock.advance(5 * minute);
      expect(cluster.pools.size).toBe(2);
      expect(said('DeletionBlocked')).toBe('True/MaxPercentExceeded');
    });

    it('unselects no pool because its labels did not decode', async () => {
      upstream(2);
      for (const [id, pool] of cluster.modelarts.pools)
        cluster.modelarts.pools.set(id, { ...pool, labels: { team: 'vision' } });
      cluster.project({ discovery: { labelSelector: 'team=vision' } });
      cluster.start();
      await cluster.clock.advance(minute);
      expect(cluster.pools.size).toBe(2);
      cluster.modelarts.row = (pool) => ({ ...pool, labels: {} });
      cluster.modelarts.poolIssues = [
        { item: 'pool-0', path: 'items[0].metadata.labels', expected: 'an object', found: '7' },
        { item: 'pool-1', path: 'items[1].metadata.labels', expected: 'an object', found: '7' },
      ];
      await cluster.clock.advance(2 * minute);
      expect(cluster.pools.size).toBe(2);
      expect(cluster.workloads.size).toBe(6);
    });

    it('unselects no pool because a list leaves labels out', async () => {
      upstream(2);
      for (const [id, pool] of cluster.modelarts.pools)
        cluster.modelarts.pools.set(id, { ...pool, labels: { team: 'vision' } });
      cluster.project({ discovery: { labelSelector: 'team=vision' } });
      cluster.modelarts.row = (pool) => ({ ...pool, labels: {} });
      cluster.start();
      await cluster.clock.advance(minute);
      expect(cluster.pools.size).toBe(2);
      await cluster.stop();
      cluster.taken();
      cluster.modelarts.failure = (call) =>
        call.startsWith('detail') ? upstreamFailure('Unreachable') : undefined;
      cluster.start();
      await cluster.clock.advance(2 * minute);
      expect(cluster.taken().filter((write) => write.startsWith('delete'))).toEqual([]);
    });
  });

  describe('a changed spec', () => {
    it('takes jobs away with mode None, and brings them back', async () => {
      await synced(1);
      cluster.project({ workloads: { mode: 'None' } });
      await cluster.clock.advance(5 * second);
      expect(cluster.workloads.size).toBe(0);
      expect(cluster.pools.size).toBe(1);
      cluster.project({ workloads: { mode: 'All' } });
      await cluster.clock.advance(5 * second);
      expect(cluster.workloads.size).toBe(3);
    });

    it('takes jobs away as well when it changed while no operator ran', async () => {
      await synced(1);
      await cluster.stop();
      cluster.project({ workloads: { mode: 'None' } });
      cluster.start();
      await cluster.clock.advance(5 * second);
      expect(cluster.workloads.size).toBe(0);
    });

    it('takes types away that it leaves out', async () => {
      await synced(1);
      cluster.project({ workloads: { types: ['notebook'] } });
      await cluster.clock.advance(5 * second);
      expect(cluster.workloads.size).toBe(0);
    });

    it('keeps an ended job for minRetention with mode Active', async () => {
      await synced(1);
      cluster.project({ workloads: { mode: 'Active' } });
      await cluster.clock.advance(5 * second);
      expect(cluster.workloads.size).toBe(3);
      await cluster.clock.advance(12 * minute);
      expect(cluster.workloads.size).toBe(2);
    });

    it('takes pools away that it leaves out, with their jobs', async () => {
      await synced(2);
      cluster.project({ discovery: { poolNames: ['pool-1'] } });
      await cluster.clock.advance(minute);
      expect(cluster.names(cluster.pools)).toEqual(['pool-1']);
      expect(cluster.workloads.size).toBe(3);
    });

    it('ends a back-off', async () => {
      await synced(1);
      cluster.modelarts.failure = () => upstreamFailure('Unreachable');
      await cluster.clock.advance(20 * minute);
      cluster.modelarts.failure = () => undefined;
      cluster.project({ polling: { poolInterval: '31s' } });
      await cluster.clock.advance(second);
      expect(said('Synced')).toBe('True/ReadComplete');
    });

    it('with a selector that cannot be read reads nothing and deletes nothing, and is answered', async () => {
      await synced(1);
      cluster.modelarts.taken();
      cluster.project(
        { discovery: { labelSelector: 'a in' } },
        { 'modelarts-operator.dev/reconcile-requested-at': 'now' },
      );
      await cluster.clock.advance(10 * minute);
      expect(said('Ready')).toBe('False/InvalidSpec');
      expect(cluster.modelarts.taken()).toEqual([]);
      expect(cluster.pools.size).toBe(1);
      expect(cluster.projectStatus().lastHandledReconcileAt).toBeUndefined();
    });
  });

  describe('invariant 4 (Say when you do not know)', () => {
    it('says that reading fails after a minute, and that nothing is known after maxStaleness, once each', async () => {
      await synced(1);
      cluster.modelarts.failure = () => upstreamFailure('Unreachable');
      await cluster.clock.advance(55 * second);
      expect(poolSaid('pool-0', 'Synced')).toBe('True/ReadComplete');
      await cluster.clock.advance(2 * minute);
      expect([said('Synced'), poolSaid('pool-0', 'Synced')]).toEqual([
        'False/Unreachable',
        'False/Unreachable',
      ]);
      expect(poolSaid('pool-0', 'Ready')).toBe('True/Running');
      await cluster.clock.advance(150 * second);
      expect([said('Ready'), poolSaid('pool-0', 'Ready')]).toEqual(['Unknown/Stale', 'Unknown/Stale']);
      expect(cluster.taken()).toHaveLength(4);
      await cluster.clock.advance(30 * minute);
      expect(cluster.taken()).toEqual([]);
      cluster.modelarts.failure = () => undefined;
      await cluster.clock.advance(10 * minute);
      expect(poolSaid('pool-0', 'Ready')).toBe('True/Running');
    });

    it('says that nothing is known even where an answer just does not come', async () => {
      await synced(1);
      cluster.modelarts.before = () => new Promise(() => undefined);
      await cluster.clock.advance(7 * minute);
      expect([said('Ready'), poolSaid('pool-0', 'Ready')]).toEqual(['Unknown/Stale', 'Unknown/Stale']);
      cluster.modelarts.before = () => undefined;
    });

    it('says at once what is wrong with the Secret, and after maxStaleness that nothing is known', async () => {
      await synced(1);
      cluster.secrets.clear();
      await cluster.clock.advance(40 * second);
      expect(said('Ready')).toBe('False/SecretNotFound');
      expect(poolSaid('pool-0', 'Synced')).toBe('False/Unauthorized');
      expect(poolSaid('pool-0', 'Ready')).toBe('True/Running');
      await cluster.clock.advance(5 * minute);
      expect(poolSaid('pool-0', 'Ready')).toBe('Unknown/Stale');
      cluster.secret('credentials', 'new');
      await cluster.clock.advance(40 * second);
      expect([said('Ready'), poolSaid('pool-0', 'Ready')]).toEqual(['True/Reading', 'True/Running']);
    });

    it('claims no read of a pool whose workspace was not read since the start', async () => {
      upstream(1, 'other');
      cluster.project({ discovery: { workspaces: ['0', 'other'] } });
      cluster.start();
      await cluster.clock.advance(minute);
      await cluster.stop();
      cluster.modelarts.failure = (call) =>
        call === 'list other' ? upstreamFailure('Forbidden') : undefined;
      cluster.start();
      await cluster.clock.advance(5 * minute);
      expect(poolSaid('pool-0', 'Synced')).toBe('False/Forbidden');
      expect(said('Synced')).toBe('False/PartialFailure');
      expect(said('Ready')).toBe('True/Reading');
    });

    it('says of a declared pool whose detail cannot be read that it is not synced', async () => {
      upstream(0);
      cluster.project();
      declare('mine', 'pool-9');
      cluster.modelarts.failure = (call) =>
        call === 'detail pool-9' ? upstreamFailure('Forbidden') : undefined;
      cluster.start();
      await cluster.clock.advance(3 * minute);
      expect(poolSaid('mine', 'Synced')).toBe('False/Forbidden');
      expect(said('Synced')).toBe('False/PartialFailure');
    });

    it('gives a project without pools a sign of life, too', async () => {
      cluster.project();
      cluster.start();
      await cluster.clock.advance(minute);
      expect(cluster.projectStatus().lastSyncTime).toBeDefined();
    });

    it('gives none while a part fails', async () => {
      await synced(2);
      const before = cluster.projectStatus().lastSyncTime;
      cluster.modelarts.failure = (call) =>
        call === 'statistics pool-0' ? upstreamFailure('Unreachable') : undefined;
      await cluster.clock.advance(20 * minute);
      expect(cluster.projectStatus().lastSyncTime).toBe(before);
    });
  });

  describe('invariant 5 (One bad apple)', () => {
    it('survives an error that nobody expected, in a pool or in all, and says that something is wrong', async () => {
      await synced(2);
      cluster.modelarts.failure = (call) =>
        call === 'statistics pool-0' ? new TypeError('undefined is not a function') : undefined;
      await cluster.clock.advance(5 * minute);
      expect(poolSaid('pool-0', 'Synced')).toBe('False/InvalidResponse');
      expect(poolSaid('pool-1', 'Synced')).toBe('True/ReadComplete');
      expect(cluster.log.filter(({ level }) => level === 'error').length).toBeGreaterThan(0);
      cluster.modelarts.failure = (call) => (call === 'list 0' ? new TypeError('oops') : undefined);
      await cluster.clock.advance(5 * minute);
      expect(said('Synced')).toBe('False/InvalidResponse');
      cluster.modelarts.failure = () => undefined;
      await cluster.clock.advance(10 * minute);
      expect(said('Synced')).toBe('True/ReadComplete');
    });

    it('names what did not decode, always in the same words', async () => {
      await synced(2);
      cluster.modelarts.poolIssues = [
        { item: 'pool-0', path: 'items[0].status.phase', expected: 'a text', found: '7' },
      ];
      await cluster.clock.advance(minute);
      expect(poolSaid('pool-0', 'Synced')).toBe('False/InvalidResponse');
      expect(poolSaid('pool-1', 'Synced')).toBe('True/ReadComplete');
      expect(said('Synced')).toBe('False/PartialFailure');
      const { conditions = [] } = cluster.poolStatus('pool-0') ?? {};
      expect(conditions.find(({ type }) => type === 'Synced')?.message).toContain('status.phase is 7');
    });

    it('tells of rows that belong to no pool on the project alone', async () => {
      await synced(1);
      cluster.modelarts.poolIssues = [{ path: 'items[1]', expected: 'a pool', found: '7' }];
      cluster.modelarts.unidentifiedPools = 1;
      await cluster.clock.advance(minute);
      expect(said('Synced')).toBe('False/PartialFailure');
      expect(poolSaid('pool-0', 'Synced')).toBe('True/ReadComplete');
    });
  });

  describe('invariant 6 (Polite)', () => {
    it('backs off to eight intervals at most, and looks at the Secret each interval meanwhile', async () => {
      await synced(1);
      cluster.modelarts.failure = () => upstreamFailure('Unreachable');
      await cluster.clock.advance(10 * minute);
      cluster.modelarts.taken();
      await cluster.clock.advance(60 * minute);
      const lists = cluster.modelarts.taken().filter((call) => call.startsWith('list')).length;
      expect(lists).toBeGreaterThanOrEqual(15);
      expect(lists).toBeLessThan(60);
      cluster.modelarts.failure = () => undefined;
      cluster.secret('credentials', 'new');
      await cluster.clock.advance(35 * second);
      expect(said('Synced')).toBe('True/ReadComplete');
    });

    it('looks at the Secret when the jobs of a pool are refused, and goes on at once with a new one', async () => {
      await synced(1);
      cluster.modelarts.failure = (call) =>
        call === 'statistics pool-0' ? upstreamFailure('Unauthorized') : undefined;
      // Once the pools were read again, it is not the whole project that is refused.
      await cluster.clock.advance(40 * second);
      expect(poolSaid('pool-0', 'Synced')).toBe('False/Unauthorized');
      expect(said('Authenticated')).toBe('True/Accepted');
      cluster.modelarts.failure = () => undefined;
      cluster.secret('credentials', 'new');
      await cluster.clock.advance(31 * second);
      expect(cluster.connections).toHaveLength(2);
      expect(poolSaid('pool-0', 'Synced')).toBe('True/ReadComplete');
    });

    it('asks again at once, with a new credential, what the old one was refused beside the pools', async () => {
      cluster.modelarts.versions = new Map();
      upstream(1);
      cluster.project({ trainingJobVersions: { mode: 'Enabled', interval: '1h' } });
      cluster.modelarts.failure = (call) =>
        call.startsWith('versions') ? upstreamFailure('Unauthorized') : undefined;
      cluster.start();
      await cluster.clock.advance(minute);
      expect(said('Synced')).toBe('False/PartialFailure');
      cluster.modelarts.failure = () => undefined;
      cluster.secret('credentials', 'new');
      await cluster.clock.advance(35 * second);
      expect(cluster.connections).toHaveLength(2);
      expect(said('Synced')).toBe('True/ReadComplete');
    });

    it('waits as long as the server asks', async () => {
      await synced(1);
      cluster.modelarts.failure = () => upstreamFailure('Throttled', { retryAfterMs: 10 * minute });
      await cluster.clock.advance(40 * second);
      cluster.modelarts.taken();
      await cluster.clock.advance(9 * minute);
      expect(cluster.modelarts.taken()).toEqual([]);
    });

    it('remembers a refused credential over restarts, until its Secret or the spec changes', async () => {
      upstream(1);
      cluster.modelarts.failure = () => upstreamFailure('Unauthorized');
      cluster.project();
      cluster.start();
      await cluster.clock.advance(3 * minute);
      expect(cluster.projectStatus().refusedSecretVersion).toBe('1');
      expect(said('Ready')).toBe('False/Unauthorized');
      for (let n = 0; n < 3; n++) {
        await cluster.stop();
        cluster.modelarts.taken();
        cluster.start();
        await cluster.clock.advance(minute);
        expect(cluster.modelarts.taken()).toEqual([]);
        expect(cluster.projectStatus().refusedSecretVersion).toBe('1');
      }
      cluster.modelarts.failure = () => undefined;
      cluster.project({ region: 'eu-de' });
      await cluster.clock.advance(second);
      expect(said('Ready')).toBe('True/Reading');
      expect(cluster.projectStatus().refusedSecretVersion).toBeUndefined();
    });

    it('stretches the intervals where the budget is too small, and says which are in use', async () => {
      upstream(10);
      running();
      cluster.project({ rateLimit: { requestsPerSecond: 1 } });
      cluster.start();
      await cluster.clock.advance(10 * minute);
      expect(said('Synced')).toBe('True/BudgetStretched');
      const { poolInterval, workloadInterval } = cluster.projectStatus().effective ?? {};
      expect([poolInterval, workloadInterval]).not.toEqual(['30s', '15s']);
      cluster.modelarts.taken();
      cluster.taken();
      await cluster.clock.advance(15 * minute);
      expect(cluster.modelarts.taken().length).toBeLessThan(15 * 60);
      // No wavering: the same load is the same interval.
      expect(cluster.projectStatus().effective).toEqual({ poolInterval, workloadInterval });
    });
  });

  describe('a read that is asked for', () => {
    const annotation = 'modelarts-operator.dev/reconcile-requested-at';
    const listed = () => cluster.modelarts.taken().filter((call) => call === 'list 0').length;

    it('is made at once, and echoed when all was read', async () => {
      await synced(2);
      cluster.project({}, { [annotation]: 'one' });
      await cluster.clock.advance(100);
      expect(listed()).toBe(1);
      expect(cluster.projectStatus().lastHandledReconcileAt).toBe('one');
    });

    it('is echoed only by the first poll that is complete', async () => {
      await synced(2);
      cluster.modelarts.failure = (call) =>
        call === 'statistics pool-1' ? upstreamFailure('Unreachable') : undefined;
      cluster.project({}, { [annotation]: 'one' });
      await cluster.clock.advance(minute);
      expect(cluster.projectStatus().lastHandledReconcileAt).toBeUndefined();
      cluster.modelarts.failure = () => undefined;
      await cluster.clock.advance(5 * minute);
      expect(cluster.projectStatus().lastHandledReconcileAt).toBe('one');
    });

    it('is not complete while one workspace fails', async () => {
      await synced(1);
      cluster.project({ discovery: { workspaces: ['0', 'closed'] } });
      cluster.modelarts.failure = (call) =>
        call === 'list closed' ? upstreamFailure('Forbidden') : undefined;
      cluster.project({}, { [annotation]: 'one' });
      await cluster.clock.advance(5 * minute);
      expect(cluster.projectStatus().lastHandledReconcileAt).toBeUndefined();
    });

    it('is made for a single pool, whatever is wrong with another', async () => {
      await synced(2);
      cluster.modelarts.failure = (call) =>
        call === 'statistics pool-1' ? upstreamFailure('Unreachable') : undefined;
      const pool = cluster.pools.objects.get(`${namespace}/pool-0`)!;
      cluster.pools.apply({
        ...pool,
        metadata: { ...pool.metadata, annotations: { ...pool.metadata.annotations, [annotation]: 'one' } },
      });
      await cluster.clock.advance(100);
      expect(listed()).toBe(1);
      expect(cluster.poolStatus('pool-0')?.lastHandledReconcileAt).toBe('one');
    });

    it('ends a back-off', async () => {
      await synced(1);
      cluster.modelarts.failure = () => upstreamFailure('Unreachable');
      await cluster.clock.advance(30 * minute);
      cluster.modelarts.failure = () => undefined;
      cluster.project({}, { [annotation]: 'two' });
      await cluster.clock.advance(second);
      expect(said('Synced')).toBe('True/ReadComplete');
      expect(cluster.projectStatus().lastHandledReconcileAt).toBe('two');
    });
  });

  describe('a project that comes and goes', () => {
    it('is read anew when it was deleted and written again, and mirrors get its owner', async () => {
      await synced(2);
      const before = cluster.projects.objects.get(`${namespace}/vision`)!;
      cluster.projects.remove(before);
      await cluster.clock.advance(second);
      expect(cluster.pools.size).toBe(0);
      expect(cluster.workloads.size).toBe(0);
      const after = cluster.project();
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
      await cluster.clock.advance(5 * second);
      expect(cluster.pools.size).toBe(2);
      expect(cluster.workloads.size).toBe(6);
      for (const { metadata } of cluster.pools.objects.values())
        expect(metadata.ownerReferences?.[0]?.uid).toBe(after.metadata.uid);
    });

    it('gets no mirror back that it gave up before its end was seen', async () => {
      await synced(1);
      const { metadata } = cluster.projects.objects.get(`${namespace}/vision`)!;
      const owners = () =>
        [cluster.pools, cluster.workloads].flatMap(({ objects }) =>
          [...objects.values()].map((object) => object.metadata.ownerReferences?.[0]?.name),
        );
      const giveUp = (name: string) => {
        const pool = cluster.pools.objects.get(`${namespace}/${name}`)!;
        const { ownerReferences: _, ...rest } = pool.metadata;
        cluster.pools.apply({ ...pool, metadata: rest });
      };
      const before = owners();
      cluster.projects.ending.add(metadata.uid!);
      giveUp('pool-0');
      await cluster.clock.advance(10 * minute);
      expect(owners()).toEqual([undefined, ...before.slice(1)]);
      cluster.projects.ending.clear();
      giveUp('pool-0');
      await cluster.clock.advance(second);
      expect(owners()).toEqual(before);
    });

    it('is left alone while it is suspended, and read at once after that', async () => {
      await synced(1);
      cluster.project({ suspend: true });
      await cluster.clock.advance(second);
      expect([said('Synced'), poolSaid('pool-0', 'Synced')]).toEqual([
        'Unknown/Suspended',
        'Unknown/Suspended',
      ]);
      cluster.taken();
      cluster.modelarts.taken();
      await cluster.clock.advance(60 * minute);
      expect([...cluster.taken(), ...cluster.modelarts.taken()]).toEqual([]);
      cluster.project({ suspend: false });
      await cluster.clock.advance(5 * second);
      expect(poolSaid('pool-0', 'Synced')).toBe('True/ReadComplete');
    });

    it('is not slowed by a sick one beside it', async () => {
      await synced(1);
      cluster.project({ credentials: { secretRef: { name: 'missing' } } }, {}, 'sick');
      await cluster.clock.advance(minute);
      expect(cluster.said(cluster.projectStatus('sick'), 'Ready')).toBe('False/SecretNotFound');
      const lists = cluster.modelarts.taken().filter((call) => call === 'list 0').length;
      expect(lists).toBeGreaterThanOrEqual(1);
      expect(said('Synced')).toBe('True/ReadComplete');
    });
  });

  describe('memory', () => {
    it('holds nothing of pools and jobs that came and went', async () => {
      await synced(2);
      for (let n = 100; n < 106; n++) {
        const id = `pool-${n}`;
        cluster.modelarts.pools.set(id, poolFacts({ id, phase: 'Deleting' }));
        cluster.modelarts.workloads.set(id, [job(n * 10, { namespace: id })]);
        await cluster.clock.advance(minute);
        expect(cluster.pools.size).toBe(3);
        cluster.modelarts.pools.delete(id);
        cluster.modelarts.workloads.delete(id);
        await cluster.clock.advance(2 * minute);
      }
      expect(cluster.names(cluster.pools)).toEqual(['pool-0', 'pool-1']);
      expect(cluster.workloads.size).toBe(6);
    });
  });
});

function declare(name: string, poolName: string): void {
  const object: ModelArtsPool = {
    apiVersion: 'modelarts-operator.dev/v1alpha1',
    kind: 'ModelArtsPool',
    metadata: { name, namespace },
    spec: { projectRef: { name: 'vision' }, poolName },
  };
  cluster.pools.apply(object);
}
