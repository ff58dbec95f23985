/** Every field of every answer once, and what a row that is wrong in one way still gives. */
import { describe, expect, it } from '@jest/globals';

import { decodePool, decodePoolList } from './pool.ts';
import { Cursor } from './read.ts';
import { decodeFlavorPage } from './resource-flavor.ts';
import { decodeResourceSpecs } from './resource-spec.ts';
import { decodeAmounts } from './resources.ts';
import { decodeRuntimeMetrics } from './runtime-metrics.ts';
import { decodeStatistics } from './statistics.ts';
import { decodeTrainingJobVersions } from './training-job-version.ts';
import { decodeWorkloadPage } from './workload.ts';
import { decodeWorkspacePage } from './workspace.ts';

function decoded<T>(body: unknown, decode: (body: Cursor) => T) {
  const cursor = new Cursor(body);
  return { facts: decode(cursor), issues: cursor.issues };
}
const pool = (parts: object) => decoded({ metadata: { name: 'p' }, ...parts }, decodePool);
const workloads = (...items: unknown[]) =>
  decoded({ kind: 'WorkloadList', items }, (body) => decodeWorkloadPage(body, 'p'));
const workload = (row: object) => {
  const { facts, issues } = workloads({ uid: 'u', ...row });
  return { ...facts?.items[0], issues };
};

