import { describe, expect, it } from '@jest/globals';
import type { StatisticsFacts, WorkloadFacts } from '../api/facts.ts';
import { aProjectWith, workloadFacts } from '../../test/support/builders.ts';
import { FakeModelArts, upstreamFailure } from '../../test/support/fake-modelarts.ts';
import { settingsOf } from './settings.ts';
import { isTerminal, WorkloadObservations, type KnownWorkload } from './workload-observations.ts';
import { passOverWorkloads, type WorkloadPassResult } from './workload-pass.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const second = 1000;
const interval = 15 * second;
const maxStaleness = 300 * second;

type Sections = Parameters<typeof aProjectWith>[0];

/** One pool's reading, and the mirrors that would follow from it. */
class Reading {
  readonly modelarts = new FakeModelArts();
  readonly observations = new WorkloadObservations();
  readonly known = new Map<string, KnownWorkload>();
  readonly pool: string;
  monotonic = 0;
  parents: Record<string, string> = {};
  onActive: ((uids: readonly string[]) => void) | undefined;
  #sections: Sections;

  constructor(sections: Sections = {}, pool = 'pool-a') {
    this.#sections = sections;
    this.pool = pool;
    this.modelarts.date = () => this.now;
  }

  get now(): number {
    return noon + this.monotonic;
  }

  has(...jobs: WorkloadFacts[]): void {
    this.modelarts.workloads.set(this.pool, jobs);
  }

  spec(sections: Sections): void {
    this.#sections = sections;
  }

  /** A pass `afterMs` after the one before, and what it asked. */
  async pass(
    afterMs = interval,
    pool = this.pool,
  ): Promise<WorkloadPassResult & { asked: readonly string[] }> {
    this.monotonic += afterMs;
    this.modelarts.taken();
    const { spec } = aProjectWith(this.#sections);
    const result = await passOverWorkloads(
      {
        reader: this.modelarts,
        pool,
        observations: this.observations,
        spec: spec.workloads,
        deletion: spec.deletion,
        settings: settingsOf(spec),
        known: new Map(this.known),
        family: { parentOf: (child) => this.parents[child], isRead: () => true },
        now: this.now,
        monotonic: this.monotonic,
        onActive: this.onActive,
      },
      new AbortController().signal,
    );
    this.#mirror(result.touched);
    return { ...result, asked: this.modelarts.taken() };
  }

  /** What the rest of the controller would make of it. */
  #mirror(touched: ReadonlySet<string>): void {
    const confirmed = this.observations.confirmedAbsences(this.pool, 2);
    for (const uid of touched) {
      const row = this.observations.row(uid);
      if (confirmed.includes(uid)) {
        if (!this.observations.pool(this.pool).held) this.known.delete(uid);
      } else if (row?.selected === true && row.pool === this.pool) {
        const { type, status, runningSeconds } = row.facts;
        const startTime =
          status === 'Running' && runningSeconds !== undefined
            ? row.readAt - runningSeconds * second
            : undefined;
        this.known.set(uid, {
          uid,
          terminal: isTerminal(row),
          type: type ?? '',
          phase: status ?? '',
          ...(startTime !== undefined && { startTime }),
        });
      } else if (row?.selected === false) this.known.delete(uid);
    }
  }

  async passes(count: number, afterMs = interval): Promise<readonly string[]> {
    const asked: string[] = [];
    for (let n = 0; n < count; n++) asked.push(...(await this.pass(afterMs)).asked);
    return asked;
  }
}

const job = (n: number, over: Partial<WorkloadFacts> = {}): WorkloadFacts =>
  workloadFacts({
    uid: `job-${String(n).padStart(5, '0')}`,
    creationTime: noon - 3_600_000 + n * second,
    status: 'Running',
    pendingSeconds: 0,
    runningSeconds: 60,
    ...over,
  });
const jobs = (from: number, to: number, over: Partial<WorkloadFacts> = {}): WorkloadFacts[] =>
  Array.from({ length: to - from }, (_, n) => job(from + n, over));
const walks = (asked: readonly string[]): number =>
  asked.filter((call) => call.includes(' * ') && call.endsWith(' 0')).length;

