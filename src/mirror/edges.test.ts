/** The edges of the calculations: just inside, just outside, none, two that are equal, and the order of what comes out. */
import { describe, expect, it } from '@jest/globals';

import { workloadFacts } from '../../test/support/builders.ts';
import { sumAllocated } from './allocated.ts';
import { deletionToken, exceeds, guardDeletions, provesAbsence, type Candidate } from './guard.ts';
import { highestSample, recordSample } from './high-water.ts';
import { selectHistory, type EndedRow } from './history.ts';
import { poolObjectName, resourceSpecObjectName, workloadObjectName } from './identity.ts';
import { parseLabelSelector } from './label-selector.ts';
import { firstItems, sortedMap, textSet, word } from './limits.ts';
import { prunedPaths } from './pruning.ts';
import { addQuantities, formatQuantity, parseQuantity } from './quantity.ts';
import { poolRecord, resourceSpecRecord, workloadRecord } from './records.ts';
import { SharedValues } from './shared-values.ts';
import { byText, cutText, firstOf, storedLength } from './text.ts';
import { formatTime, parseTime } from './time.ts';
import { isPlaced } from './workload-phase.ts';

describe('Never guess a deletion: the guard', () => {
  const one = (id: string, over: Partial<Candidate> = {}): Candidate => ({
    id,
    scope: 's',
    announced: false,
    ...over,
  });
  const highest = (total: number, scopes: Record<string, number> = { s: total }) => ({
    total,
    byScope: new Map(Object.entries(scopes)),
  });
  const ids = (...names: string[]) => new Set(names);

  it.each<[string, Parameters<typeof guardDeletions>[0], ReturnType<typeof guardDeletions>]>([
    [
      'nobody goes',
      { candidates: [], highest: highest(4), maxPercent: 50 },
      { allowed: ids(), released: false },
    ],
    [
      'those that were announced go, however many',
      {
        candidates: ['a', 'b', 'c'].map((id) => one(id, { announced: true })),
        highest: highest(3),
        maxPercent: 1,
      },
      { allowed: ids('a', 'b', 'c'), released: false },
    ],
    [
      'one may always go',
      { candidates: [one('a')], highest: highest(1), maxPercent: 1 },
      { allowed: ids('a'), released: false },
    ],
    [
      'exactly the limit may go',
      { candidates: [one('a'), one('b')], highest: highest(4), maxPercent: 50 },
      { allowed: ids('a', 'b'), released: false },
    ],
    [
      'one above it may not, and those announced still go',
      {
        candidates: [one('c'), one('b'), one('x', { announced: true }), one('a')],
        highest: highest(5),
        maxPercent: 50,
      },
      {
        allowed: ids('x'),
        blocked: { ids: ['a', 'b', 'c'], token: deletionToken(['a', 'b', 'c']) },
        released: false,
      },
    ],
    [
      'nor one above it in one workspace, though not in the project',
      {
        candidates: [one('a', { scope: 't' }), one('b', { scope: 't' }), one('c')],
        highest: highest(100, { s: 98, t: 2 }),
        maxPercent: 50,
      },
      {
        allowed: ids(),
        blocked: { ids: ['a', 'b', 'c'], token: deletionToken(['a', 'b', 'c']) },
        released: false,
      },
    ],
    [
      'one of each of many workspaces is not too many of any',
      {
        candidates: [one('a', { scope: 't' }), one('b', { scope: 'u' })],
        highest: highest(100, { t: 2, u: 2 }),
        maxPercent: 50,
      },
      { allowed: ids('a', 'b'), released: false },
    ],
    [
      'those that went within the hour count',
      { candidates: [one('a')], highest: highest(4), left: ['s', 's'], maxPercent: 50 },
      { allowed: ids(), blocked: { ids: ['a'], token: deletionToken(['a']) }, released: false },
    ],
    [
      'a person releases exactly this set',
      {
        candidates: [one('b'), one('a')],
        highest: highest(2),
        maxPercent: 50,
        confirmation: deletionToken(['a', 'b']),
      },
      { allowed: ids('a', 'b'), released: true },
    ],
    [
      'and no other',
      {
        candidates: [one('b'), one('a')],
        highest: highest(2),
        maxPercent: 50,
        confirmation: deletionToken(['a']),
      },
      {
        allowed: ids(),
        blocked: { ids: ['a', 'b'], token: deletionToken(['a', 'b']) },
        released: false,
      },
    ],
  ])('%s', (_what, input, result) => expect(guardDeletions(input)).toEqual(result));

  it('the token is of the set: the order does not count, the borders between ids do', () => {
    expect(deletionToken(['b', 'a'])).toBe(deletionToken(['a', 'b']));
    expect(deletionToken(['ab'])).not.toBe(deletionToken(['a', 'b']));
    expect(deletionToken(['a'])).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    [0, 10, 1, false],
    [1, 1, 1, false],
    [2, 2, 99, true],
    [2, 4, 50, false],
    [3, 4, 50, true],
    [2, 0, 99, true],
    [2, 0, 100, false],
  ])('%d of %d at %d %%: %j', (going, high, percent, is) => expect(exceeds(going, high, percent)).toBe(is));
});

