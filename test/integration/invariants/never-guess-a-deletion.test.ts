import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import {
  calmPool,
  calmProjects,
  calmScenario,
  scenarioOf,
  type CalmProject,
} from '../../support/calm-scenario.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { startSpoiler, type Spoiler } from '../bad-answers/spoiler.ts';

const onList = { call: 'ListPools' };
const onDetail = { call: 'ShowPool' };
const onJobs = { call: 'ListWorkloads' };
const empty: FaultRule = { match: onList, rows: 'none' };
const noJobs: FaultRule = { match: onJobs, rows: 'none' };

/** Another change of the world, or of the way to it, than a fault rule. */
type Trick = (stage: Stage, project: CalmProject, spoiler: Spoiler) => unknown;

/** The spec names another server from now on, which answers everything with this. */
const elsewhere =
  (body: string): Trick =>
  async ({ cluster }, { name, projectID }, spoiler) => {
    const headers = { 'content-type': 'application/json' };
    spoiler.set(projectID, () => ({ status: 200, headers, body: Buffer.from(body) }));
    await cluster.projects.patch(name, { spec: { endpoint: spoiler.url } });
  };
const noRows = JSON.stringify({
  ...{ apiVersion: 'v2', kind: 'List', metadata: {}, total: 0, total_count: 0, count: 0 },
  ...{ items: [], workspaces: [], specs: [], versions: [], statistics: { total: 0, statistics: [] } },
});

/** Answers that lack what is there, or are none at all. */
const lies: readonly (readonly [string, ...(FaultRule | Trick)[]])[] = [
  ['half a list of pools', { match: onList, rows: 'half' }],
  ['an empty list of pools with 200', empty],
  ['a list of pools that lacks one in turn', { match: onList, rows: 'skip' }],
  ['an empty list of pools, and details that fail with 500', empty, { match: onDetail, status: 500 }],
  [
    'an empty list, and 404 of the gateway for details',
    empty,
    { match: onDetail, status: 404, code: 'APIGW.0101' },
  ],
  [
    'an empty list, and 404 for another project',
    empty,
    { match: onDetail, status: 404, code: 'ModelArts.2786' },
  ],
  ['an empty list, and 404 without a code', empty, { match: onDetail, status: 404, body: 'html' }],
  ['a list of pools that repeats one', { match: onList, rows: 'repeat' }],
  ['a list of pools that begins a row late', { match: onList, rows: 'shift' }],
  ['details that say the pool is not there, while it is listed', { match: onDetail, status: 404 }],
  ['a page for people with 200', { body: 'html' }],
  ['500', { status: 500 }],
  ['403', { status: 403 }],
  ['404 of the gateway', { status: 404, code: 'APIGW.0101' }],
  ['404 for another project', { status: 404, code: 'ModelArts.2786' }],
  ['truncated bodies', { body: 'truncated' }],
  ['malformed bodies', { body: 'malformed' }],
  ['bodies that are cut', { cut: 'midBody' }],
  ['no body', { body: 'empty' }],
  ['an array', { body: 'array' }],
  ['another object', { body: 'otherObject' }],
  ['401', { status: 401 }],
  ['empty lists of jobs', noJobs],
  [
    'empty lists of jobs, and statistics that still count them',
    noJobs,
    { match: { call: 'ShowWorkloadStatistics' }, totalOff: 1 },
  ],
  ['half of the lists of jobs', { match: onJobs, rows: 'half' }],
  ['rows that are no jobs', { match: onJobs, rows: 'garbage' }],
  ['a job left out', { match: onJobs, rows: 'skip' }],
  ['a job twice', { match: onJobs, rows: 'repeat' }],
  ['lists of jobs that begin a row late', { match: onJobs, rows: 'shift' }],
  ['totals that disagree with all lists', { totalOff: 2 }],
  ['totals that say less than the lists', { totalOff: -2 }],
  ['a job left out, and totals that say less', { match: onJobs, rows: 'skip' }, { totalOff: -2 }],
  [
    'a workspace whose access is withdrawn',
    ({ simulator }, { projectID }) =>
      simulator.world.setWorkspace({ project: projectID, workspace: { id: '0', closed: true } }),
  ],
  [
    'a project that got another id',
    ({ simulator }, { name, projectID, token }) => {
      simulator.world.removeProject({ project: projectID });
      simulator.world.addProject({
        id: projectID.replace(/^0/, 'f'),
        tokens: [token],
        pools: [calmPool(`${name}-a`)],
      });
    },
  ],
  ['another endpoint, that answers everything with 200 and empty lists', elsewhere(noRows)],
  ['another endpoint, that answers everything with 200 and an empty array', elsewhere('[]')],
];