describe('a pass over the workloads of a pool', () => {
  it('reads everything at first, and of a long history one page a status', async () => {
    const reading = new Reading();
    reading.has(...jobs(0, 2_000, { status: 'Completed' }), ...jobs(2_000, 2_003));
    const { asked } = await reading.pass();
    expect(asked).toEqual([
      'statistics pool-a',
      ...['Queue', 'Pending', 'Creating', 'Running', 'Abnormal', 'Terminating'].map(
        (s) => `jobs pool-a ${s} 0`,
      ),
      ...['Completed', 'Terminated', 'Failed'].map((s) => `jobs pool-a ${s} 0`),
    ]);
  });

  it('tells of active workloads before it reads on, and of ended ones when their history is chosen', async () => {
    const reading = new Reading();
    reading.has(job(1), job(2, { status: 'Queue' }), job(3, { status: 'Completed' }));
    const told: unknown[] = [];
    reading.onActive = (uids) => {
      if (uids.length > 0) told.push([reading.modelarts.calls.at(-1), uids]);
    };
    const { touched } = await reading.pass();
    expect(told).toEqual([
      ['jobs pool-a Queue 0', [job(2).uid]],
      ['jobs pool-a Running 0', [job(1).uid]],
    ]);
    expect(touched).toEqual(new Set([job(3).uid]));
  });

  it('asks for statistics and the active statuses that have jobs while nothing changes', async () => {
    const reading = new Reading();
    reading.has(...jobs(0, 50, { status: 'Completed' }), job(60), job(61, { status: 'Queue' }));
    await reading.pass();
    for (let n = 0; n < 10; n++)
      expect((await reading.pass()).asked).toEqual([
        'statistics pool-a',
        'jobs pool-a Queue 0',
        'jobs pool-a Running 0',
      ]);
  });

  it('reads everything again after maxStaleness, and so finds a job that no statistics count', async () => {
    const reading = new Reading();
    reading.has(job(1));
    reading.modelarts.spoilStatistics = (statistics) => ({ ...statistics, byStatus: { Running: 1 } });
    await reading.pass();
    reading.has(job(1), job(2, { status: 'Queue' }));
    expect((await reading.pass()).touched).not.toContain(job(2).uid);
    expect((await reading.pass(maxStaleness)).touched).toContain(job(2).uid);
  });

  it('trusts no statistics that leave out a type of which there are jobs', async () => {
    const reading = new Reading();
    const uncounted = (statistics: StatisticsFacts): StatisticsFacts => ({
      ...statistics,
      byStatus: {},
      byType: [],
    });
    reading.has(job(1, { type: 'x-infer' }));
    reading.modelarts.spoilStatistics = uncounted;
    await reading.pass();
    reading.has(job(1, { type: 'x-infer' }), job(2, { type: 'x-infer', status: 'Creating' }));
    expect((await reading.pass()).touched).toContain(job(2).uid);
  });

  it('walks everything while statistics count a status that cannot be asked for', async () => {
    const reading = new Reading();
    reading.has(job(1, { status: 'Hibernating' }), job(2));
    const { asked, touched } = await reading.pass();
    expect(asked).toEqual(['statistics pool-a', 'jobs pool-a * 0', 'jobs pool-a * 1']);
    expect([...touched]).toEqual([job(1).uid, job(2).uid]);
  });

  it('looks for the end of a job that left the active lists where jobs have ended', async () => {
    const reading = new Reading();
    reading.has(job(0, { status: 'Failed' }), job(1), job(2));
    await reading.pass();
    reading.has(job(0, { status: 'Failed' }), job(1, { status: 'Completed' }), job(2));
    const { asked } = await reading.pass();
    expect(asked).toContain('jobs pool-a Completed 0');
    expect(reading.observations.row(job(1).uid)).toMatchObject({
      facts: { status: 'Completed' },
      selected: true,
    });
    expect((await reading.pass()).asked).toEqual(['statistics pool-a', 'jobs pool-a Running 0']);
  });

  it('is not confused by a job that moves on, or back, while the lists are read', async () => {
    for (const [from, to] of [
      ['Queue', 'Running'],
      ['Running', 'Queue'],
    ] as const) {
      const reading = new Reading();
      reading.has(job(1, { status: from }), job(2));
      await reading.pass();
      reading.modelarts.before = (call) => {
        if (call === 'jobs pool-a Pending 0' || call === 'jobs pool-a Running 0')
          reading.has(job(1, { status: to }), job(2));
      };
      await reading.pass();
      await reading.passes(3);
      expect(reading.observations.row(job(1).uid)).toMatchObject({ facts: { status: to } });
      expect(reading.observations.pool('pool-a').suspects.size).toBe(0);
      expect(walks(reading.modelarts.calls)).toBe(0);
    }
  });

  it('announces what it read even where a later list fails, and reads the rest the next time', async () => {
    const reading = new Reading();
    reading.has(job(1), job(2, { status: 'Completed' }));
    const refusal = upstreamFailure('Unreachable');
    reading.modelarts.failure = (call) => (call.includes('Completed') ? refusal : undefined);
    const first = await reading.pass();
    expect(first).toMatchObject({ failure: { error: refusal } });
    expect([...first.touched]).toEqual([job(1).uid]);
    reading.modelarts.failure = () => undefined;
    expect((await reading.pass()).touched).toContain(job(2).uid);
  });

  it('rejects when it is stopped, and takes nothing in after that', async () => {
    const reading = new Reading();
    reading.has(job(1));
    const stop = new AbortController();
    reading.modelarts.before = () => stop.abort(new Error('stopped'));
    const { spec } = aProjectWith({});
    const pass = passOverWorkloads(
      {
        reader: reading.modelarts,
        pool: 'pool-a',
        observations: reading.observations,
        spec: spec.workloads,
        deletion: spec.deletion,
        settings: settingsOf(spec),
        known: new Map(),
        family: { parentOf: () => undefined, isRead: () => true },
        now: noon,
        monotonic: 0,
      },
      stop.signal,
    );
    await expect(pass).rejects.toThrow('stopped');
    expect(reading.observations.row(job(1).uid)).toBeUndefined();
  });
});