describe('a total that was read after a list', () => {
  it.each([
    [4, 4, true, true],
    [3, 4, true, false],
    [5, 4, true, false],
    [4, 4, false, true],
    [3, 4, false, true],
    [5, 4, false, false],
  ])('of %d, where %d were found many would go %j: %j', (total, found, many, proves) => {
    expect(provesAbsence({ total, found }, many)).toBe(proves);
  });
});

describe('a job holds nodes', () => {
  it.each<[string, string[], boolean]>([
    ['Queue', ['h'], false],
    ['Pending', ['h'], false],
    ['Creating', [], true],
    ['Running', [], true],
    ['Abnormal', [], true],
    ['Completed', ['h'], false],
    ['Paused', ['h'], true],
    ['Paused', [], false],
  ])('%s with hosts %j: %j', (phase, hosts, holds) => expect(isPlaced(phase, hosts)).toBe(holds));
});

describe('times', () => {
  it.each([
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
    ['2026-03-01T12:00:00.999Z', '2026-03-01T12:00:00Z'],
    ['0000-12-31T23:59:59Z', undefined],
    ['+010000-01-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    [undefined, undefined],
  ])('%j is %j', (text, time) => {
    const ms = parseTime(text);
    expect(ms === undefined ? undefined : formatTime(ms)).toBe(time);
  });
});

describe('the highest of a window', () => {
  it('forgets what is as old as the window, and what a later one is not below', () => {
    let samples = recordSample([], { at: 0, value: 9 }, 100);
    samples = recordSample(samples, { at: 10, value: 5 }, 100);
    samples = recordSample(samples, { at: 20, value: 5 }, 100);
    expect(samples).toEqual([
      { at: 0, value: 9 },
      { at: 20, value: 5 },
    ]);
    expect(recordSample(samples, { at: 99, value: 1 }, 100)).toHaveLength(3);
    expect(recordSample(samples, { at: 100, value: 1 }, 100)).toHaveLength(2);
  });

  it('is the largest still inside, and 0 without any', () => {
    const samples = [
      { at: 0, value: 9 },
      { at: 20, value: 5 },
      { at: 30, value: 3 },
    ];
    expect(highestSample(samples, 99, 100)).toBe(9);
    expect(highestSample(samples, 100, 100)).toBe(5);
    expect(highestSample(samples, 130, 100)).toBe(0);
  });
});

describe('the history', () => {
  const limits = { maxPerPool: 2, ttlMs: 1_000, minRetentionMs: 100 };
  const row = (uid: string, end: number, mirrored = false): EndedRow => ({ uid, completedAt: end, mirrored });
  const kept = (...rows: EndedRow[]) => [...selectHistory(rows, limits, 10_000)];

  it('keeps the newest first, by uid where they ended together, up to the number', () => {
    expect(kept(row('c', 9_800), row('a', 9_800), row('b', 9_800), row('d', 9_900))).toEqual(['d', 'a']);
  });

  it('keeps none that is as old as the limit', () => {
    expect(kept(row('in', 9_001), row('out', 9_000))).toEqual(['in']);
  });

  it('keeps what was seen for its time beyond the number, and only that', () => {
    const newer = [row('n1', 9_950), row('n2', 9_940)];
    expect(kept(...newer, row('seen', 9_901, true), row('unseen', 9_901))).toEqual(['n1', 'n2', 'seen']);
    expect(kept(...newer, row('seen', 9_900, true))).toEqual(['n1', 'n2']);
  });

  it('takes the creation where the end is not known', () => {
    expect(kept({ uid: 'a', createdAt: 9_500, mirrored: false }, { uid: 'b', mirrored: false })).toEqual([
      'a',
    ]);
  });
});

describe('names', () => {
  it.each([
    ['--Odd__Name--', /^odd-name-[0-9a-f]{16}$/],
    ['___', /^x-[0-9a-f]{16}$/],
    [`${'a'.repeat(39)}_${'b'.repeat(9)}`, /^a{39}-[0-9a-f]{16}$/],
    [`${'a'.repeat(38)}-.__bb`, /^a{38}-b-[0-9a-f]{16}$/],
  ])('%s is readable and its own', (text, name) => {
    expect(poolObjectName(text, 'p', false)).toMatch(name);
    expect(poolObjectName(text, 'p', false)).not.toBe(poolObjectName(`${text}_`, 'p', false));
  });

  it('of 253 characters stay; one that is taken leaves room for its mark', () => {
    const long = 'a'.repeat(253);
    expect(poolObjectName(long, 'p', false)).toBe(long);
    expect(poolObjectName(long, 'p', true)).toMatch(/^a{244}-[0-9a-f]{8}$/);
    expect(workloadObjectName('Workload', long, 'p', true)).toMatch(/^a{244}-[0-9a-f]{8}$/);
    expect(poolObjectName(`${long}a`, 'p', false)).toMatch(/^a{40}-[0-9a-f]{16}$/);
    const spec = resourceSpecObjectName('t', 'x'.repeat(249), 'p', true);
    expect(spec).toMatch(/^p-t-x{240}-[0-9a-f]{8}$/);
  });
});

describe('what is allocated', () => {
  const placed = (resources: Record<string, string>, over: object = {}) =>
    workloadFacts({ status: 'Running', hostIPs: ['h'], resources, resourcesIncomplete: false, ...over });

  it('is sorted by resource', () => {
    const sum = sumAllocated([placed({ memory: '1Gi', cpu: '2' }), placed({ gpu: '1', cpu: '3' })]);
    expect(Object.entries(sum ?? {})).toEqual([
      ['cpu', '5'],
      ['gpu', '1'],
      ['memory', '1Gi'],
    ]);
  });

  it('is not known where a job does not say its status, or its amounts', () => {
    const { status: _, ...nameless } = placed({ cpu: '1' });
    expect(sumAllocated([nameless])).toBeUndefined();
    expect(sumAllocated([placed({})])).toBeUndefined();
    expect(sumAllocated([placed({ cpu: 'much' })])).toBeUndefined();
    expect(sumAllocated([placed({ cpu: '1' }, { resourcesIncomplete: true })])).toBeUndefined();
    expect(sumAllocated([])).toEqual({});
  });
});

describe('label selectors', () => {
  const matches = (text: string, labels: Record<string, string>) => {
    const parsed = parseLabelSelector(text);
    return parsed.ok ? parsed.selector.matches(labels) : parsed.message;
  };
  it.each<[string, Record<string, string>, boolean]>([
    ['  ', {}, true],
    [' a=b , c ', { a: 'b', c: '' }, true],
    ['a=', { a: '' }, true],
    ['a=', { a: 'x' }, false],
    ['a!=', { a: '' }, false],
    ['a!=', { a: 'x' }, true],
    ['a!=b', {}, true],
    ['a notin (b, c)', {}, true],
    ['a notin (b, c)', { a: 'c' }, false],
    ['a notin (b, c)', { a: 'd' }, true],
    ['a in (b)', {}, false],
  ])('%j on %j: %j', (text, labels, is) => expect(matches(text, labels)).toBe(is));

  it.each(['a in (b, !)', 'a=b, !!', 'a in ()x'])('%j is none, and says how to write one', (text) => {
    expect(matches(text, {})).toMatch(/Write requirements such as a=b/);
  });
});

describe('the limits of the schemas', () => {
  it('a word is kept up to its length, a longer one is cut and told', () => {
    const cuts = new Set<string>();
    expect(word('abc', 3, 'f', cuts)).toBe('abc');
    expect(word('', 3, 'f', cuts)).toBeUndefined();
    expect(cuts.size).toBe(0);
    expect(word('abcd', 3, 'f', cuts)).toBe('ab…');
    expect([...cuts]).toEqual(['f']);
  });

  it('so are items, sets and maps', () => {
    const cuts = new Set<string>();
    const same = (value: string) => value;
    expect(firstItems(['a', 'b'], 2, 'items', cuts)).toEqual(['a', 'b']);
    expect(textSet(['b', 'a', 'b', 'abc'], 9, 3, 'set', cuts)).toEqual(['a', 'abc', 'b']);
    expect(textSet([], 9, 3, 'set', cuts)).toBeUndefined();
    const key = 'k'.repeat(256);
    expect(Object.keys(sortedMap({ [key]: '1', a: '2' }, 2, 'map', cuts, same) ?? {})).toEqual(['a', key]);
    expect(sortedMap({}, 2, 'map', cuts, same)).toBeUndefined();
    expect(cuts.size).toBe(0);
    expect(firstItems(['a', 'b'], 1, 'items', cuts)).toEqual(['a']);
    expect(textSet(['abcd', 'a', ''], 9, 3, 'set', cuts)).toEqual(['a']);
    expect(sortedMap({ [`${key}k`]: '1', b: '2', a: '3' }, 1, 'map', cuts, same)).toEqual({ a: '3' });
    expect([...cuts].sort()).toEqual(['items', 'map', 'set']);
  });

  it('a text is not cut within a character', () => {
    expect(cutText('ab\u{1F600}cd', 4)).toBe('ab…');
    expect(cutText('ab\u{10FFFF}cd', 4)).toBe('ab…');
    expect(cutText('ab\u{10000}cd', 4)).toBe('ab…');
    expect(cutText('ab\ue000cd', 4)).toBe('ab\ue000…');
    expect(cutText('abcde', 5)).toBe('abcde');
    expect(cutText('abcdef', 5)).toBe('abcd…');
    expect(['b', 'a', 'b'].sort(byText)).toEqual(['a', 'b', 'b']);
  });
});

describe('the length of a stored text', () => {
  it.each([
    ['a', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
    ['<', 6],
    ['\u007f', 6],
    ['\u001f', 6],
    ['"', 2],
    ['\\', 2],
  ])('of %j is %d', (text, length) => expect(storedLength(text)).toBe(length));

  it('some of many items end with that there are more', () => {
    expect(firstOf(['a', 'b'], 2)).toBe('a, b');
    expect(firstOf(['a', 'b', 'c'], 2)).toBe('a, b, and more');
  });
});

describe('names made of what is no name', () => {
  const name = (text: string) => poolObjectName(text, 'p', false);
  it('begin with what is readable of it and nothing else', () => {
    expect(name('__Pool__A__')).toMatch(/^pool-a-[0-9a-f]+$/);
    expect(name('_-_')).toMatch(/^x-[0-9a-f]+$/);
    expect(name(`${'a'.repeat(39)}__b`)).toMatch(/^a{39}-[0-9a-f]+$/);
    expect(name('A!').slice(-8)).not.toBe(name('B!').slice(-8));
  });
});

describe('pruned paths', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['a member that is gone', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, ['a.c']],
    ['a member that is null', { a: 1 }, { a: null }, ['a']],
    ['a whole that is gone', { a: 1 }, undefined, []],
    ['nothing, sent as nothing', { a: '', b: null, c: [], d: { e: '' } }, {}, []],
    ['a member of an item', { a: [{ b: 1, c: 1 }] }, { a: [{ b: 1 }] }, ['a[].c']],
    ['a list that came back shorter', { a: [{ b: 1 }, { c: 1 }] }, { a: [{ b: 1 }] }, []],
    ['a list that came back as something else', { a: [1] }, { a: { b: 1 } }, []],
    ['an object that came back as something else', { a: { b: 1 } }, { a: 'x' }, []],
    ['a name that is no name', { 'a b': 1 }, {}, ['["a b"]']],
  ])('%s', (_what, sent, answered, paths) => {
    expect([...prunedPaths(sent, answered)]).toEqual(paths);
  });
});