describe('a pool', () => {
  it('has all that the answer says', () => {
    const row = (flavor: string) => ({
      flavor,
      count: 2,
      maxCount: 4,
      nodePool: 'np',
      azs: [{ az: 'az1', count: 2 }],
    });
    const { facts, issues } = pool({
      metadata: {
        name: 'p',
        creationTimestamp: '2025-01-02T03:04:05Z',
        labels: { 'os.modelarts/name': 'shown', 'os.modelarts/workspace.id': 'w', '': 'nameless' },
        annotations: { 'os.modelarts/description': 'what for', 'os.modelarts/billing.mode': '0' },
      },
      spec: {
        type: 'Dedicate',
        network: { name: 'n' },
        jobFlavors: ['f1', 'f2'],
        scope: ['Train'],
        resources: [row('wanted')],
        controlMode: 3,
        driver: { gpuVersion: 'g2', npuVersion: 'n2', updateStrategy: 'idle' },
      },
      status: {
        phase: 'Running',
        message: 'all is well',
        parent: 'up',
        root: 'top',
        scope: [{ scopeType: 'Train', state: 'Enabled', message: 'yes' }],
        driver: { gpu: { version: 'g1', state: 'Running' }, npu: { version: 'n1', state: 'Upgrading' } },
        resources: {
          creating: [row('c')],
          available: [row('av')],
          abnormal: [row('ab')],
          deleting: [row('d')],
        },
      },
    });
    expect(facts).toEqual({
      id: 'p',
      displayName: 'shown',
      workspaceID: 'w',
      creationTime: Date.parse('2025-01-02T03:04:05Z'),
      type: 'Dedicate',
      networkName: 'n',
      jobFlavors: ['f1', 'f2'],
      description: 'what for',
      billingMode: '0',
      labels: { 'os.modelarts/name': 'shown', 'os.modelarts/workspace.id': 'w' },
      annotations: { 'os.modelarts/description': 'what for', 'os.modelarts/billing.mode': '0' },
      desiredScopes: ['Train'],
      scopes: [{ type: 'Train', state: 'Enabled', message: 'yes' }],
      desired: [row('wanted')],
      resources: {
        creating: [row('c')],
        available: [row('av')],
        abnormal: [row('ab')],
        deleting: [row('d')],
      },
      gpuDriver: { version: 'g1', state: 'Running', desiredVersion: 'g2' },
      npuDriver: { version: 'n1', state: 'Upgrading', desiredVersion: 'n2' },
      driverUpdateStrategy: 'idle',
      controlMode: 3,
      phase: 'Running',
      message: 'all is well',
      parent: 'up',
      root: 'top',
    });
    expect(issues).toEqual([]);
  });

  const counts = (...resources: unknown[]) => {
    const { facts, issues } = pool({ spec: { resources } });
    return [facts?.desired, issues.map(({ path, expected }) => `${path}: ${expected}`)];
  };
  it.each<[string, object, unknown[], string[]]>([
    [
      'a count that only its zones say is their sum',
      {
        flavor: 'f',
        azs: [
          { az: 'a', count: 2 },
          { az: 'b', count: 3 },
        ],
      },
      [
        {
          flavor: 'f',
          count: 5,
          azs: [
            { az: 'a', count: 2 },
            { az: 'b', count: 3 },
          ],
        },
      ],
      [],
    ],
    ['no count at all', { flavor: 'f' }, [], ['spec.resources[0]: a flavor with a count']],
    ['no flavor', { count: 1 }, [], ['spec.resources[0]: a flavor with a count']],
    [
      'a zone without a name',
      { flavor: 'f', count: 1, azs: [{ count: 1 }] },
      [{ flavor: 'f', count: 1, azs: [] }],
      ['spec.resources[0].azs[0]: an availability zone with a count'],
    ],
    [
      'a zone without a count',
      { flavor: 'f', count: 1, azs: [{ az: 'a' }] },
      [{ flavor: 'f', count: 1, azs: [] }],
      ['spec.resources[0].azs[0]: an availability zone with a count'],
    ],
  ])('counts: %s', (_what, row, desired, issues) => expect(counts(row)).toEqual([desired, issues]));

  it('a scope without a type is named and left out', () => {
    const { facts, issues } = pool({ status: { scope: [{ state: 'Enabled' }, { scopeType: 'Infer' }] } });
    expect(facts?.scopes).toEqual([{ type: 'Infer' }]);
    expect(issues).toEqual([
      { path: 'status.scope[0]', expected: 'a scope with a scopeType', found: 'an object' },
    ]);
  });

  it('keeps the first 500 flavors, 100 zones and 100 scopes', () => {
    const azs = Array.from({ length: 101 }, (_, i) => ({ az: `az${i}`, count: 1 }));
    const resources = Array.from({ length: 501 }, (_, i) => ({ flavor: `f${i}`, count: 1, azs }));
    const scope = Array.from({ length: 101 }, (_, i) => ({ scopeType: `s${i}` }));
    const { facts } = pool({ spec: { resources }, status: { scope } });
    expect(facts?.desired).toHaveLength(500);
    expect(facts?.desired[0]?.azs).toEqual(azs.slice(0, 100));
    expect(facts?.scopes).toHaveLength(100);
  });

  it('a time that is none is named; none at all is not', () => {
    expect(pool({}).issues).toEqual([]);
    expect(pool({ metadata: { name: 'p', creationTimestamp: 'soon' } }).issues).toEqual([
      { path: 'metadata.creationTimestamp', expected: 'an RFC 3339 time', found: '"soon"' },
    ]);
  });

  it('listed twice counts once, the first time, and that is told', () => {
    const row = (message: string) => ({ metadata: { name: 'p' }, status: { message } });
    const { facts, issues } = decoded({ kind: 'PoolList', items: [row('1'), row('2')] }, decodePoolList);
    expect(facts).toMatchObject({ items: [{ id: 'p', message: '1' }], received: 2, unidentified: 0 });
    expect(issues).toEqual([{ path: 'items', expected: 'each pool once', found: 'a list of 2' }]);
  });
});

