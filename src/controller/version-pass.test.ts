import { describe, expect, it } from '@jest/globals';
import { aProjectWith, workloadFacts } from '../../test/support/builders.ts';
import { FakeModelArts, upstreamFailure } from '../../test/support/fake-modelarts.ts';
import type { WorkloadFacts } from '../api/facts.ts';
import { settingsOf } from './settings.ts';
import { everyVersion, passOverVersions } from './version-pass.ts';
import { isTerminal, WorkloadObservations, type KnownWorkload } from './workload-observations.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const minute = 60_000;

/** The n-th version of a project, one a minute; those above 1000 were made today. */
const version = (n: number, over: Partial<WorkloadFacts> = {}): WorkloadFacts =>
  workloadFacts({
    uid: String(n),
    status: 'Completed',
    creationTime: noon - 3_000 * minute + n * minute,
    startTime: noon - 3_000 * minute + n * minute,
    completionTime: noon - 3_000 * minute + (n + 1) * minute,
    ...over,
  });
const versions = (from: number, to: number, over: Partial<WorkloadFacts> = {}): WorkloadFacts[] =>
  Array.from({ length: to - from }, (_, i) => version(from + i, over));

type Sections = Parameters<typeof aProjectWith>[0];

/** One project's versions, and the mirrors that would follow from reading them. */
class Reading {
  readonly modelarts = new FakeModelArts();
  observations = new WorkloadObservations();
  readonly known = new Map<string, KnownWorkload>();
  readonly newest = new Map<string, number>();
  readonly #sections: Sections;
  readonly #workspaces: readonly string[];
  #monotonic = 0;

  constructor(sections: Sections = {}, workspaces: readonly string[] = ['0']) {
    this.#sections = sections;
    this.#workspaces = workspaces;
    this.modelarts.versions = new Map();
    this.modelarts.date = () => noon + this.#monotonic;
  }

  has(...rows: WorkloadFacts[]): void {
    this.modelarts.versions?.set('0', rows);
  }

  /** A pass `afterMs` after the one before; what it asked, as `order offset`. */
  async pass(afterMs = minute): Promise<readonly string[]> {
    this.#monotonic += afterMs;
    this.modelarts.taken();
    const { spec } = aProjectWith(this.#sections);
    try {
      await passOverVersions(
        {
          reader: this.modelarts,
          workspaces: this.#workspaces,
          observations: this.observations,
          spec: spec.workloads,
          deletion: spec.deletion,
          settings: settingsOf(spec),
          known: new Map(this.known),
          newest: this.newest,
          now: noon + this.#monotonic,
          monotonic: this.#monotonic,
        },
        new AbortController().signal,
      );
    } finally {
      this.#mirror();
    }
    return this.modelarts.taken();
  }

  async passes(count: number): Promise<readonly string[]> {
    const asked: string[] = [];
    for (let i = 0; i < count; i++) asked.push(...(await this.pass()));
    return asked;
  }

  /** What the rest of the controller would make of it. */
  #mirror(): void {
    const group = this.observations.pool(everyVersion);
    for (const row of this.observations.rowsOf(everyVersion)) {
      const { uid, status = '', type = '' } = row.facts;
      if (row.selected === true) this.known.set(uid, { uid, terminal: isTerminal(row), phase: status, type });
      if (row.selected === false) this.known.delete(uid);
    }
    for (const uid of group.pruned) this.known.delete(uid);
    if (!group.held)
      for (const uid of this.observations.confirmedAbsences(everyVersion, 2)) this.known.delete(uid);
  }
}

const none = { workloads: { history: { maxPerPool: 3, ttl: '168h', minRetention: '10m' } } } as Sections;

