import { describe, expect, it } from '@jest/globals';
import { withDefaults } from '../api/kinds/modelarts-project.ts';
import {
  aDeclaredMirror,
  aPoolMirror,
  aProjectObject,
  aProjectWith,
  aWorkloadMirror,
  noon,
  poolFacts,
  workloadFacts,
} from '../../test/support/builders.ts';
import { upstreamFailure } from '../../test/support/fake-modelarts.ts';
import type { PoolFacts } from '../api/facts.ts';
import type { PoolRecord, WorkloadRecord } from '../mirror/world.ts';
import { compileSelection } from '../mirror/selection.ts';
import { gatherPool } from './gather-pool.ts';
import { gatherProject } from './gather-project.ts';
import { gatherWorkload } from './gather-workload.ts';
import type { Cached, Sources } from './gather.ts';
import { failed, failureOf, newHealth, succeeded, type Health } from './health.ts';
import type { PoolPassInput } from './pool-observations.ts';
import type { Read } from './pool-pass.ts';
import { ProjectState } from './project-state.ts';
import { settingsOf } from './settings.ts';

const key = { kind: 'pool', namespace: 'team', project: 'vision', poolName: 'pool-a' } as const;
const job = workloadFacts({ uid: 'job-a' });
const jobKey = {
  kind: 'workload',
  namespace: 'team',
  project: 'vision',
  source: 'Workload',
  uid: 'job-a',
} as const;
const limits = { intervalMs: 30_000, maxStalenessMs: 300_000 };
const well = succeeded(newHealth(0), 0);
const down = (...seconds: number[]): Health =>
  seconds.reduce(
    (health, at) => failed(health, at * 1000, failureOf(upstreamFailure('Unreachable')), limits),
    well,
  );

/** A cluster, and what reading a project has shown. */
function cached<E extends { readonly name: string }>(
  entries: readonly E[],
  isUnder: (entry: E, index: string, value: string) => boolean,
): Cached<E> {
  const byIndex = (index: string, value: string) => entries.filter((entry) => isUnder(entry, index, value));
  return {
    get: (_namespace, name) => entries.find((entry) => entry.name === name),
    byIndex,
    countByIndex: (index, value) => byIndex(index, value).length,
  };
}

const nothing = cached<never>([], () => false);

class World {
  pools: PoolRecord[] = [];
  workloads: WorkloadRecord[] = [];
  readonly state: ProjectState;
  monotonic = 0;
  readonly #sections: Parameters<typeof aProjectWith>[0];

  constructor(sections: Parameters<typeof aProjectWith>[0] = {}) {
    this.#sections = sections;
    const view = aProjectWith(sections);
    const selection = compileSelection(view.spec.discovery);
    if (!selection.ok) throw new Error(selection.message);
    this.state = new ProjectState(view, settingsOf(view.spec), selection.selection, 0);
    this.state.connectionHealth = well;
    this.state.listHealth.set('0', well);
  }

  /** Lists that show these pools, or lack all. */
  listed(facts = [poolFacts()], times = 1): this {
    const input: PoolPassInput = {
      now: this.monotonic,
      pollIntervalMs: 0,
      maxStalenessMs: 300_000,
      confirmations: 2,
      known: [{ poolName: 'pool-a', workspaceID: '0', declared: false }],
      mayBeSelected: () => true,
    };
    const { pools } = this.state;
    for (let n = 0; n < times; n++) {
      const value = { items: facts, unidentified: 0, received: facts.length };
      const answer = { value, issues: [], sequence: 1, date: 0 };
      const wanted = pools.applyLists(new Map([['0', { ok: true, answer }]]), input);
      const details = new Map<string, Read<PoolFacts>>();
      for (const id of wanted) {
        const detail = facts.find((one) => one.id === id);
        details.set(
          id,
          detail
            ? { ok: true, answer: { ...answer, value: detail } }
            : { ok: false, error: upstreamFailure('NotFound', { what: 'pool' }) },
        );
      }
      pools.applyDetails(details, input);
    }
    return this;
  }