describe('invariant 3 (Never guess a deletion): a job that vanishes', () => {
  const vanished = async (sections: Sections = {}) => {
    const reading = new Reading(sections);
    reading.has(...jobs(0, 10));
    await reading.pass();
    reading.has(...jobs(1, 10));
    return reading;
  };

  it('goes after two complete walks, which are maxStaleness apart', async () => {
    const reading = await vanished();
    const passes = (2 * maxStaleness) / interval + 2;
    const asked = await reading.passes(passes);
    expect(walks(asked)).toBe(2);
    expect(reading.known.has(job(0).uid)).toBe(false);
    expect(reading.known.size).toBe(9);
  });

  it('leaves no walks and no memory behind once it is gone', async () => {
    const reading = await vanished();
    await reading.passes((2 * maxStaleness) / interval + 2);
    const after = await reading.passes((3 * maxStaleness) / interval);
    expect(walks(after)).toBe(0);
    const { suspects, absences, rows } = reading.observations.pool('pool-a');
    expect([suspects.size, absences.size, rows.size]).toEqual([0, 0, 9]);
  });

  it('is forgotten with its mirror, should a person delete that first', async () => {
    const reading = new Reading();
    reading.has(...jobs(1, 10));
    const { uid } = job(0);
    reading.known.set(uid, { uid, terminal: false, phase: 'Running' });
    await reading.passes(2);
    reading.known.delete(uid);
    expect(walks(await reading.passes((3 * maxStaleness) / interval))).toBe(0);
    expect(reading.observations.pool('pool-a').suspects.size).toBe(0);
  });

  it('is there again when one walk shows it', async () => {
    const reading = await vanished();
    await reading.passes(5);
    expect(reading.observations.pool('pool-a').absences.size).toBe(1);
    reading.has(...jobs(0, 10));
    await reading.passes((2 * maxStaleness) / interval);
    expect(reading.observations.pool('pool-a').absences.size).toBe(0);
    expect(reading.known.size).toBe(10);
  });

  it.each<[string, (modelarts: FakeModelArts) => void]>([
    [
      'a row without identity may be it',
      (modelarts) => (modelarts.spoilPage = (items, { status }) => ({ items, unidentified: status ? 0 : 1 })),
    ],
    [
      'a walk that forgets `offset`',
      (modelarts) =>
        (modelarts.spoilPage = (items, { status }) => (status ? { items } : { items: jobs(500, 1_000) })),
    ],
    [
      'statistics still count it',
      (modelarts) => (modelarts.spoilStatistics = (statistics) => ({ ...statistics, total: 10 })),
    ],
    [
      'walks fail',
      (modelarts) =>
        (modelarts.failure = (call) => (call.includes(' * ') ? upstreamFailure('Unreachable') : undefined)),
    ],
  ])('stays where %s', async (_why, spoil) => {
    const reading = await vanished();
    spoil(reading.modelarts);
    await reading.passes((4 * maxStaleness) / interval);
    expect(reading.known.has(job(0).uid)).toBe(true);
  });

  it('asks for walks no more often than maxStaleness even where they fail, and reads the lists meanwhile', async () => {
    const reading = await vanished();
    reading.modelarts.failure = (call) => (call.includes(' * ') ? upstreamFailure('Unreachable') : undefined);
    const asked = await reading.passes((2 * maxStaleness) / interval);
    expect(walks(asked)).toBeLessThanOrEqual(2);
    expect(asked.filter((call) => call === 'jobs pool-a Running 0').length).toBeGreaterThan(30);
  });

  it('does not prove its absence by a list of one type or status', async () => {
    const reading = await vanished({ workloads: { types: ['train'] } });
    const asked = await reading.passes(4);
    expect(asked.filter((call) => call.startsWith('jobs') && !call.includes(' * ')).length).toBeGreaterThan(
      0,
    );
    expect(reading.known.has(job(0).uid)).toBe(true);
  });

  describe('with more than maxPercent of its pool', () => {
    const half = async (spoil: (statistics: StatisticsFacts) => StatisticsFacts) => {
      const reading = new Reading();
      reading.has(...jobs(0, 10));
      await reading.pass();
      reading.has(...jobs(6, 10));
      reading.modelarts.spoilStatistics = spoil;
      return reading;
    };

    it('goes where statistics read after the walk agree', async () => {
      const reading = await half((statistics) => statistics);
      await reading.passes((2 * maxStaleness) / interval + 2);
      expect(reading.known.size).toBe(4);
    });

    it('stays where they do not', async () => {
      const reading = await half((statistics) => ({ ...statistics, total: statistics.total + 1 }));
      await reading.passes((4 * maxStaleness) / interval);
      expect(reading.known.size).toBe(10);
      expect(reading.observations.pool('pool-a').held).toBe(true);
    });

    it('stays where they do not answer, and while they are asked', async () => {
      const reading = await half((statistics) => statistics);
      let asked = 0;
      reading.modelarts.before = (call) => {
        if (call !== 'statistics pool-a') return;
        asked += 1;
        const { absences, held } = reading.observations.pool('pool-a');
        if (absences.size > 0 && asked > 1 && [...absences.values()].some(({ count }) => count >= 2))
          expect(held).toBe(true);
      };
      reading.modelarts.failure = (call) =>
        call === 'statistics pool-a' && reading.modelarts.calls.some((c) => c.includes(' * '))
          ? upstreamFailure('Unreachable')
          : undefined;
      await reading.passes((4 * maxStaleness) / interval);
      expect(reading.known.size).toBe(10);
    });
  });

  it('takes none along that a walk left out while others were gone indeed', async () => {
    const reading = new Reading({ deletion: { maxPercent: 100 } });
    reading.has(...jobs(0, 10));
    await reading.pass();
    reading.has(...jobs(3, 10));
    // The statistics count one job more than the walk shows, and that is fewer than are missing from it.
    reading.modelarts.spoilPage = (items) => ({ items: items.slice(0, Math.floor(items.length / 2)) });
    await reading.passes((4 * maxStaleness) / interval);
    expect([...reading.known.keys()]).toEqual(expect.arrayContaining(jobs(3, 10).map(({ uid }) => uid)));
    reading.modelarts.spoilPage = (items) => ({ items });
    await reading.passes((2 * maxStaleness) / interval);
    expect([...reading.known.keys()]).toEqual(jobs(3, 10).map(({ uid }) => uid));
  });

  it('half a list that says it is whole takes nothing away', async () => {
    const reading = new Reading();
    reading.has(...jobs(0, 10));
    await reading.pass();
    reading.modelarts.spoilPage = (items) => ({ items: items.slice(0, Math.floor(items.length / 2)) });
    await reading.passes((6 * maxStaleness) / interval);
    expect(reading.known.size).toBe(10);
  });

  it('out of the history, is noticed where the list was read, and only there', async () => {
    const reading = new Reading({
      workloads: { history: { maxPerPool: 5, ttl: '168h', minRetention: '10m' } },
    });
    const ended = jobs(0, 1_000, { status: 'Completed' });
    reading.has(...ended);
    await reading.pass();
    expect(reading.known.size).toBe(5);
    reading.has(...ended.filter(({ uid }) => uid !== job(998).uid));
    await reading.passes((4 * maxStaleness) / interval);
    expect(reading.known.has(job(998).uid)).toBe(false);
    expect(reading.known.size).toBe(5);
  });
});