describe('a pass over training-job versions', () => {
  it('reads a long list once to its end, then one page of it, and keeps the history that is asked for', async () => {
    const reading = new Reading();
    reading.has(...versions(0, 2_900));
    expect(await reading.pass()).toHaveLength(6);
    expect(reading.known.size).toBe(100);
    expect([...reading.known.keys()]).toContain('2899');
    expect(await reading.passes(3)).toEqual(Array(3).fill('versions 0 newestFirst 0 500'));
  });

  it('finds an active one wherever it stands, reads down to it, and sees it end', async () => {
    const reading = new Reading(none);
    reading.has(
      ...versions(0, 2_900).map((row) => (row.uid === '1250' ? version(1_250, { status: 'Running' }) : row)),
    );
    expect(await reading.pass()).toHaveLength(6);
    expect(reading.known.get('1250')).toMatchObject({ terminal: false });
    expect(await reading.pass()).toHaveLength(4);
    reading.has(...versions(0, 2_900));
    await reading.pass();
    expect(reading.observations.row('1250')?.facts.status).toBe('Completed');
    expect(await reading.pass()).toHaveLength(1);
  });

  it('misses none of many that came at once', async () => {
    const reading = new Reading(none);
    reading.has(...versions(0, 100));
    await reading.pass();
    reading.has(...versions(0, 100), version(100, { status: 'Queue' }), ...versions(101, 1_200));
    expect(await reading.pass()).toHaveLength(3);
    expect(reading.known.has('100')).toBe(true);
  });

  it('looks for what was active before a restart', async () => {
    const reading = new Reading();
    reading.has(...versions(0, 2_000, { status: 'Completed' }));
    reading.known.set('700', { uid: '700', terminal: false });
    await reading.pass();
    expect(reading.observations.row('700')?.facts.status).toBe('Completed');
  });

  it('reads every workspace, and one that fails costs the others nothing', async () => {
    const reading = new Reading({}, ['0', 'research']);
    reading.modelarts.versions?.set('0', [version(1)]).set('research', [version(2)]);
    reading.modelarts.failure = (call) =>
      call.startsWith('versions 0') ? upstreamFailure('Forbidden') : undefined;
    await expect(reading.pass()).rejects.toThrow('Forbidden');
    expect([...reading.known.keys()]).toEqual(['2']);
    reading.modelarts.failure = () => undefined;
    await reading.pass();
    expect([...reading.known.keys()].sort()).toEqual(['1', '2']);
  });

  it('mirrors active ones only where that is asked for', async () => {
    const reading = new Reading({ workloads: { mode: 'Active' } });
    reading.has(...versions(0, 900), version(2_000, { status: 'Queue' }));
    await reading.pass();
    expect([...reading.known.keys()]).toEqual(['2000']);
  });
});

describe('Never guess a deletion: training-job versions', () => {
  it('lets one go after two whole walks, at least maxStaleness apart', async () => {
    const reading = new Reading();
    reading.has(...versions(2_000, 2_010));
    await reading.pass();
    reading.has(...versions(2_000, 2_009));
    await reading.passes(5);
    expect(reading.known.has('2009')).toBe(true);
    const asked = await reading.passes(8);
    expect(asked.filter((call) => call.includes('oldestFirst'))).toHaveLength(1);
    expect(reading.known.has('2009')).toBe(false);
    expect(reading.known.size).toBe(9);
  });

  it('lets an active one go that stood deep in the list', async () => {
    const reading = new Reading(none);
    reading.has(version(5, { status: 'Running' }), ...versions(100, 1_500));
    reading.known.set('5', { uid: '5', terminal: false });
    await reading.pass();
    reading.has(...versions(100, 1_500));
    await reading.passes(14);
    expect(reading.known.has('5')).toBe(false);
  });

  it('holds more than maxPercent back until the totals agree', async () => {
    const reading = new Reading();
    reading.has(...versions(2_000, 2_010));
    await reading.pass();
    reading.modelarts.spoilVersions = (page, { limit }) =>
      limit === 1 ? page : { items: [], unidentified: 0, received: 0, total: 0 };
    await reading.passes(30);
    expect(reading.known.size).toBe(10);
    reading.modelarts.spoilVersions = (page) => page;
    reading.has(version(2_000));
    await reading.passes(30);
    expect(reading.known.size).toBe(1);
  });

  it.each<[string, FakeModelArts['spoilVersions']]>([
    [
      'a total that disagrees',
      (page) => ({ ...page, items: page.items.slice(1), received: page.received - 1 }),
    ],
    ['a row without an id', (page) => ({ ...page, items: page.items.slice(1), unidentified: 1 })],
    [
      'a server that forgets its offset',
      (page, { offset }) =>
        offset === 0 ? { ...page, items: page.items.slice(1), received: 500, total: 9_999 } : page,
    ],
  ])('proves nothing by %s', async (_name, spoil) => {
    const reading = new Reading();
    reading.has(...versions(2_000, 2_010));
    await reading.pass();
    reading.modelarts.spoilVersions = spoil;
    await reading.passes(30).catch(() => undefined);
    expect(reading.known.size).toBe(10);
  });

  it('ends on a server that repeats a page for ever', async () => {
    const reading = new Reading();
    reading.has(...versions(0, 1_500));
    reading.known.set('gone', { uid: 'gone', terminal: false });
    reading.modelarts.spoilVersions = (page) => ({ ...page, items: versions(0, 500), received: 500 });
    expect((await reading.pass()).length).toBeLessThan(3);
  });

  it('asks a server with small pages for the rest', async () => {
    const reading = new Reading();
    reading.has(...versions(2_000, 2_250));
    reading.known.set('2000', { uid: '2000', terminal: false });
    reading.modelarts.spoilVersions = (page) => {
      const items = page.items.slice(0, 100);
      return { ...page, items, received: items.length };
    };
    await reading.pass();
    expect(reading.observations.row('2000')?.facts.status).toBe('Completed');
  });
});
