import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WorldError } from './operations.ts';
import type { Scenario } from './schema.ts';
import { snapshot } from './snapshot.ts';
import { World } from './world.ts';

const project = '0123456789abcdef0123456789abcdef';
const start = Date.parse('2025-06-11T07:00:00Z');
const minute = 60_000;

const busy: Scenario['projects'][number] = {
  id: project,
  pools: [
    {
      name: 'mixed',
      resources: [
        { flavor: 'modelarts.bm.gpu.8v100', count: 2, azs: { 'eu-de-01': 1, 'eu-de-02': 1 } },
        { flavor: 'modelarts.vm.cpu.16u', count: 1 },
      ],
      load: { arrivalsPerMinute: 2, backlog: 20, finished: 10, duration: { min: '1m', max: '20m' } },
    },
    {
      name: 'npu',
      resources: [{ flavor: 'modelarts.bm.npu.arm.8snt9', count: 3 }],
      load: { arrivalsPerMinute: 1 },
    },
  ],
};

function build(seed: number): World {
  const world = new World({ seed, start });
  world.addProject(busy);
  return world;
}

/** Steps of any kind, each of which must leave the world in order. */
type Step = readonly [minutes: number, what: number];
const steps = fc.array(fc.tuple(fc.nat(30), fc.nat(7)), { maxLength: 20 });

function take(world: World, [minutes, what]: Step, cuts = 1): void {
  const from = world.now();
  for (let i = 1; i <= cuts; i++) world.advanceTo(from + Math.floor((minutes * minute * i) / cuts));
  const active = world.pool('mixed').jobs.list('Running')[0]?.uid;
  const doings: readonly (() => unknown)[] = [
    () => undefined,
    () => world.failNode({ pool: 'mixed' }),
    () => world.recoverNode({ pool: 'mixed' }),
    () =>
      world.upgradeDriver({
        pool: 'mixed',
        kind: 'gpu',
        version: `535.${minutes}`,
        strategy: minutes % 2 ? 'idle' : 'force',
      }),
    () => world.scalePool({ pool: 'mixed', flavor: 'modelarts.bm.gpu.8v100', count: 1 + (minutes % 4) }),
    () => active !== undefined && world.stopJob({ pool: 'mixed', job: active }),
    () => active !== undefined && world.finishJob({ pool: 'mixed', job: active, outcome: 'Failed' }),
    () => world.addJob({ pool: 'mixed', job: { cards: 4, priority: 3, duration: '5m' } }),
  ];
  try {
    doings[what]?.();
  } catch (error) {
    // A node may not be there to fail.
    if (!(error instanceof WorldError)) throw error;
  }
}