describe('a quiet pass', () => {
  const calm = async (): Promise<Reading> => {
    const reading = new Reading();
    reading.has(...jobs(0, 3), ...jobs(3, 6, { status: 'Completed' }));
    reading.modelarts.before = () => {
      const seconds = 60 + reading.monotonic / second;
      const rows = reading.modelarts.jobs('pool-a');
      reading.has(
        ...rows.map((row) => (row.status === 'Running' ? { ...row, runningSeconds: seconds } : row)),
      );
    };
    expect((await reading.pass()).quiet).toBe(false);
    for (const uid of reading.known.keys()) reading.observations.compared(uid, true);
    return reading;
  };

  it('is one in which jobs only run on, until everything is looked at again', async () => {
    const reading = await calm();
    for (let n = 1; n < maxStaleness / interval; n++) expect((await reading.pass()).quiet).toBe(true);
    expect((await reading.pass()).quiet).toBe(false);
  });

  it.each<[string, (reading: Reading) => unknown]>([
    ['a job came', (reading) => reading.has(...reading.modelarts.jobs('pool-a'), job(9))],
    ['a job went', (reading) => reading.has(...reading.modelarts.jobs('pool-a').slice(1))],
    [
      'a job changed',
      (reading) => reading.has(...reading.modelarts.jobs('pool-a').map((row) => ({ ...row, priority: '3' }))),
    ],
    ['a mirror is not known to show its job', (reading) => reading.observations.compared(job(0).uid, false)],
    [
      'a row has no identity',
      (reading) => (reading.modelarts.spoilPage = (items) => ({ items, unidentified: 1 })),
    ],
    ['nothing was answered', (reading) => (reading.modelarts.failure = () => upstreamFailure('Unreachable'))],
  ])('is not one where %s', async (_name, happens) => {
    const reading = await calm();
    happens(reading);
    expect((await reading.pass()).quiet).toBe(false);
  });

  it('lets go of an ended job in time, though nothing else happens', async () => {
    const reading = new Reading({
      workloads: { history: { maxPerPool: 10, ttl: '2h', minRetention: '10m' } },
    });
    reading.has(job(0, { status: 'Completed' }), job(1_000, { status: 'Completed' }));
    await reading.pass();
    expect(reading.known.size).toBe(2);
    const left = (): number => 2 * 3_600_000 - (reading.now - (noon - 3_600_000 + 60 * second));
    await reading.pass(left() - 1);
    expect(reading.known.size).toBe(2);
    const { touched, quiet } = await reading.pass(1);
    expect([[...touched], quiet]).toEqual([[job(0).uid], false]);
    expect([...reading.known.keys()]).toEqual([job(1_000).uid]);
  });
});

