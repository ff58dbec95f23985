import { describe, expect, it } from '@jest/globals';

import { poolFacts, without } from '../../test/support/builders.ts';
import type { PoolFacts } from '../api/facts.ts';
import { mergeRows } from './pool-rows.ts';
import { poolValues } from './pool-values.ts';

const shown = (facts: Partial<PoolFacts>, numbers: Parameters<typeof poolValues>[1] = {}) => {
  const cuts = new Set<string>();
  return { ...poolValues(poolFacts(facts), numbers, cuts), cuts: [...cuts].sort() };
};

describe('what a pool shows', () => {
  it('names the drivers that there are', () => {
    const summary = (drivers: Partial<PoolFacts>) =>
      poolValues({ ...without(poolFacts(), 'gpuDriver', 'npuDriver'), ...drivers }, {}, new Set()).driver
        ?.summary;
    expect(summary({})).toBeUndefined();
    expect(summary({ gpuDriver: { state: 'Running' } })).toBe('gpu Running');
    expect(summary({ npuDriver: { state: 'Upgrading' } })).toBe('npu Upgrading');
    expect(summary({ gpuDriver: {}, npuDriver: { state: 'Running' } })).toBe('gpu, npu Running');
  });

  it('has each scope once, sorted', () => {
    const scopes = [{ type: 'b' }, { type: 'a', state: 'y' }, { type: 'a', state: 'x' }, { type: 'a' }];
    expect(shown({ scopes }).scopes).toEqual([{ type: 'a' }, { type: 'b' }]);
    const states = [{ type: 'a' }, { type: 'a', state: 'Enabled' }];
    for (const either of [states, states.toReversed()])
      expect(shown({ scopes: either }).scopes).toEqual([{ type: 'a' }]);
  });

  it('has no rows where there are none', () => {
    expect(mergeRows([], 'r', new Set())).toBeUndefined();
  });

  it('merges the rows of one flavor and one kind of nodes', () => {
    const row = (nodePool: string, count: number, maxCount: number) => ({
      flavor: 'f',
      nodePool,
      count,
      maxCount,
      azs: [],
    });
    const merged = mergeRows([row('n', 1, 2), row('n', 2, 3), row('m', 4, 4)], 'r', new Set());
    expect(merged).toMatchObject([
      { flavor: 'f', nodePool: 'm', count: 4, maxCount: 4 },
      { flavor: 'f', nodePool: 'n', count: 3, maxCount: 5 },
    ]);
  });

  it('counts workloads by type, sorted, and shows 0 where nothing runs or waits', () => {
    const statistics = {
      total: 6,
      byStatus: { Failed: 6 },
      byType: [
        { type: 'train', total: 1, byStatus: { Failed: 1 } },
        { type: 'infer', total: 2, byStatus: { Failed: 2 } },
        { type: 'train', total: 3, byStatus: { Failed: 2, Running: 1 } },
      ],
    };
    expect(shown({}, { statistics }).workloads).toEqual({
      total: 6,
      byStatus: { Failed: 6, Queue: 0, Running: 0 },
      byType: [
        { type: 'infer', total: 2, byStatus: { Failed: 2 } },
        { type: 'train', total: 4, byStatus: { Failed: 3, Running: 1 } },
      ],
    });
  });

  it('leaves an amount out that the apiserver would refuse, and tells', () => {
    const amounts = { cpu: '1', memory: 'much' };
    expect(shown({}, { capacity: amounts, allocated: amounts, free: amounts })).toMatchObject({
      capacity: { cpu: '1' },
      allocated: { cpu: '1' },
      free: { cpu: '1' },
      cuts: ['allocated', 'capacity', 'free'],
    });
  });

  const many = (count: number, length: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`k${String(i).padStart(3, '0')}`, 'v'.repeat(length)]),
    );
  const flavors = (count: number, zones: number) =>
    Array.from({ length: count }, (_, i) => ({
      flavor: `flavor-${i}`,
      count: 1,
      azs: Array.from({ length: zones }, (_zone, z) => ({ az: `zone-${z}`, count: 1 })),
    }));

  it('cuts long annotations and labels first, and nothing else while that is enough', () => {
    const { annotations, description, cuts } = shown({
      annotations: { ...many(10, 2_000), ['l'.repeat(129)]: 'x', ['m'.repeat(128)]: 'x' },
      labels: { short: 'x' },
      description: 'd'.repeat(1_000),
    });
    expect(Object.keys(annotations ?? {})).toHaveLength(11);
    expect(annotations?.['k000']).toBe(`${'v'.repeat(125)}…`);
    expect(description).toHaveLength(1_000);
    expect(cuts).toEqual(['annotations', 'labels']);
  });

  it('then texts, then flavors of jobs, then zones', () => {
    const values = shown({
      description: 'd'.repeat(1_000),
      message: 'm'.repeat(2_000),
      jobFlavors: Object.keys(many(120, 1)).map((key) => `${key}${'f'.repeat(80)}`),
    });
    expect(values.description).toBe(`${'d'.repeat(253)}…`);
    expect(values.message).toBe(`${'m'.repeat(509)}…`);
    expect(values.jobFlavors).toHaveLength(16);
    expect(values.cuts).toEqual(['annotations', 'description', 'jobFlavors', 'labels', 'message']);
  });

  it('then zones, and rows of resources, never their sums', () => {
    const some = shown({
      desired: flavors(20, 9),
      resources: { creating: [], available: flavors(20, 9), abnormal: [], deleting: [] },
    });
    expect(some.resources?.desired).toHaveLength(20);
    expect(some.resources?.desired?.[0]).toMatchObject({ flavor: 'flavor-0', count: 1, azs: [] });
    expect(some.cuts).toContain('resources');
    expect(some.nodes?.summary).toBe('20/20');
    const lots = shown({ desired: flavors(300, 9) });
    expect(lots.resources?.desired?.length).toBeLessThanOrEqual(64);
    expect(lots.nodes?.desired).toBe(300);
  });

  it('keeps the totals of the workloads to the last', () => {
    const status = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${prefix}${'s'.repeat(200)}${i}`, 1]));
    const statistics = {
      total: 1_920,
      byStatus: status('all'),
      byType: Array.from({ length: 32 }, (_, i) => ({
        type: `type-${String(i).padStart(2, '0')}`,
        total: 60,
        byStatus: status('one'),
      })),
    };
    const values = shown(
      { scopes: Array.from({ length: 9 }, (_, i) => ({ type: `s${i}` })) },
      { statistics },
    );
    expect(values.workloads).toMatchObject({ total: 1_920 });
    expect(values.workloads?.byType).toEqual([0, 1, 2, 3].map((i) => ({ type: `type-0${i}`, total: 60 })));
    expect(Object.keys(values.workloads?.byStatus ?? {})).toHaveLength(12);
    expect(values.scopes).toHaveLength(4);
    expect(values.cuts).toEqual(expect.arrayContaining(['workloads', 'workloads.byType', 'scopes']));
  });
});

describe('what a pool shows of a value that is too long for its field', () => {
  const long = 'x'.repeat(3_000);
  const row = (over: object) => [{ flavor: 'f', count: 1, azs: [], ...over }];
  const zones = Array.from({ length: 33 }, (_, i) => ({ az: `zone-${i}`, count: 1 }));
  const { resources } = poolFacts();
  const numbered = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 1]));
  const statistics = { total: 1, byStatus: {}, byType: [] };
  const type = (name: string, byStatus = {}) => ({ type: name, total: 1, byStatus });

  it.each([
    'displayName',
    'type',
    'workspaceID',
    'networkName',
    'billingMode',
    'parent',
    'root',
    'phase',
  ] as const)('%s', (field) => {
    const values = shown({ [field]: long });
    expect(values[field]).toBe(`${'x'.repeat(255)}…`);
    expect(values.cuts).toEqual([field]);
  });

  it.each<[string, Partial<PoolFacts>, Parameters<typeof poolValues>[1]]>([
    ['description', { description: long }, {}],
    ['message', { message: long }, {}],
    ['jobFlavors', { jobFlavors: ['a', long] }, {}],
    ['driver', { gpuDriver: { version: long } }, {}],
    ['driver', { gpuDriver: { state: long } }, {}],
    ['driver', { npuDriver: { desiredVersion: long } }, {}],
    ['driver', { driverUpdateStrategy: long }, {}],
    ['scopes', { scopes: [{ type: 'a', state: long }] }, {}],
    ['scopes', { scopes: Array.from({ length: 33 }, (_, i) => ({ type: `s${i}` })) }, {}],
    ['resources', { resources: { ...resources, creating: row({ azs: zones }) } }, {}],
    ['resources', { resources: { ...resources, available: row({ azs: zones }) } }, {}],
    ['resources', { resources: { ...resources, abnormal: row({ azs: zones }) } }, {}],
    ['resources', { resources: { ...resources, deleting: row({ azs: zones }) } }, {}],
    ['resources', { desired: row({ azs: zones }) }, {}],
    ['workloads', {}, { statistics: { ...statistics, byStatus: numbered } }],
    ['workloads', {}, { statistics: { ...statistics, byType: [type('t', numbered)] } }],
    [
      'workloads',
      {},
      { statistics: { ...statistics, byType: Array.from({ length: 33 }, (_, i) => type(`t${i}`)) } },
    ],
    ['labels', { labels: Object.fromEntries(Object.keys(numbered).map((key) => [key, 'v'])) }, {}],
    ['annotations', { annotations: Object.fromEntries(Object.keys(numbered).map((key) => [key, 'v'])) }, {}],
  ])('%s', (field, facts, numbers) => expect(shown(facts, numbers).cuts).toEqual([field]));

  it('labels and annotations, whose values may be longer than a word', () => {
    const values = shown({ labels: { l: long }, annotations: { a: long } });
    expect(values.labels).toEqual({ l: `${'x'.repeat(511)}…` });
    expect(values.annotations).toEqual({ a: `${'x'.repeat(2_047)}…` });
  });

  it('and nothing of what there is not', () => {
    const values = shown({ scopes: [], npuDriver: {}, gpuDriver: {} });
    expect(values).toMatchObject({ driver: { summary: 'gpu, npu' }, cuts: [] });
    expect(values.scopes).toBeUndefined();
    expect(poolValues(without(poolFacts(), 'creationTime'), {}, new Set()).creationTime).toBeUndefined();
  });
});

describe('what a pool that is far too large still shows', () => {
  const wide = '<'.repeat(256);
  const words = {
    displayName: wide,
    type: wide,
    workspaceID: wide,
    networkName: wide,
    billingMode: wide,
    phase: wide,
    gpuDriver: { version: wide, state: wide, desiredVersion: wide },
    npuDriver: { version: wide },
  };
  const shortened = `${'<'.repeat(10)}…`;

  it('sixteen labels and annotations, and texts as they are where they are short', () => {
    const table = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`key-${String(i).padStart(2, '0')}`, 'v'.repeat(200)]),
    );
    const values = shown({ labels: table, annotations: table });
    expect(Object.keys(values.labels ?? {})).toHaveLength(16);
    expect(Object.keys(values.annotations ?? {})).toHaveLength(16);
    expect(values.labels?.['key-15']).toBe(`${'v'.repeat(61)}…`);
    expect(values.description).toBeUndefined();
    expect(values.message).toBeUndefined();
  });

  it('the beginning of each word, and how many nodes and jobs there are', () => {
    const statistics = { total: 7, byStatus: { Running: 7 }, byType: [] };
    const amounts = { cpu: '1' };
    const numbers = { statistics, capacity: amounts, allocated: amounts, free: amounts };
    const { cuts, ...values } = shown({ ...words, labels: { a: 'b' }, jobFlavors: ['a'] }, numbers);
    expect(values).toMatchObject({
      displayName: shortened,
      networkName: shortened,
      phase: shortened,
      driver: {
        gpu: { version: shortened, state: shortened, desiredVersion: shortened },
        npu: { version: shortened },
      },
      nodes: { desired: 2, available: 2, summary: '2/2' },
      workloads: { total: 7 },
      resources: { available: [{ flavor: 'gpu.t4', count: 2, azs: [] }] },
    });
    expect(values.workloads).toEqual({ total: 7 });
    for (const field of [
      'labels',
      'annotations',
      'jobFlavors',
      'scopes',
      'capacity',
      'allocated',
      'free',
    ] as const)
      expect(values[field]).toBeUndefined();
    expect(cuts).toEqual(
      [
        ...['annotations', 'labels', 'description', 'message', 'jobFlavors', 'resources', 'workloads.byType'],
        ...['scopes', 'workloads', 'capacity', 'allocated', 'free', 'names'],
      ].sort(),
    );
  });

  it('needs neither scopes nor numbers nor zones for that', () => {
    const values = shown({ ...words, scopes: [], desired: [{ flavor: 'f', count: 1, azs: [] }] });
    expect(values).toMatchObject({ displayName: shortened, nodes: { desired: 1 } });
    expect(values.resources?.desired).toEqual([{ flavor: 'f', nodePool: '', count: 1 }]);
    expect(values.workloads).toBeUndefined();
  });

  it('at the very last no rows of nodes, though how many there are', () => {
    const rows = (sort: string) =>
      Array.from({ length: 9 }, (_, i) => ({
        flavor: `${sort}${i}${'<'.repeat(126)}`,
        nodePool: '<'.repeat(128),
        count: 1,
        azs: [],
      }));
    const resources = { creating: rows('c'), available: rows('v'), abnormal: rows('b'), deleting: rows('d') };
    const values = shown({ ...words, resources, desired: rows('w') });
    expect(values.resources).toBeUndefined();
    expect(values.nodes).toMatchObject({ creating: 9, available: 9, abnormal: 9, deleting: 9, desired: 9 });
    expect(values.cuts).toContain('resources');
  });
});