describe('a workload', () => {
  it('has all that the row says', () => {
    expect(
      workload({
        namespace: 'ns',
        name: 'n',
        jobName: 'job',
        jobUUID: 'j',
        type: 'train',
        status: 'Queue',
        flavor: 'f',
        priority: '2',
        gvk: 'batch/v1, Kind=Job',
        resourceRequirement: { cpu: 1 },
        runningDuration: 0,
        pendingDuration: 5,
        pendingPosition: 1,
        createTime: 1_739_160_000,
        hostIps: '10.0.0.1',
        nodes: [{}],
        isDeleted: true,
      }),
    ).toEqual({
      uid: 'u',
      identifiedBy: 'uid',
      namespace: 'ns',
      name: 'n',
      jobName: 'job',
      jobID: 'j',
      type: 'train',
      status: 'Queue',
      flavor: 'f',
      priority: '2',
      gvk: 'batch/v1, Kind=Job',
      resources: { cpu: '1' },
      resourcesIncomplete: false,
      runningSeconds: 0,
      pendingSeconds: 5,
      queuePosition: 1,
      creationTime: Date.parse('2025-02-10T04:00:00Z'),
      hostIPs: ['10.0.0.1'],
      nodeCount: 1,
      isDeleted: true,
      issues: [],
    });
  });

  it('an identity may have 253 characters; a longer one is none, and told', () => {
    expect(workload({ uid: 'x'.repeat(253) })).toMatchObject({ uid: 'x'.repeat(253), issues: [] });
    expect(workload({ uid: 'x'.repeat(254), jobUUID: 'j' })).toMatchObject({
      uid: 'j',
      issues: [{ path: 'items[0].uid', expected: 'at most 253 characters' }],
    });
  });

  it('hosts that are no addresses are left out, and told', () => {
    const long = 'x'.repeat(253);
    expect(workload({ hostIps: [long, `${long}x`, 'a'] })).toMatchObject({
      hostIPs: [long, 'a'],
      issues: [{ path: 'items[0].hostIps', expected: 'addresses' }],
    });
    expect(workload({ hostIps: Array(3000).fill('a,b') }).hostIPs).toHaveLength(2000);
  });

  it('negative durations are how the API says that it does not know', () => {
    expect(workload({ runningDuration: -1, pendingDuration: -1 })).toMatchObject({ issues: [] });
    expect(workload({ runningDuration: -1 })).not.toHaveProperty('runningSeconds');
  });
});

describe('amounts', () => {
  const amounts = (value: unknown) => decoded(value, decodeAmounts).facts;
  it.each<[string, unknown, object, boolean]>([
    ['nothing', undefined, {}, false],
    ['null', null, {}, false],
    ['an empty text', '', {}, false],
    ['another text', 'much', {}, true],
    ['a number', 7, {}, true],
    ['members without an amount', { a: null, b: '', cpu: 1 }, { cpu: '1' }, false],
    ['a member of another kind', { a: true, cpu: 1 }, { cpu: '1' }, true],
    ['the first of a list', [{ cpu: 1 }, { cpu: 2, memory: '3' }], { cpu: '1', memory: '3' }, false],
    [
      'a card by both names',
      { 'huawei.com/ascend-1980': 2, 'huawei.com/ascend-snt9': 1 },
      { 'huawei.com/ascend-1980': '2' },
      false,
    ],
  ])('of %s', (_what, value, of, incomplete) => {
    expect(amounts(value)).toEqual({ amounts: of, incomplete });
  });
});

describe('flavors', () => {
  const flavors = (...items: unknown[]) => decoded({ kind: 'ResourceFlavorList', items }, decodeFlavorPage);
  it('say nothing of their size unless all of it is known, and name what is no amount', () => {
    const named = (spec: object) => ({ metadata: { name: 'f' }, spec });
    expect(flavors(named({ cpu: '1', memory: '1Gi' })).facts?.items).toEqual([
      { name: 'f', resources: { cpu: '1', memory: '1Gi' } },
    ]);
    expect(flavors(named({ cpu: '1', memory: '1Gi', npu: { type: 'x' } })).facts?.items).toEqual([
      { name: 'f' },
    ]);
    const { facts, issues } = flavors(named({ cpu: 'some', memory: '1Gi' }));
    expect(facts?.items).toEqual([{ name: 'f' }]);
    expect(issues).toEqual([
      { path: 'items[0].spec.cpu', expected: 'an amount', found: '"some"', item: 'f' },
    ]);
    expect(flavors(named({ memory: '1Gi' })).issues).toEqual([]);
  });

  it('without a name are no flavors, and another answer is none', () => {
    expect(flavors({ spec: {} }).facts).toMatchObject({ items: [], unidentified: 1 });
    expect(decoded({ kind: 'PoolList', items: [] }, decodeFlavorPage).facts).toBeUndefined();
  });
});

