/** The small calculations, with inputs chosen to break them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aProject, noon, poolFacts, workloadFacts } from '../../test/support/builders.ts';
import { conditionReasons, eventReasons } from '../api/reasons.ts';
import { acceleratorOf } from './accelerator.ts';
import { sumAllocated } from './allocated.ts';
import { canonicalJSON, digest, sameContent } from './digest.ts';
import { deletionToken, guardDeletions, type Candidate } from './guard.ts';
import { highestSample, recordSample } from './high-water.ts';
import { selectHistory } from './history.ts';
import { poolObjectName, workloadObjectName } from './identity.ts';
import { parseLabelSelector } from './label-selector.ts';
import { mergeRows } from './pool-rows.ts';
import { omitPaths, prunedPaths } from './pruning.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import { bandEnd, shownPosition } from './queue-position.ts';
import { poolRecord, workloadRecord } from './records.ts';
import { restrictionsOf } from './restrictions.ts';
import { compileSelection } from './selection.ts';
import { cutText, cutToStored, storedLength } from './text.ts';

const json = fc.jsonValue({ maxDepth: 4 });

describe('queue positions', () => {
  it.each([
    [1, 1],
    [10, 10],
    [11, 20],
    [20, 20],
    [21, 50],
    [51, 100],
    [101, 200],
    [501, 1000],
    [1001, 2000],
  ])('%d is at most %d', (n, end) => {
    expect(bandEnd(n)).toBe(end);
  });
  it('are monotone, never too low, and few for a queue that drains', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (n) => bandEnd(n) >= n && bandEnd(n) <= bandEnd(n + 1)),
    );
    expect(new Set(Array.from({ length: 1000 }, (_, i) => bandEnd(i + 1))).size).toBe(16);
  });
  it('show what the mode asks for', () => {
    for (const exact of [0, 7, 10])
      expect(shownPosition(exact, 'Banded')).toEqual({ queuePosition: exact, queuePositionAtMost: exact });
    expect(shownPosition(11, 'Banded')).toEqual({ queuePositionAtMost: 20 });
    expect(shownPosition(37, 'Exact')).toEqual({ queuePosition: 37, queuePositionAtMost: 37 });
    for (const odd of [Number.NaN, -1, 1.5, undefined]) expect(shownPosition(odd, 'Exact')).toEqual({});
    expect(shownPosition(7, 'None')).toEqual({});
    expect(bandEnd(Number.MAX_SAFE_INTEGER)).toBeGreaterThan(0);
  });
});

describe('quantities', () => {
  it.each([
    ['8', '8'],
    ['3920m', '3920m'],
    ['2000m', '2'],
    ['6.52Gi', '6.52Gi'],
    ['1e3', '1000'],
    ['1E', '1000000000000000000'],
    ['.5', '500m'],
    ['1024Mi', '1Gi'],
    ['0', '0'],
    ['0Gi', '0'],
    ['1n', '1n'],
    ['0.1n', '1n'],
  ])('%s is %s', (text, shown) => {
    expect(formatQuantity(parseQuantity(text)!)).toBe(shown);
  });
  it.each(['', '.', '-1', '1 Gi', '1gi', 'Gi', '1e', '1e999', 'NaN', '1'.repeat(65)])(
    '%p is none',
    (text) => {
      expect(parseQuantity(text)).toBeUndefined();
    },
  );
  it('are added exactly', () => {
    const row = (resources: Record<string, string>, over = {}) => workloadFacts({ resources, ...over });
    expect(
      sumAllocated([
        row({ memory: '6.52Gi', cpu: '100m' }),
        row({ memory: '8Gi', cpu: '0.2' }),
        row({ cpu: '64' }, { status: 'Queue' }),
      ]),
    ).toEqual({ cpu: '300m', memory: '14.52Gi' });
    expect(sumAllocated(Array.from({ length: 10 }, () => row({ cpu: '0.1' })))).toEqual({ cpu: '1' });
  });
  it('are absent rather than wrong', () => {
    expect(sumAllocated([workloadFacts({ resourcesIncomplete: true })])).toBeUndefined();
    expect(sumAllocated([workloadFacts({ resources: { cpu: 'much' } })])).toBeUndefined();
    expect(sumAllocated([workloadFacts({ resources: {} })])).toBeUndefined();
    expect(sumAllocated([workloadFacts({ resources: {}, status: 'Queue', hostIPs: [] })])).toEqual({});
    expect(sumAllocated([workloadFacts({ resourcesIncomplete: true, status: 'Completed' })])).toEqual({});
  });
});

describe('accelerators', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{ 'nvidia.com/gpu': '8' }, '8 gpu'],
    [{ 'huawei.com/ascend-310': '1', cpu: '4' }, '1 ascend-310'],
    [{ 'nvidia.com/gpu': '0' }, undefined],
    [{ 'nvidia.com/gpu': '500m' }, undefined],
    [{ cpu: '8', memory: '1Gi' }, undefined],
    [{ 'nvidia.com/gpu': '8', 'huawei.com/ascend-310': '1' }, '1 ascend-310'],
    [{ 'nvidia.com/gpu': '9007199254740992' }, undefined],
  ])('%p is %p', (resources, summary) => {
    expect(acceleratorOf(resources)?.summary).toBe(summary);
  });
});

describe('restrictions', () => {
  it.each<[number, string[] | undefined]>([
    [0, undefined],
    [9, ['BillingModeChangeBlocked', 'Frozen']],
    [32, ['Bit32']],
    [2 ** 40 + 4, ['ServiceRestricted', 'Bit1099511627776']],
    [-1, undefined],
    [Number.NaN, undefined],
  ])('%d', (mode, flags) => {
    expect(restrictionsOf(mode)?.flags).toEqual(flags);
  });
});

describe('rows of nodes', () => {
  it('of equal flavor and node pool are one', () => {
    const row = (count: number, az: string) => ({ flavor: 'f', count, azs: [{ az, count }] });
    const merged = mergeRows(
      [row(1, 'b'), row(2, 'a'), row(3, 'b'), { ...row(1, 'a'), nodePool: 'np' }],
      'x',
      new Set(),
    );
    expect(merged).toEqual([
      {
        flavor: 'f',
        nodePool: '',
        count: 6,
        azs: [
          { az: 'a', count: 2 },
          { az: 'b', count: 4 },
        ],
      },
      { flavor: 'f', nodePool: 'np', count: 1, azs: [{ az: 'a', count: 1 }] },
    ]);
  });
});

describe('digests', () => {
  it.each<[unknown, unknown]>([
    [[1, 2], [1]],
    [[1], [1, 2]],
    [[1], [2]],
    [[[1]], [[2]]],
    [['a'], 'a'],
    [[1], { 0: 1 }],
    [{ 0: 1 }, [1]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: undefined, c: 2 }],
    [{ a: 1 }, null],
    [null, { a: 1 }],
    [{ a: 1 }, 1],
    [1, { a: 1 }],
    [1, ''],
    ['', 1],
  ])('tells %j from %j', (a, b) => {
    expect(sameContent(a, b)).toBe(false);
  });

  it('are the same under the order of keys and lists, and for absent and empty', () => {
    expect(canonicalJSON({ b: [2, 1], a: '', c: {}, d: [], e: null, f: undefined })).toBe('{"b":[1,2]}');
    expect(sameContent({ b: [2, 1], a: '' }, { b: [1, 2] })).toBe(true);
    expect(sameContent({}, undefined)).toBe(true);
    expect(sameContent({ a: ['b', '', {}] }, { a: ['b'] })).toBe(true);
    expect(sameContent({ b: [2, 1] }, { b: [2] })).toBe(false);
    expect(sameContent({ a: null, b: [''] }, { b: [undefined], c: '' })).toBe(true);
    expect(sameContent([], {})).toBe(true);
    expect(sameContent([0], ['0'])).toBe(false);
    expect(digest({ a: { b: [] } })).toBe(0);
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled).reverse();
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .map(([k, v]) => [k, shuffled(v)] as const)
          .reverse(),
      );
    };
    fc.assert(fc.property(json, (value) => digest(shuffled(value)) === digest(value)));
  });
  it('tell what counts apart', () => {
    expect(digest({ a: 0 })).not.toBe(digest({}));
    expect(digest({ a: '1' })).not.toBe(digest({ a: 1 }));
    expect(digest({ a: false })).not.toBe(digest({}));
  });
});

describe('pruned paths', () => {
  it('name the topmost field, in lists and maps too', () => {
    const sent = {
      a: { b: 1, c: 2 },
      rows: [{ x: 1, y: 1 }, { x: 2 }],
      m: { 'a.b': '1' },
      gone: { deep: 1 },
      empty: [],
    };
    const answered = { a: { b: 1 }, rows: [{ x: 1 }, { x: 2 }], m: {} };
    expect(prunedPaths(sent, answered)).toEqual(new Set(['a.c', 'rows[].y', 'm["a.b"]', 'gone']));
  });
  it('are what makes both sides equal', () => {
    const sent = { a: { b: 1, c: 2 }, rows: [{ x: 1, y: 1 }] };
    const answered = { a: { b: 1 }, rows: [{ x: 1 }] };
    expect(digest(omitPaths(sent, prunedPaths(sent, answered)))).toBe(digest(answered));
    fc.assert(fc.property(json, (value) => prunedPaths(value, value).size === 0));
    fc.assert(fc.property(json, json, (a, b) => void omitPaths(a, prunedPaths(a, b))));
  });
});

describe('names', () => {
  const dns = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
  it('are valid whatever they are made from, and differ where that differs', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(text, text, fc.boolean(), (a, b, taken) => {
        for (const name of [
          workloadObjectName('Workload', a, 'p', taken),
          workloadObjectName('TrainingJobVersion', a, 'p', taken),
          poolObjectName(a, 'p', taken),
        ]) {
          expect(name).toMatch(dns);
          expect(name.length).toBeLessThanOrEqual(253);
        }
        return (
          a === b ||
          workloadObjectName('Workload', a, 'p', false) !== workloadObjectName('Workload', b, 'p', false)
        );
      }),
    );
  });
  it('stay as they are where they can', () => {
    expect(workloadObjectName('Workload', 'a-1.b', 'p', false)).toBe('a-1.b');
    expect(workloadObjectName('Workload', 'pool/Job_1', 'p', false)).toMatch(/^pool-job-1-[0-9a-f]{16}$/);
  });
});

describe('texts', () => {
  it('are cut whole', () => {
    expect(cutText('ab😀', 3)).toBe('ab…');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 4, max: 90 }),
        (text, max) => storedLength(cutToStored(text, max)) <= max,
      ),
    );
  });
});

describe('the guard over deletions', () => {
  const pools = (n: number, scope = '0', announced = false): Candidate[] =>
    Array.from({ length: n }, (_, i) => ({ id: `${scope}-${i}`, scope, announced }));
  const highest = {
    total: 10,
    byScope: new Map([
      ['0', 8],
      ['1', 2],
    ]),
  };
  const ask = (candidates: Candidate[], confirmation?: string) =>
    guardDeletions({ candidates, highest, maxPercent: 50, confirmation });

  it.each<[string, Candidate[], number, boolean]>([
    ['one may always go', pools(1, '1'), 1, false],
    ['half may go', pools(4), 4, false],
    ['more than half of a project may not', [...pools(4), ...pools(2, '1')], 0, true],
    ['more than half of a workspace may not', pools(2, '1'), 0, true],
    ['announced ones do not count', [...pools(8, '0', true), ...pools(1, '1')], 9, false],
    ['announced ones go where others are held back', [...pools(1, '0', true), ...pools(2, '1')], 1, true],
  ])('%s', (_name, candidates, allowed, blocked) => {
    const result = ask(candidates);
    expect(result.allowed.size).toBe(allowed);
    expect(result.blocked !== undefined).toBe(blocked);
  });
  it('is released for exactly the set that a person confirmed', () => {
    const { token } = ask(pools(6)).blocked!;
    expect(token).toBe(
      deletionToken(
        pools(6)
          .map(({ id }) => id)
          .reverse(),
      ),
    );
    expect(ask(pools(6), token).allowed.size).toBe(6);
    expect(ask(pools(7), token).allowed.size).toBe(0);
  });
  it('holds nothing back that a maxPercent of 100 allows, even after a restart without samples', () => {
    const none = { total: 0, byScope: new Map<string, number>() };
    expect(guardDeletions({ candidates: pools(3), highest: none, maxPercent: 100 }).allowed.size).toBe(3);
    expect(guardDeletions({ candidates: pools(3), highest: none, maxPercent: 50 }).allowed.size).toBe(0);
  });
});

describe('the highest of the last hour', () => {
  it('is what a whole list of samples would say', () => {
    const steps = fc.array(fc.record({ after: fc.nat(50), value: fc.nat(20) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        let at = 0;
        let kept: readonly { at: number; value: number }[] = [];
        const every: { at: number; value: number }[] = [];
        for (const { after, value } of all) {
          every.push({ at: (at += after), value });
          kept = recordSample(kept, { at, value }, 100);
          expect(highestSample(kept, at, 100)).toBe(highestSample(every, at, 100));
        }
      }),
    );
  });
});

describe('history', () => {
  const limits = { maxPerPool: 2, ttlMs: 1000, minRetentionMs: 100 };
  const row = (uid: string, ago: number, mirrored = false) => ({ uid, completedAt: noon - ago, mirrored });
  it.each<[string, ReturnType<typeof row>[], string[]]>([
    ['the newest by completion', [row('a', 300), row('b', 200), row('c', 400)], ['a', 'b']],
    ['none beyond the ttl', [row('a', 300), row('b', 1000)], ['a']],
    [
      'a fresh end with a mirror besides',
      [row('a', 10), row('b', 20), row('c', 30, true), row('d', 40)],
      ['a', 'b', 'c'],
    ],
  ])('keeps %s', (_name, rows, kept) => {
    expect([...selectHistory(rows, limits, noon)].sort()).toEqual(kept);
  });
});

describe('label selectors', () => {
  const labels = { team: 'vision', 'os.modelarts/name': 'Größe', empty: '' };
  it.each<[string, boolean]>([
    ['', true],
    ['team=vision', true],
    ['team==vision', true],
    ['team = vision', true],
    ['team=other', false],
    ['team!=other', true],
    ['none!=x', true],
    ['team in (a, vision)', true],
    ['team notin (a,b)', true],
    ['none notin (a)', true],
    ['none in (a)', false],
    ['team', true],
    ['none', false],
    ['!none', true],
    ['! team', false],
    ['team=vision,os.modelarts/name in (Größe, x),!none', true],
    ['team=vision,none', false],
    ['empty=', true],
    ['toString', false],
  ])('%s: %s', (text, matches) => {
    const parsed = parseLabelSelector(text);
    expect(parsed.ok && parsed.selector.matches(labels)).toBe(matches);
  });
  it.each(['=a', 'a in b', 'a in (b', 'a=b=c', ',', 'a,,b', 'a within (b)', '(a)'])(
    '%s cannot be read',
    (text) => {
      expect(parseLabelSelector(text)).toMatchObject({
        ok: false,
        message: expect.stringContaining('label selector'),
      });
    },
  );
  it('are quick on long texts', () => {
    expect(parseLabelSelector(`a in (${'x,'.repeat(500)}`).ok).toBe(false);
  });
});

describe('selection', () => {
  const { discovery } = aProject().spec;
  it.each<[string, object, boolean]>([
    ['everything by default', {}, true],
    ['nothing with mode Declared', { mode: 'Declared' }, false],
    ['all workspaces', { workspaces: ['*'] }, true],
    ['other workspaces', { workspaces: ['1'] }, false],
    ['other names', { poolNames: ['pool-b'] }, false],
    ['its name', { poolNames: ['pool-a'] }, true],
    ['a label it lacks', { labelSelector: 'team' }, false],
  ])('%s', (_name, over, selected) => {
    const compiled = compileSelection({ ...discovery, ...over });
    expect(compiled.ok && compiled.selection.selects(poolFacts())).toBe(selected);
  });
  it('is none with a selector that cannot be read', () => {
    expect(compileSelection({ ...discovery, labelSelector: '=' }).ok).toBe(false);
  });
});

describe('records', () => {
  it('stand whatever a person wrote', () => {
    fc.assert(
      fc.property(json, json, (spec, status) => {
        const object = { metadata: { name: 'x', managedFields: [{}] }, spec, status };
        expect(poolRecord(object).status.conditions).toBeInstanceOf(Array);
        expect(typeof workloadRecord(object).digest).toBe('number');
      }),
    );
  });
  it.each<[string, object, boolean]>([
    ['our own spec', { manager: 'modelarts-operator', fieldsV1: { 'f:spec': {} } }, false],
    ["another manager's spec", { manager: 'kubectl', fieldsV1: { 'f:spec': {} } }, true],
    ["another manager's labels", { manager: 'kubectl', fieldsV1: { 'f:metadata': {} } }, false],
    ['a status', { manager: 'kubectl', subresource: 'status', fieldsV1: { 'f:spec': {} } }, false],
  ])('%s: adopted %s', (_name, entry, adopted) => {
    expect(poolRecord({ metadata: { name: 'x', managedFields: [entry] } }).adopted).toBe(adopted);
  });
});

describe('the catalogue of reasons', () => {
  it('explains each in a sentence, and each can be a reason', () => {
    for (const [reason, text] of Object.entries({ ...conditionReasons, ...eventReasons })) {
      expect(reason).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect(text).toMatch(/^[A-Z].*\.$/);
    }
  });
});