describe('the selection', () => {
  it('bounds what is remembered of a long history', async () => {
    const reading = new Reading();
    reading.has(...jobs(0, 3_000, { status: 'Completed' }), job(4_000, { status: 'Hibernating' }));
    const { touched } = await reading.pass();
    expect(reading.observations.pool('pool-a').rows.size).toBe(101);
    expect(touched.size).toBe(101);
  });

  it('leaves out types that are not asked for, in memory and in the history', async () => {
    const reading = new Reading({ workloads: { types: ['train', 'infer'] } });
    reading.has(
      ...jobs(0, 120, { status: 'Completed' }),
      ...jobs(200, 400, { status: 'Completed', type: 'notebook' }),
      job(500, { type: 'notebook' }),
      job(501, { type: 'infer' }),
    );
    const { touched } = await reading.pass();
    expect(touched.size).toBe(101);
    expect(touched).toContain(job(501).uid);
    expect(touched).not.toContain(job(500).uid);
  });

  it('asks for one type alone where only one is wanted', async () => {
    const reading = new Reading({ workloads: { types: ['infer'] } });
    reading.has(job(1), job(2, { type: 'infer', status: 'Queue' }));
    const { touched } = await reading.pass();
    expect([...touched]).toEqual([job(2).uid]);
    expect((await reading.pass()).asked).toEqual(['statistics pool-a', 'jobs pool-a Queue 0']);
  });

  it('reads statistics alone with mode None', async () => {
    const reading = new Reading({ workloads: { mode: 'None' } });
    reading.has(job(1));
    expect((await reading.pass()).asked).toEqual(['statistics pool-a']);
    expect(reading.observations.pool('pool-a').statistics).toMatchObject({ total: 1 });
  });

  it('reads no history with mode Active, but the end of what was seen active', async () => {
    const reading = new Reading({ workloads: { mode: 'Active' } });
    reading.has(job(0, { status: 'Failed' }), job(1));
    expect((await reading.pass()).asked.filter((call) => call.includes('Failed'))).toEqual([]);
    reading.has(job(0, { status: 'Failed' }), job(1, { status: 'Failed', runningSeconds: 3_600 }));
    expect((await reading.pass()).touched).toContain(job(1).uid);
    expect(reading.observations.row(job(1).uid)).toMatchObject({
      facts: { status: 'Failed' },
      selected: true,
    });
    expect(reading.observations.row(job(0).uid)).toBeUndefined();
  });
});