describe('World', () => {
  it('is the same world for the same seed and steps, however time is cut', () => {
    fc.assert(
      fc.property(fc.integer(), steps, fc.integer({ min: 1, max: 7 }), (seed, list, cuts) => {
        const whole = build(seed);
        const cut = build(seed);
        for (const step of list) {
          take(whole, step);
          take(cut, step, cuts);
        }
        expect(snapshot(cut, { jobs: true })).toEqual(snapshot(whole, { jobs: true }));
      }),
      { numRuns: 15 },
    );
  });

  it('gives other seeds another course', () => {
    expect(snapshot(build(1), { jobs: true })).not.toEqual(snapshot(build(2), { jobs: true }));
  });

  it('never gives out more than its nodes have, and counts every job once', () => {
    fc.assert(
      fc.property(fc.integer(), steps, (seed, list) => {
        const world = build(seed);
        for (const step of list) {
          take(world, step);
          for (const pool of world.project(undefined).pools.values()) {
            for (const node of pool.nodes) {
              const held = [...node.jobs].reduce((sum, job) => sum + job.need.cards, 0);
              expect(node.free.cards).toBe(node.hardware.cards - held);
              expect(
                Math.min(node.free.cards, node.free.cpuMilli, node.free.memoryMi),
              ).toBeGreaterThanOrEqual(0);
            }
            const jobs = pool.jobs.list();
            const counted = [...pool.jobs.statistics().values()].flatMap((counts) => [...counts.values()]);
            expect(counted.reduce((sum, n) => sum + n, 0)).toBe(jobs.length);
            expect(new Set(jobs.map((job) => job.uid)).size).toBe(jobs.length);
            expect(new Set(pool.queue)).toEqual(new Set(pool.jobs.list('Queue')));
            for (const job of jobs)
              expect(job.placed && (job.endedAt > 0 || job.status === 'Queue')).toBe(false);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('lets waiting jobs of one kind of card start by priority, then by age', () => {
    const world = new World({ seed: 1, start });
    world.addProject({
      id: project,
      pools: [{ name: 'one', resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 1 }] }],
    });
    const add = (name: string, priority: number): string =>
      world.addJob({ pool: 'one', job: { name, priority, duration: '1m' } });
    const [first, low, high, lowToo] = [add('first', 1), add('low', 1), add('high', 2), add('low-too', 1)];
    const pool = world.pool('one');
    expect(pool.queue.map((job) => job.uid)).toEqual([high, low, lowToo]);
    world.advanceTo(start + 60 * minute);
    const order = pool.jobs.list().toSorted((a, b) => a.startedAt - b.startedAt);
    expect(order.map((job) => job.uid)).toEqual([first, high, low, lowToo]);
    expect(order.every((job) => job.status === 'Completed')).toBe(true);
  });

  it('turns the jobs of a lost node Abnormal, and goes on with them when it comes back', () => {
    const world = new World({ seed: 1, start });
    world.addProject({
      id: project,
      pools: [{ name: 'one', resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 1 }] }],
    });
    const pool = world.pool('one');
    const uid = world.addJob({ pool: 'one', job: { duration: '10m' } });
    world.advanceTo(start + 2 * minute);
    expect(pool.jobs.get(uid)?.status).toBe('Running');
    world.failNode({ pool: 'one' });
    expect([pool.jobs.get(uid)?.status, pool.phase]).toEqual(['Abnormal', 'Abnormal']);
    world.advanceTo(start + 5 * minute);
    world.recoverNode({ pool: 'one' });
    expect([pool.jobs.get(uid)?.status, pool.phase]).toEqual(['Running', 'Running']);
    world.advanceTo(start + 30 * minute);
    expect(pool.jobs.get(uid)?.status).toBe('Completed');
    world.failNode({ pool: 'one' });
    expect(pool.events.map((event) => event.message)).toContain(
      'Pool status changed, from Running to Abnormal, details: 1 of 1 nodes are not reachable.',
    );
  });

  it('upgrades a driver node by node, when they are idle or at once', () => {
    for (const strategy of ['idle', 'force'] as const) {
      const world = new World({ seed: 1, start });
      world.addProject({
        id: project,
        pools: [{ name: 'p', resources: [{ flavor: 'modelarts.bm.gpu.8v100', count: 2 }] }],
      });
      const pool = world.pool('p');
      const uid = world.addJob({ pool: 'p', job: { duration: '30m' } });
      world.advanceTo(start + 2 * minute);
      world.upgradeDriver({ pool: 'p', kind: 'gpu', version: '535', strategy });
      expect(pool.drivers.gpu).toMatchObject({ state: 'Upgrading', version: '470.57.02', desired: '535' });
      world.advanceTo(start + 10 * minute);
      expect(pool.jobs.get(uid)?.status).toBe(strategy === 'idle' ? 'Running' : 'Failed');
      world.advanceTo(start + 60 * minute);
      expect(pool.drivers.gpu).toMatchObject({ state: 'Running', version: '535' });
      expect(pool.jobs.get(uid)?.status).toBe(strategy === 'idle' ? 'Completed' : 'Failed');
    }
  });

  it('creates and deletes a pool step by step', () => {
    const world = new World({ seed: 1, start });
    world.addProject({ id: project });
    const id = world.addPool({
      gradually: true,
      pool: { name: 'new', resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 3 }] },
    });
    const pool = world.pool(id);
    expect([pool.phase, pool.drivers.gpu?.state, pool.scopes[0]?.state]).toEqual([
      'Creating',
      'Creating',
      'Enabling',
    ]);
    world.addJob({ pool: id, job: {} });
    world.advanceTo(start + 10 * minute);
    expect([pool.phase, pool.drivers.gpu?.state, pool.scopes[0]?.state]).toEqual([
      'Running',
      'Running',
      'Enabled',
    ]);
    world.removePool({ pool: id, gradually: true });
    expect([pool.phase, pool.jobs.list()[0]?.status]).toEqual(['Deleting', 'Terminating']);
    world.advanceTo(start + 20 * minute);
    expect(() => world.pool(id)).toThrow(WorldError);
  });

  it('forgets ended jobs after their retention', () => {
    const world = new World({ seed: 1, start });
    world.addProject({
      id: project,
      pools: [{ name: 'p', retention: '1h', resources: [{ flavor: 'modelarts.vm.cpu.4ud', count: 1 }] }],
    });
    world.addJob({ pool: 'p', job: { status: 'Completed', age: '30m', duration: '10m' } });
    world.advanceTo(start + 39 * minute);
    expect(world.pool('p').jobs.size).toBe(1);
    world.advanceTo(start + 41 * minute);
    expect(world.pool('p').jobs.size).toBe(0);
  });

  it('names what is missing or ambiguous', () => {
    const world = build(1);
    expect(() => world.failNode({ pool: 'nowhere' })).toThrow('there is no pool nowhere');
    world.addPool({ pool: { name: 'npu', id: 'pool-other', resources: [] } });
    expect(() => world.pool('npu')).toThrow('2 pools are called npu');
    expect(() => world.finishJob({ pool: 'mixed', job: 'nothing', outcome: 'Failed' })).toThrow(
      'has no job nothing',
    );
  });
});