describe('quantities', () => {
  const sum = (a: string, b: string) => formatQuantity(addQuantities(parseQuantity(a)!, parseQuantity(b)!));
  it.each([
    ['1Gi', '1', '1073741825'],
    ['1', '1Gi', '1073741825'],
    ['0.5Gi', '0.25Gi', '768Mi'],
    ['1Gi', '1Mi', '1025Mi'],
    ['1.5Ti', '0.25Ti', '1.75Ti'],
    ['100m', '5m', '105m'],
    ['1n', '1u', '1001n'],
    ['1u', '1u', '2u'],
  ])('%s and %s are %s', (a, b, both) => expect(sum(a, b)).toBe(both));
});

describe('records of stored objects', () => {
  const metadata = { name: 'n' };
  it('of an object that holds nothing say nothing', () => {
    const nothing = {
      namespace: '',
      name: 'n',
      uid: '',
      resourceVersion: '',
      generation: 0,
      createdAt: 0,
      deleting: false,
      project: '',
      labels: {},
    };
    expect(poolRecord({ metadata })).toStrictEqual({
      ...nothing,
      poolName: '',
      adopted: false,
      status: { conditions: [] },
    });
    expect(workloadRecord({ metadata })).toStrictEqual({
      ...nothing,
      source: '',
      identity: '',
      digest: expect.any(String) as unknown,
    });
    expect(resourceSpecRecord({ metadata })).toStrictEqual({
      ...nothing,
      jobType: '',
      specID: '',
      specCode: '',
      status: { conditions: [] },
    });
  });

  it('keep of labels only ours, of owners only the controller, of conditions only those that are some', () => {
    const whole = { type: 'Ready', status: 'True', lastTransitionTime: '2026-03-01T12:00:00Z' };
    const record = poolRecord({
      metadata: {
        name: 'n',
        deletionTimestamp: '2026-03-01T12:00:00Z',
        labels: { 'modelarts-operator.dev/project': 'p', 'app.kubernetes.io/managed-by': 'm', team: 't' },
        ownerReferences: [
          { uid: 'other', name: 'o', kind: 'k', apiVersion: 'v' },
          { controller: true, uid: 'owner', name: 'o', kind: 'k', apiVersion: 'v' },
        ],
      },
      status: {
        conditions: [whole, ...Object.keys(whole).map((key) => ({ ...whole, [key]: 1 })), 'rubbish', null],
      },
    });
    expect(record).toMatchObject({ ownerUID: 'owner', deleting: true, status: { conditions: [whole] } });
    expect(record.labels).toEqual({
      'modelarts-operator.dev/project': 'p',
      'app.kubernetes.io/managed-by': 'm',
    });
    const workload = workloadRecord({ metadata, spec: { source: 'Workload', uid: 'u' } });
    expect(workload).toMatchObject({ source: 'Workload', identity: 'u' });
  });

  it('of a pool have what its metadata say', () => {
    const record = poolRecord({
      metadata: {
        name: 'n',
        annotations: {
          'modelarts-operator.dev/discovered-by': 'u',
          'modelarts-operator.dev/reconcile-requested-at': 'now',
        },
      },
      spec: { poolName: 'p', projectRef: { name: 'project' } },
    });
    expect(record).toMatchObject({
      discoveredBy: 'u',
      reconcileRequestedAt: 'now',
      poolName: 'p',
      project: 'project',
      adopted: false,
    });
  });

  it.each<[string, object, boolean]>([
    ['nobody else', {}, false],
    ['kubectl apply', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }, true],
    [
      'one of two managers',
      {
        managedFields: [
          { manager: 'someone', fieldsV1: { 'f:spec': {} } },
          { manager: 'other', fieldsV1: { 'f:metadata': {} } },
        ],
      },
      true,
    ],
    [
      'a manager of its labels',
      { managedFields: [{ manager: 'someone', fieldsV1: { 'f:metadata': {} } }] },
      false,
    ],
    [
      'a manager of its status',
      { managedFields: [{ manager: 'someone', subresource: 'status', fieldsV1: { 'f:spec': {} } }] },
      false,
    ],
  ])('a pool that %s holds is adopted or not', (_who, over, adopted) => {
    expect(poolRecord({ metadata: { name: 'n', ...over } }).adopted).toBe(adopted);
  });

  it('share their texts, and are otherwise what they were', () => {
    const shared = new SharedValues();
    const bare = workloadRecord({ metadata });
    expect(shared.leanRecord(bare)).toStrictEqual(bare);
    const whole = {
      ...workloadRecord({
        metadata: {
          name: 'n',
          labels: { 'modelarts-operator.dev/pool': 'p' },
          ownerReferences: [{ controller: true, uid: 'owner', name: 'o', kind: 'k', apiVersion: 'v' }],
        },
        spec: { uid: 'n', source: 'Workload', poolName: 'p', projectRef: { name: 'project' } },
        status: { phase: 'Running', type: 'train' },
      }),
    };
    expect(whole).toMatchObject({ poolName: 'p', phase: 'Running', type: 'train', ownerUID: 'owner' });
    const first = shared.leanRecord(whole);
    expect(first).toStrictEqual(whole);
    const second = shared.leanRecord({ ...whole, labels: { ...whole.labels }, identity: 'other' });
    expect(second.labels).toBe(first.labels);
    expect(second.identity).toBe('other');
  });
});