describe('a start with mirrors and no memory', () => {
  it('reads the end of jobs that ended meanwhile, and suspects those that are nowhere', async () => {
    const reading = new Reading();
    reading.has(job(0, { status: 'Completed' }), job(1));
    for (const n of [0, 1, 2]) {
      const { uid } = job(n);
      reading.known.set(uid, { uid, terminal: false, phase: 'Running', type: 'train' });
    }
    await reading.pass();
    expect(reading.observations.row(job(0).uid)).toMatchObject({ facts: { status: 'Completed' } });
    expect([...reading.observations.pool('pool-a').suspects.keys()]).toEqual([job(2).uid]);
    await reading.passes((2 * maxStaleness) / interval + 2);
    expect([...reading.known.keys()]).toEqual([job(0).uid, job(1).uid]);
  });

  it('suspects a finished one that its list lacks', async () => {
    const reading = new Reading();
    reading.has(job(1, { status: 'Completed' }));
    for (const n of [0, 1]) {
      const { uid } = job(n);
      const completionTime = noon - 3_000_000;
      reading.known.set(uid, { uid, terminal: true, phase: 'Completed', type: 'train', completionTime });
    }
    await reading.passes((5 * maxStaleness) / interval);
    expect([...reading.known.keys()]).toEqual([job(1).uid]);
  });

  it('takes no place in the history from a mirror before all lists were read', async () => {
    const reading = new Reading();
    const uid = job(0).uid;
    reading.has(job(0, { status: 'Completed' }));
    reading.known.set(uid, { uid, terminal: true, phase: 'Completed', completionTime: noon - 3_000_000 });
    reading.modelarts.before = (call) => {
      if (call === 'jobs pool-a Failed 0')
        expect(reading.observations.row(uid)).not.toHaveProperty('selected');
    };
    await reading.pass();
    expect(reading.observations.row(uid)).toMatchObject({ selected: true });
  });
});