describe('invariant 3 (Never guess a deletion)', () => {
  describe('an answer that fails or lies', () => {
    const projects = calmProjects(lies.length);
    /** A pool with three jobs. */
    const mirrorsEach = 4;
    let stage: Stage;
    let spoiler: Spoiler;
    let before: Record<string, string | undefined>;

    const mirrors = async (): Promise<Record<string, string | undefined>> => {
      const all = [...(await stage.cluster.pools.all()), ...(await stage.cluster.workloads.all())];
      return Object.fromEntries(all.map(({ metadata }) => [metadata.name, metadata.uid]));
    };

    beforeAll(async () => {
      stage = await Stage.open({ scenario: scenarioOf(projects), speed: 1, start: false });
      spoiler = await startSpoiler(stage.simulator.url);
      await stage.connectAll(projects, {
        polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '10s' },
        // Every chance to err: one lack is enough.
        deletion: { confirmations: 1, maxPercent: 100 },
      });
      stage.start();
      await eventually(
        async () => {
          before = await mirrors();
          expect(Object.keys(before)).toHaveLength(projects.length * mirrorsEach);
        },
        { deadline: 'collected' },
      );
      stage.simulator.resetRequests();
      for (const [i, [, ...rules]] of lies.entries()) {
        const project = projects[i]!;
        for (const rule of rules)
          if (typeof rule === 'function') await rule(stage, project, spoiler);
          else stage.simulator.world.fault({ ...rule, match: { ...rule.match, project: project.projectID } });
      }
      // Each was asked often enough to err; a refused credential is left alone after two answers of whatever call.
      const askedOften = (): void => {
        const { log } = stage.simulator.requests();
        const few = lies.filter(([what], i) => {
          const { projectID } = projects[i]!;
          if (spoiler.count(projectID, 'pools') > 1) return false;
          const asked = log.filter(({ path }) => path.split('/')[2] === projectID);
          const lists = asked.filter(({ call }) => call === 'ListPools' || call === 'ListWorkloads');
          return what === '401' ? asked.length < 2 : lists.length < 4;
        });
        expect(few.map(([what]) => what)).toEqual([]);
      };
      // Those that fail back off to eight intervals.
      await eventually(askedOften, { deadline: 'collected' });
    });
    afterAll(async () => {
      await stage.close();
      await spoiler.stop();
    });

    it.each(lies.map(([what], i) => [what, i] as const))('%s: nothing goes', async (_what, i) => {
      const { name } = projects[i]!;
      const of = (all: Record<string, string | undefined>) =>
        Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(`${name}-`)));
      const now = of(await mirrors());
      expect(Object.keys(now)).toHaveLength(mirrorsEach);
      expect(now).toEqual(of(before));
    });
  });

  describe('a list of more than one page', () => {
    /** One more than a page has, and the last one of the page before. */
    const jobs = Array.from({ length: 502 }, (_, i) => ({
      uid: `job-${i}`,
      name: `job-${i}`,
      status: 'Completed' as const,
      age: `${600 - i}m`,
      duration: '1m',
    }));
    let stage: Stage;
    let before: readonly (string | undefined)[];
    const uids = async () => (await stage.cluster.workloads.all()).map(({ metadata }) => metadata.uid);

    beforeAll(async () => {
      stage = await Stage.open({ scenario: calmScenario([calmPool('a', { jobs })]) });
      await stage.connect({
        wait: false,
        spec: {
          deletion: { confirmations: 1, maxPercent: 100 },
          polling: { poolInterval: '5s', workloadInterval: '5s', maxStaleness: '10s' },
          workloads: { history: { maxPerPool: 1000, ttl: '8760h' } },
        },
      });
      await eventually(
        async () => {
          before = await uids();
          expect(before).toHaveLength(jobs.length);
        },
        { deadline: 'collected', every: 500 },
      );
    });
    afterAll(() => stage.close());

    const secondPage = { ...onJobs, query: { offset: '499' } };
    const forgets = (...ignored: string[]): FaultRule => ({ match: onJobs, ignored });
    it.each<readonly [string, FaultRule]>([
      ['forgets where a page begins', forgets('offset')],
      ['forgets how long a page is', forgets('limit')],
      ['forgets all of its paging', forgets('offset', 'limit')],
      ['forgets its order', forgets('sort', 'ascend')],
      ['shifts: its second page begins a row late', { match: secondPage, rows: 'shift' }],
      ['shifts: a row is skipped', { match: onJobs, rows: 'skip' }],
      ['shifts: a row is repeated', { match: onJobs, rows: 'repeat' }],
      ['ends after the first page', { match: secondPage, rows: 'none' }],
    ])('that %s: nothing goes', async (_what, rule) => {
      stage.simulator.resetRequests();
      stage.simulator.world.fault(rule);
      await eventually(() => {
        const pages = stage.simulator.requests().log.filter(({ call }) => call === 'ListWorkloads');
        expect(pages.length).toBeGreaterThanOrEqual(4);
      });
      stage.simulator.world.clearFault();
      expect(await uids()).toEqual(before);
    });
  });

  describe('what is really gone', () => {
    let stage: Stage;
    afterEach(() => stage.close());

    /** What happens to mirrors, in order, as the operator's own caches see it. */
    function history(): string[] {
      const lines: string[] = [];
      const { pools, workloads } = stage.operator.stores;
      pools.onChange((_old, pool) => {
        const synced = pool && said(pool, 'Synced');
        const line = pool ? `pool ${pool.poolName} ${synced}` : `pool ${_old?.poolName} deleted`;
        if (lines.at(-1) !== line) lines.push(line);
      });
      workloads.onChange((old, workload) => {
        if (workload === undefined) lines.push(`job ${old?.identity} deleted`);
        else if (workload.phase !== old?.phase) lines.push(`job ${workload.identity} ${workload.phase}`);
      });
      return lines;
    }

    it('a pool goes after its confirmations: its jobs first, then said, then deleted', async () => {
      stage = await Stage.open({ scenario: calmScenario(['a', 'b', 'c']) });
      await stage.connect({ spec: { deletion: { confirmations: 4 } } });
      const lines = history();
      stage.simulator.resetRequests();
      let lists: number | undefined;
      stage.operator.stores.workloads.onChange((_old, job) => {
        if (job === undefined) lists ??= stage.simulator.requests().byCall['ListPools'] ?? 0;
      });

      stage.simulator.world.removePool({ pool: 'a' });
      // The watch that writes these lines may tell it later than the apiserver does.
      await eventually(() => expect(lines).toContain('pool a deleted'));
      expect(await stage.pool('a')).toBeUndefined();

      const jobs = ['job a-ended deleted', 'job a-queued deleted', 'job a-running deleted'];
      expect(lines.filter((line) => line.startsWith('job')).sort()).toEqual(jobs);
      const ofPool = lines.filter((line) => line.startsWith('pool a '));
      expect(ofPool.slice(-2)).toEqual(['pool a False/NotFound', 'pool a deleted']);
      const { log } = stage.simulator.requests();
      expect(log.some(({ call, status }) => call === 'ShowPool' && status === 404)).toBe(true);
      // Counted at the first deletion: its detail may be due before any of them, and says so too.
      expect(lists).toBeGreaterThanOrEqual(4);
      await eventually(async () =>
        expect((await stage.cluster.projects.get('demo')).status).toMatchObject({ pools: 2, workloads: 6 }),
      );
      await stage.synced();
    });

    it('of many pools at once none goes, until a person runs the command that is printed', async () => {
      stage = await Stage.open({ scenario: calmScenario(['a', 'b', 'c']) });
      await stage.connect();
      for (const pool of ['a', 'b']) stage.simulator.world.removePool({ pool });

      const project = await eventually(async () => {
        const project = await stage.cluster.projects.get('demo');
        expect(said(project, 'DeletionBlocked')).toBe('True/MaxPercentExceeded');
        return project;
      });
      await stage.settled();
      await stage.settled();
      expect((await stage.cluster.pools.all()).map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
      expect(await stage.cluster.workloads.all()).toHaveLength(9);
      expect(said(await stage.cluster.pools.get('a'), 'Synced')).toBe('False/NotFound');
      const message = messageOf(project, 'DeletionBlocked');
      expect(message).toContain('(a, b)');
      await eventually(async () => {
        const events = await stage.cluster.events.all();
        expect(events.filter(({ reason }) => reason === 'DeletionBlocked')).toHaveLength(1);
      });

      const [, command] = /To delete exactly these: kubectl (.*?) \(/.exec(message)!;
      expect(await stage.kubectl(command!.split(' '))).toMatchObject({ code: 0 });

      await eventually(async () => {
        expect((await stage.cluster.pools.all()).map(({ metadata }) => metadata.name)).toEqual(['c']);
        expect(said(await stage.cluster.projects.get('demo'), 'DeletionBlocked')).toBe(
          'False/NothingBlocked',
        );
      });
    });

    it('a confirmation for other pools releases nothing', async () => {
      stage = await Stage.open({ scenario: calmScenario(['a', 'b', 'c']) });
      await stage.connect();
      await stage.cluster.projects.patch('demo', {
        metadata: { annotations: { 'modelarts-operator.dev/confirm-deletion': '0123456789abcdef' } },
      });
      for (const pool of ['a', 'b']) stage.simulator.world.removePool({ pool });
      await eventually(async () =>
        expect(said(await stage.cluster.projects.get('demo'), 'DeletionBlocked')).toMatch(/^True/),
      );
      await stage.settled();
      await stage.settled();
      expect(await stage.cluster.pools.all()).toHaveLength(3);

      // They were not gone after all.
      for (const id of ['a', 'b'])
        stage.simulator.world.addPool({
          pool: { id, name: id, resources: [{ flavor: 'modelarts.vm.cpu.8ud', count: 1 }] },
        });
      await eventually(async () =>
        expect(said(await stage.cluster.projects.get('demo'), 'DeletionBlocked')).toMatch(/^False/),
      );
      await eventually(async () =>
        expect(said(await stage.cluster.pools.get('a'), 'Synced')).toBe('True/ReadComplete'),
      );
      expect(await stage.cluster.pools.all()).toHaveLength(3);
    });

    it('a job that vanished goes after as many full walks as asked', async () => {
      stage = await Stage.open({ scenario: calmScenario(['a', 'b']) });
      await stage.connect({
        spec: {
          deletion: { confirmations: 3 },
          polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '2s' },
        },
      });
      stage.simulator.resetRequests();
      stage.simulator.world.removeJob({ pool: 'a', job: 'a-running' });
      await eventually(async () => expect(await stage.cluster.workloads.find('a-running')).toBeUndefined());
      const walks = stage.simulator
        .requests()
        .log.filter(
          ({ call, path, query }) =>
            call === 'ListWorkloads' && path.includes('/a/') && !query.includes('status='),
        );
      expect(walks.length).toBeGreaterThanOrEqual(3);
      expect(await stage.cluster.workloads.all()).toHaveLength(5);
    });

    it('a job that ends is written in its end state before it leaves', async () => {
      stage = await Stage.open({ scenario: calmScenario(['a']) });
      await stage.connect({
        spec: { workloads: { history: { maxPerPool: 0, ttl: '1h', minRetention: '5s' } } },
      });
      const lines = history();
      const endedAt = stage.runtime.now();
      stage.simulator.world.finishJob({ pool: 'a', job: 'a-running', outcome: 'Failed' });
      await eventually(() => lines.includes('job a-running deleted'));
      // From its completion time, which is told in whole seconds.
      expect(stage.runtime.now() - endedAt).toBeGreaterThanOrEqual(4_000);
      expect(lines.filter((line) => line.includes('a-running'))).toEqual([
        'job a-running Failed',
        'job a-running deleted',
      ]);
    });
  });
});