  /** Jobs of the pool, read whole. */
  read(...jobs: (typeof job)[]): this {
    const family = { parentOf: () => undefined, isRead: () => true };
    const rows = jobs.map((facts) => ({ facts, readAt: noon, sequence: 1 }));
    this.state.workloads.applyRows('pool-a', rows, family);
    this.state.workloads.pool('pool-a').activeComplete = true;
    this.state.poolHealth.set('pool-a', well);
    return this;
  }

  get sources(): Sources {
    const { pools, workloads, state } = this;
    const object = aProjectObject({
      spec: withDefaults({ ...aProjectObject().spec, ...(this.#sections as object) }),
    });
    const project = {
      namespace: 'team',
      name: 'vision',
      uid: 'project-uid',
      resourceVersion: '1',
      object,
      spec: withDefaults(object.spec),
    };
    return {
      projects: cached([project], () => true),
      pools: cached(
        pools,
        ({ poolName }, index, value) => index === 'project' || value.endsWith(`/${poolName}`),
      ),
      workloads: cached(workloads, ({ name, identity, poolName }, index, value) => {
        if (index === 'project') return true;
        return index === 'pool' ? value.endsWith(`/${poolName}`) : value === identity && name !== identity;
      }),
      resourceSpecs: nothing,
      state: () => state,
      pruned: () => new Set(),
    };
  }

  get now() {
    return { now: noon, monotonic: this.monotonic };
  }
  get pool() {
    return gatherPool(key, this.sources, this.now);
  }
  get workload() {
    return gatherWorkload(jobKey, this.sources, this.now);
  }
  get project() {
    return gatherProject({ kind: 'project', namespace: 'team', project: 'vision' }, this.sources, this.now);
  }
}

describe('what is known of a pool', () => {
  it('is nothing without a project, or before it is read', () => {
    const { sources, now } = new World();
    const alone = gatherPool(key, { ...sources, projects: nothing }, now);
    expect(alone.project).toBeUndefined();
    const unread = gatherPool(key, { ...sources, state: () => undefined }, now);
    expect(unread).toMatchObject({ upstream: { is: 'unread' }, read: { is: 'pending' } });
  });

  it.each<[string, () => World, object]>([
    ['was listed', () => new World().listed(), { is: 'present', selected: true }],
    ['was not listed', () => new World(), { is: 'unread' }],
    ['is lacking in one list', () => new World().listed().listed([]), { is: 'absent', confirmed: false }],
    ['is lacking often enough', () => new World().listed().listed([], 2), { is: 'absent', confirmed: true }],
    [
      'does not match',
      () => new World({ discovery: { labelSelector: 'a=b' } }).listed(),
      { is: 'present', selected: false },
    ],
    [
      'is left out by its id',
      () => new World({ discovery: { poolNames: ['pool-b'] } }).listed(),
      { is: 'present', selected: false },
    ],
  ])('is how it stands upstream: it %s', (_what, world, upstream) => {
    expect(world().pool.upstream).toMatchObject(upstream);
  });

  it('is that its deletion is held back', () => {
    const world = new World().listed().listed([], 2);
    world.state.blocked = { ids: ['pool-a'], total: 3, token: 'x', what: 'pools' };
    expect(world.pool.upstream).toMatchObject({ is: 'absent', confirmed: true, blocked: true });
  });

  it('is no reason for a mirror while its list fails, but goes on being one for a mirror that is there', () => {
    const world = new World().listed();
    world.state.listHealth.set('0', down(60));
    expect(world.pool.upstream).toEqual({ is: 'unread' });
    world.pools = [aPoolMirror()];
    expect(world.pool.upstream).toMatchObject({ is: 'present' });
  });

  it.each([
    ['SecretNotFound', 'Unauthorized'],
    ['InvalidSecret', 'Unauthorized'],
    ['SecretTypeRefused', 'Unauthorized'],
    ['EndpointNotAllowed', 'BadRequest'],
    ['InvalidSpec', 'BadRequest'],
  ] as const)('is %s of its project, as %s', (reason, expected) => {
    const world = new World().listed();
    world.state.configuration = { reason, message: 'mend it' };
    expect(world.pool.read).toEqual({
      is: 'failing',
      reason: expected,
      message: 'mend it',
      announce: true,
      stale: false,
    });
    world.monotonic = 300_001;
    expect(world.pool.read).toMatchObject({ stale: true });
  });

  it('is read as the worst of its project, its list, itself and its jobs', () => {
    const world = new World().listed();
    expect(world.pool.read).toEqual({ is: 'pending' });
    world.read(job);
    expect(world.pool.read).toEqual({ is: 'complete' });
    world.state.listHealth.set(
      '0',
      succeeded(well, 0, [{ path: 'items[1]', expected: 'a pool', found: '7' }]),
    );
    expect(world.pool.read).toEqual({ is: 'complete' });
    world.monotonic = 90_000;
    world.state.connectionHealth = succeeded(well, 90_000);
    world.state.poolHealth.set('pool-a', down(20, 40, 90));
    expect(world.pool.read).toMatchObject({ is: 'failing', announce: true });
    world.state.poolHealth.set('pool-a', well);
    world.state.listHealth.set('0', down(20, 40, 90));
    expect(world.pool.read).toMatchObject({ is: 'failing', reason: 'Unreachable' });
  });

  it('is read as its workspace is, even before it was seen itself', () => {
    const world = new World();
    world.pools = [aPoolMirror({ status: { workspaceID: '0' } })];
    expect(world.pool.read).toEqual({ is: 'pending' });
    world.monotonic = 90_000;
    world.state.listHealth.set('0', down(20, 40, 90));
    expect(world.pool.read).toMatchObject({ is: 'failing', announce: true });
  });

  it('is what its jobs take up, where that can be known', () => {
    const allocated = (world: World): boolean => 'allocated' in world.pool.upstream;
    expect(allocated(new World().listed().read(job))).toBe(true);
    expect(allocated(new World({ workloads: { types: ['train'] } }).listed().read(job))).toBe(false);
    const unsure = new World().listed().read(job);
    unsure.state.workloads.pool('pool-a').activeComplete = false;
    expect(allocated(unsure)).toBe(false);
  });

  it('is whose name its mirror would take', () => {
    const world = new World().listed();
    world.pools = [aPoolMirror()];
    expect(world.pool.nameTaken).toBe(false);
    world.pools = [aPoolMirror({ project: 'other' })];
    expect(world.pool.nameTaken).toBe(true);
  });

  it('is how many jobs must go first', () => {
    const world = new World().listed();
    world.pools = [aPoolMirror()];
    world.workloads = [aWorkloadMirror(), aWorkloadMirror({ name: 'b', ownerUID: 'another' })];
    expect(world.pool.workloads).toBe(0);
    world.listed([], 2);
    expect(world.pool.workloads).toBe(1);
    world.pools = [aDeclaredMirror()];
    expect(world.pool.workloads).toBe(0);
  });

  it('leaves nothing behind where there was nothing', () => {
    const world = new World().listed();
    void world.pool;
    void world.workload;
    expect(world.state.workloads.find('pool-a')).toBeUndefined();
  });
});

describe('what is known of a job', () => {
  const withJob = (sections = {}): World => {
    const world = new World(sections).listed().read(job);
    world.pools = [aPoolMirror()];
    return world;
  };

  it.each<[string, () => World, object]>([
    ['runs', () => withJob(), { is: 'present', poolName: 'pool-a', selected: true }],
    ['was not read', () => new World().listed(), { is: 'unread' }],
    ['is of a type that is left out', () => withJob({ workloads: { types: ['infer'] } }), { is: 'excluded' }],
    [
      'is one of those that are all left out',
      () => withJob({ workloads: { mode: 'None' } }),
      { is: 'excluded' },
    ],
    ['is of a pool that is left out', () => withJob({ discovery: { poolNames: ['b'] } }), { is: 'excluded' }],
    [
      'is of a pool that is lost',
      () => {
        const world = withJob();
        world.workloads = [aWorkloadMirror({ identity: 'job-a' })];
        return world.listed([], 2);
      },
      { is: 'poolGone' },
    ],
  ])('it %s', (_what, world, upstream) => {
    expect(world().workload.upstream).toMatchObject(upstream);
  });

  it('stays with a pool whose deletion is held back', () => {
    const world = withJob().listed([], 2);
    world.state.blocked = { ids: ['pool-a'], total: 3, token: 'x', what: 'pools' };
    expect(world.workload.upstream).toMatchObject({ is: 'present' });
  });

  it('stays with a declared pool that discovery leaves out', () => {
    const world = withJob({ discovery: { poolNames: ['b'] } });
    world.pools = [aDeclaredMirror(), aPoolMirror()];
    expect(world.workload).toMatchObject({ upstream: { is: 'present' }, pool: { name: 'mine' } });
  });

  it('is absent after as many walks as asked, and held back where the statistics did not agree', () => {
    const world = withJob();
    const pool = world.state.workloads.pool('pool-a');
    pool.absences.set('job-a', { count: 1, at: 0 });
    expect(world.workload.upstream).toMatchObject({ is: 'present' });
    pool.absences.set('job-a', { count: 2, at: 0 });
    expect(world.workload.upstream).toEqual({ is: 'absent', confirmed: true, blocked: false });
    pool.held = true;
    expect(world.workload.upstream).toEqual({ is: 'absent', confirmed: true, blocked: true });
  });

  it('has the mirrors of this job in this project, whatever their names are', () => {
    const world = withJob();
    const other = aWorkloadMirror({ name: 'another', identity: 'job-a' });
    const named = aWorkloadMirror({ name: 'job-a', identity: 'job-a' });
    world.workloads = [named, other, aWorkloadMirror({ name: 'b', identity: 'job-a', project: 'elsewhere' })];
    expect(world.workload.mirrors).toHaveLength(2);
    expect(world.workload.mirrors).toEqual(expect.arrayContaining([named, other]));
  });

  it('that ended is nothing until its place in the history was looked for, and nothing is proven by a mirror alone', () => {
    const world = new World().listed().read({ ...job, status: 'Completed' });
    world.workloads = [aWorkloadMirror({ identity: 'job-a', phase: 'Completed' })];
    expect(world.workload.upstream).toEqual({ is: 'unread' });
    const { workloads } = world.state;
    const known = new Map([['job-a', { uid: 'job-a', terminal: true }]]);
    workloads.selectHistory('pool-a', known, { maxPerPool: 0, ttlMs: 1, minRetentionMs: 1 }, noon + 1e9);
    expect(world.workload.upstream).toMatchObject({ is: 'present', selected: false });
    workloads.forget('pool-a', 'job-a');
    expect(world.workload.upstream).toEqual({ is: 'unread' });
    workloads.selectHistory('pool-a', known, { maxPerPool: 0, ttlMs: 1, minRetentionMs: 1 }, noon + 1e9);
    expect(world.workload.upstream).toEqual({ is: 'pruned' });
  });
});

describe('what is known of a project', () => {
  it('names what fails while the rest works, in order', () => {
    const world = new World().listed().read(job);
    expect(world.project).toMatchObject({ partial: [], read: { is: 'complete' } });
    world.monotonic = 90_000;
    world.state.connectionHealth = succeeded(well, 90_000);
    world.state.listHealth.set('w1', down(20, 40, 90));
    world.state.poolHealth.set('pool-a', down(20, 40, 90));
    expect(world.project?.partial).toEqual([
      'pool pool-a: ModelArts answered: Unreachable',
      'workspace w1: ModelArts answered: Unreachable',
    ]);
    world.state.listHealth.set('w1', down(80));
    expect(world.project?.partial).toHaveLength(1);
  });

  it('shows the intervals in use', () => {
    const world = new World();
    world.state.stretch = 2;
    expect(world.project?.effective).toEqual({
      poolIntervalMs: 60_000,
      workloadIntervalMs: 30_000,
      stretched: true,
    });
  });

  it('is nothing where there is none', () => {
    const { sources, now } = new World();
    const none = { ...sources, projects: nothing };
    expect(
      gatherProject({ kind: 'project', namespace: 'team', project: 'vision' }, none, now),
    ).toBeUndefined();
  });
});