describe('a row that two pools show', () => {
  const both = (over: Partial<WorkloadFacts>) => {
    const reading = new Reading();
    reading.parents = { child: 'pool-a' };
    reading.has(job(1, over));
    reading.modelarts.workloads.set('child', [job(1, over)]);
    return reading;
  };
  const owner = (reading: Reading) => reading.observations.row(job(1).uid)?.pool;

  it('belongs to the pool that it names, whichever is read first', async () => {
    const reading = both({ namespace: 'child' });
    await reading.pass();
    expect(owner(reading)).toBe('child');
    await reading.pass(interval, 'child');
    await reading.pass();
    expect(owner(reading)).toBe('child');
  });

  it('belongs to the child where it names none', async () => {
    const reading = both({});
    reading.modelarts.workloads.set('child', [job(1, { namespace: 'elsewhere' })]);
    reading.has(job(1, { namespace: 'elsewhere' }));
    await reading.pass();
    await reading.pass(interval, 'child');
    expect(owner(reading)).toBe('child');
    await reading.pass();
    expect(owner(reading)).toBe('child');
    expect([...reading.observations.rowsOf('pool-a')]).toEqual([]);
  });

  it('is not missing from the one for having moved to the other', async () => {
    const reading = both({ namespace: 'pool-a' });
    await reading.pass();
    reading.has(job(2));
    reading.modelarts.workloads.set('child', [job(1, { namespace: 'child' })]);
    await reading.pass(interval, 'child');
    for (let n = 0; n < 100; n++) {
      await reading.pass();
      await reading.pass(0, 'child');
    }
    expect(owner(reading)).toBe('child');
  });

  it('gives way to no older reading of itself', () => {
    const observations = new WorkloadObservations();
    const family = { parentOf: () => undefined, isRead: () => true };
    observations.applyRows(
      'pool-a',
      [{ facts: job(1, { status: 'Running' }), readAt: 2, sequence: 2 }],
      family,
    );
    observations.applyRows(
      'pool-a',
      [{ facts: job(1, { status: 'Queue' }), readAt: 1, sequence: 1 }],
      family,
    );
    expect(observations.row(job(1).uid)?.facts.status).toBe('Running');
  });
});

describe('a row that a mirror shows as it is', () => {
  const compared = async (): Promise<Reading> => {
    const reading = new Reading();
    reading.has(job(1), job(2), job(3, { status: 'Queue', queuePosition: 1 }));
    expect((await reading.pass()).touched.size).toBe(3);
    for (const n of [1, 2, 3]) reading.observations.compared(job(n).uid, true);
    return reading;
  };

  it('is not looked at again until it reads differently', async () => {
    const reading = await compared();
    reading.has(job(1), job(2, { priority: '9' }), job(3, { status: 'Queue', queuePosition: 1 }));
    expect([...(await reading.pass()).touched]).toEqual([job(2).uid]);
    // Nobody has said yet that its mirror follows.
    expect([...(await reading.pass()).touched]).toEqual([job(2).uid]);
  });

  it('is looked at all the same when everything is read', async () => {
    const reading = await compared();
    expect((await reading.pass()).touched.size).toBe(0);
    expect((await reading.pass(maxStaleness)).touched.size).toBe(3);
  });

  it('is looked at again once its mirror was found to differ', async () => {
    const reading = await compared();
    reading.observations.compared(job(1).uid, false);
    expect([...(await reading.pass()).touched]).toEqual([job(1).uid]);
  });

  it('is looked at again when its job ends', async () => {
    const reading = await compared();
    reading.has(job(1, { status: 'Completed' }), job(2), job(3, { status: 'Queue', queuePosition: 1 }));
    expect([...(await reading.pass()).touched]).toEqual([job(1).uid]);
  });
});

describe('the greatest place in the queue', () => {
  const queued = (n: number, queuePosition?: number): WorkloadFacts =>
    job(n, { status: 'Queue', ...(queuePosition !== undefined && { queuePosition }) });
  const last = ({ observations, pool }: Reading): number | undefined => observations.lastInQueue(pool);

  it('is the one that ModelArts told, whatever is counted', async () => {
    const reading = new Reading();
    expect(last(reading)).toBeUndefined();
    // Another project waits before them.
    reading.has(job(1), queued(2, 40), queued(3, 41), queued(4));
    await reading.pass();
    expect(last(reading)).toBe(41);
    reading.has(job(1), queued(2, 1), job(3), job(4));
    await reading.pass();
    expect(last(reading)).toBe(1);
    reading.has(job(1), job(2), job(3), job(4));
    await reading.pass();
    expect(last(reading)).toBe(0);
  });

  it('is unknown where a job queues and ModelArts does not say where, or where no jobs are read', async () => {
    const silent = new Reading();
    silent.has(queued(1));
    await silent.pass();
    const none = new Reading({ workloads: { mode: 'None' } });
    none.has(queued(1, 3));
    await none.pass();
    expect([last(silent), last(none)]).toEqual([undefined, undefined]);
  });
});