describe('lists', () => {
  const envelope = (body: unknown) => {
    const { facts, issues } = decoded(body, decodePoolList);
    return [facts?.items, issues.map(({ path, expected }) => `${path}: ${expected}`)];
  };
  it.each<[string, unknown, unknown, string[]]>([
    ['the kind in other letters', { kind: 'POOLLIST' }, [], []],
    ['rows without a kind', { items: [] }, [], []],
    ['rows with an empty kind', { kind: '', items: [] }, [], []],
    ['rows with a kind that is no text', { kind: 7, items: [] }, [], []],
    ['another kind', { kind: 'X', items: [] }, undefined, ['kind: PoolList']],
    ['neither kind nor rows', {}, undefined, ['items: a list']],
    ['rows that are no list', { kind: 'PoolList', items: 7 }, undefined, ['items: a list']],
    ['a row that is nothing', { kind: 'PoolList', items: [7] }, [], ['items[0]: a row with an identity']],
  ])('%s', (_what, body, items, issues) => expect(envelope(body)).toEqual([items, issues]));

  it('without a kind, an empty one is known by its total', () => {
    for (const body of [{ total_count: 0 }, { count: 0 }])
      expect(decoded(body, decodeWorkspacePage)).toMatchObject({ facts: { items: [] }, issues: [] });
    // So it is of families that have a kind; of the others a kind says nothing.
    expect(decoded({ kind: 'X', total_count: 0 }, decodeWorkspacePage).facts?.items).toEqual([]);
  });

  it.each<[string, unknown, (body: Cursor) => unknown, string]>([
    ['workloads', { items: [{ uid: 'w', status: {} }] }, (body) => decodeWorkloadPage(body, 'p'), 'w'],
    ['versions', { versions: [{ version_id: 'v', version_name: {} }] }, decodeTrainingJobVersions, 'v'],
    ['specifications', { specs: [{ spec_id: 's', spec_code: {} }] }, decodeResourceSpecs, 's'],
    ['workspaces', { workspaces: [{ id: 'ws', name: {} }] }, decodeWorkspacePage, 'ws'],
    [
      'metrics',
      { items: [{ metadata: { name: 'p' }, table: { capacity: { value: { cpu: 'many' } } } }] },
      decodeRuntimeMetrics,
      'p',
    ],
  ])('of %s tell whose row an issue is of', (_what, body, decode, item) => {
    expect(decoded(body, decode).issues[0]).toMatchObject({ item });
  });

  it.each([
    ['a', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['a/b', false],
    ['/a', false],
    ['', false],
  ])('a workspace with the id %j is one: %j', (id, is) => {
    expect(decoded({ workspaces: [{ id }] }, decodeWorkspacePage).facts?.items).toHaveLength(is ? 1 : 0);
  });

  it.each([
    [64, 1],
    [65, 0],
  ])('an id of %d characters names %d versions and specifications', (length, items) => {
    const id = 'x'.repeat(length);
    expect(decoded({ versions: [{ version_id: id }] }, decodeTrainingJobVersions).facts?.items).toHaveLength(
      items,
    );
    expect(decoded({ specs: [{ spec_id: id }] }, decodeResourceSpecs).facts?.items).toHaveLength(items);
  });
});

it.each(['v2', '2nd', '-'])('a version whose status is the text %s keeps it', (status) => {
  const versions = [{ version_id: 'v', status }];
  expect(decoded({ versions }, decodeTrainingJobVersions).facts?.items[0]).toMatchObject({ status });
});

describe('statistics', () => {
  it('of another shape are none, and told', () => {
    expect(decoded({ total: 1 }, decodeStatistics)).toEqual({
      facts: undefined,
      issues: [{ path: 'statistics', expected: 'an object', found: 'undefined' }],
    });
  });

  it('leave out what is no row, and add up what comes twice', () => {
    const items = [7, { type: 'a', status: { Running: 1 } }, { type: 'a', status: { Running: 1, Queue: 1 } }];
    expect(decoded({ statistics: { items } }, decodeStatistics).facts).toEqual({
      total: 3,
      byStatus: { Running: 2, Queue: 1 },
      byType: [{ type: 'a', total: 3, byStatus: { Running: 2, Queue: 1 } }],
    });
  });
});

it.each([
  ['.5', '0.5'],
  ['.25', '0.25'],
  ['5.', '5'],
  ['+3', '3'],
  [' 3 ', '3'],
  ['007.100', '7.1'],
  ['100.001', '100.001'],
  ['2u', '2'],
  ['3 n', '3n'],
  ['2 mb', undefined],
  [0, '0'],
  [1.25, '1.25'],
  [-0.5, undefined],
  ['.x', undefined],
])('an amount %j is %j', (amount, quantity) => {
  expect(decodeAmounts(new Cursor({ x: amount })).amounts['x']).toBe(quantity);
});
