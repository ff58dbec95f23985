import { describe, expect, it } from '@jest/globals';
import { fixture } from '../fixtures/fixture.ts';
import { decodePool, decodePoolList } from './pool.ts';
import { Cursor } from './read.ts';
import { decodeStatistics } from './statistics.ts';
import { decodeWorkloadPage } from './workload.ts';
import { decodeWorkspacePage } from './workspace.ts';

const id = 'pool-a-0123456789abcdef0123456789abcdef';

function pool(parts: { metadata?: object; spec?: object; status?: object } = {}) {
  const body = new Cursor({
    kind: 'Pool',
    metadata: { name: id, ...parts.metadata },
    spec: parts.spec,
    status: parts.status,
  });
  const facts = decodePool(body);
  if (facts === undefined) throw new Error('no pool');
  return { ...facts, issues: body.issues };
}

function workload(row: object) {
  const body = new Cursor({ kind: 'WorkloadList', items: [{ uid: 'u1', ...row }] });
  const facts = decodeWorkloadPage(body, id)?.items[0];
  if (facts === undefined) throw new Error('no workload');
  return { ...facts, issues: body.issues };
}

const statistics = (body: object) => decodeStatistics(new Cursor(body));

describe('documented pools', () => {
  it('decodes the GPU pool whole', () => {
    const body = new Cursor(fixture('pool-gpu'));
    expect(decodePool(body)).toMatchObject({
      id: 'pool-gpu-a-0123456789abcdef0123456789abcdef',
      displayName: 'gpu-a',
      workspaceID: '0',
      creationTime: Date.parse('2025-02-03T08:15:42Z'),
      type: 'Dedicate',
      networkName: 'network-vision-0123456789abcdef0123456789abcdef',
      billingMode: '0',
      desiredScopes: ['Train', 'Infer', 'Notebook'],
      driverUpdateStrategy: 'idle',
      gpuDriver: { version: '470.57.02', state: 'Running', desiredVersion: '470.57.02' },
      phase: 'Running',
      controlMode: 0,
    });
    expect(body.issues).toEqual([]);
  });

  it.each(['pool-npu', 'pool-creating', 'pool-abnormal', 'pool-deleting', 'pool-minimal'])(
    'decodes %s cleanly',
    (name) => {
      const body = new Cursor(fixture(name));
      expect(decodePool(body)?.phase).toBeDefined();
      expect(body.issues).toEqual([]);
    },
  );

  it('decodes the list', () => {
    const body = new Cursor(fixture('pools-list'));
    expect(decodePoolList(body)).toMatchObject({ received: 2, unidentified: 0 });
    expect(body.issues).toEqual([]);
  });

  it('No secret leaves: ordering data, account names and key pairs are dropped', () => {
    const hidden = ['promotion.info', 'service.console.url', 'order.id', 'order.name', 'tenant.domain.name'];
    const map = Object.fromEntries(
      [...hidden, 'keyPairName', 'kept'].map((key) => [`os.modelarts/${key}`, 'x']),
    );
    const facts = pool({ metadata: { labels: map, annotations: map } });
    expect(facts.labels).toEqual({ 'os.modelarts/kept': 'x' });
    expect(pool({ metadata: { labels: { ...map, odd: ['x'] } } }).labels).toStrictEqual(facts.labels);
    expect(facts.annotations).toEqual({ 'os.modelarts/kept': 'x' });
  });

  it.each([undefined, '', 7, '..', 'a/b', 'x'.repeat(64)])('has no identity when its name is %j', (name) => {
    expect(decodePool(new Cursor({ metadata: { name } }))).toBeUndefined();
  });
});

describe('discrepancies of pools', () => {
  const row = { flavor: 'f', count: 2 };
  it('D04: a state of status.resources is an object or a list', () => {
    const facts = pool({ status: { resources: { available: row, creating: [row] } } });
    expect(facts.resources.available).toEqual([{ flavor: 'f', count: 2, azs: [] }]);
    expect(facts.resources.creating).toEqual([{ flavor: 'f', count: 2, azs: [] }]);
  });
  it('D05: missing, null and empty states are empty', () => {
    expect(pool({ status: { resources: { available: null, creating: [] } } }).resources.available).toEqual(
      [],
    );
    expect(pool({ status: { resources: null } }).resources.deleting).toEqual([]);
    expect(pool().resources.abnormal).toEqual([]);
  });
  it('D08: phases beyond the first five, and future ones, are kept', () => {
    expect(pool({ status: { phase: 'ScalingFailed' } }).phase).toBe('ScalingFailed');
    expect(pool({ status: { phase: 'Hibernating' } }).phase).toBe('Hibernating');
  });
  it('D09: scope state EnableFailed with its message', () => {
    const scope = [
      {
        scopeType: 'Train',
        state: 'EnableFailed',
        message: 'no',
        plugins: [{ name: 'p', phase: 'Pending' }],
      },
    ];
    expect(pool({ status: { scope } }).scopes).toEqual([
      { type: 'Train', state: 'EnableFailed', message: 'no' },
    ]);
  });
  it('D14: known words get their documented spelling', () => {
    const facts = pool({
      spec: { type: 'DEDICATE', scope: ['train'] },
      status: {
        phase: 'running',
        scope: { scopeType: 'infer', state: 'ENABLED' },
        driver: { gpu: { state: 'upgrading' } },
      },
    });
    expect(facts).toMatchObject({ type: 'Dedicate', phase: 'Running', desiredScopes: ['Train'] });
    expect(facts.scopes).toEqual([{ type: 'Infer', state: 'Enabled' }]);
    expect(facts.gpuDriver?.state).toBe('Upgrading');
  });
  it('D20: controlMode missing, as text, or with unknown bits', () => {
    expect(pool().controlMode).toBe(0);
    expect(pool({ spec: { controlMode: '9' } }).controlMode).toBe(9);
    expect(pool({ spec: { controlMode: 41 } }).controlMode).toBe(41);
  });
  it('D21: what is not mirrored breaks nothing', () => {
    const facts = pool({
      spec: { containernetwork: [], clusters: 'x' },
      status: { clusters: { plugins: {} } },
    });
    expect(facts.issues).toEqual([]);
  });
  it('D22: missing labels mean workspace 0 and the id as name', () => {
    expect(pool()).toMatchObject({ workspaceID: '0', displayName: id });
  });
  it('D23: JSON inside an annotation stays text', () => {
    const annotations = { 'os.modelarts.pool/scope.external.dependency.train': '{"type":', other: '{}' };
    expect(pool({ metadata: { annotations } }).annotations).toEqual(annotations);
  });
  it('D24: label values become text, empty ones stay', () => {
    const annotations = { 'os.modelarts/billing.mode': 1, flag: '', on: true, none: null };
    const facts = pool({ metadata: { annotations } });
    expect(facts.billingMode).toBe('1');
    expect(facts.annotations).toEqual({ 'os.modelarts/billing.mode': '1', flag: '', on: 'true' });
  });
  it('D29: fields that some source calls required may be missing', () => {
    expect(pool({ spec: { resources: [row] } }).desired).toEqual([{ flavor: 'f', count: 2, azs: [] }]);
  });
  it('D34: a logical pool keeps its parent and root', () => {
    expect(pool({ spec: { type: 'Logical' }, status: { parent: 'p', root: 'r' } })).toMatchObject({
      parent: 'p',
      root: 'r',
    });
  });
  it('D37: the id is metadata.name, never the display name', () => {
    expect(pool({ metadata: { labels: { 'os.modelarts/name': 'shown' } } })).toMatchObject({
      id,
      displayName: 'shown',
    });
  });
  it('D39: times with fraction and offset; an unreadable one is absent', () => {
    const at = (creationTimestamp: string) => pool({ metadata: { creationTimestamp } });
    expect(at('2025-01-02T03:04:05.678+02:00').creationTime).toBe(Date.parse('2025-01-02T01:04:05Z'));
    expect(at('yesterday').creationTime).toBeUndefined();
    expect(at('yesterday').issues[0]?.path).toBe('metadata.creationTimestamp');
  });
  it('D40: driver facts come from status.driver, unknown states stay', () => {
    const facts = pool({
      spec: { driver: { npuVersion: 'C78' } },
      status: { driver: { npu: { version: 'C75', state: 'Odd' } } },
    });
    expect(facts.npuDriver).toEqual({ version: 'C75', state: 'Odd', desiredVersion: 'C78' });
    expect(facts.gpuDriver).toBeUndefined();
  });
  it('One bad apple: a wrong type drops that field, names it, and keeps the rest', () => {
    const facts = pool({
      spec: { type: ['x'] },
      status: { phase: 'Running', driver: { gpu: { state: {} } } },
    });
    expect(facts.type).toBeUndefined();
    expect(facts.phase).toBe('Running');
    expect(facts.issues).toEqual([
      { path: 'spec.type', expected: 'a text', found: 'a list of 1' },
      { path: 'status.driver.gpu.state', expected: 'a text', found: 'an object' },
    ]);
  });
});

describe('words that are not documented', () => {
  it('are kept as they are, in every place that has words, and are no issue', () => {
    const word = 'Unheard-of';
    const driver = { gpu: { state: word }, npu: { state: word } };
    const facts = pool({
      spec: { type: word, scope: [word], driver: { updateStrategy: word } },
      status: { phase: word, scope: [{ scopeType: word, state: word }], driver },
    });
    expect(facts).toMatchObject({
      type: word,
      phase: word,
      desiredScopes: [word],
      scopes: [{ type: word, state: word }],
      gpuDriver: { state: word },
      npuDriver: { state: word },
      driverUpdateStrategy: word,
      issues: [],
    });
    expect(workload({ type: word, status: word })).toMatchObject({ type: word, status: word, issues: [] });
    const items = [{ type: word, total: 1, status: { [word]: 1 } }];
    expect(statistics({ statistics: { items } })?.byType).toEqual([
      { type: word, total: 1, byStatus: { [word]: 1 } },
    ]);
  });
});

describe('issues of a list', () => {
  const odd = (name: string) => ({
    metadata: { name, labels: { x: [1] } },
    spec: { jobFlavors: Array(200).fill([]) },
  });
  it('One bad apple: say whose row they are of, however many others there are', () => {
    const names = Array.from({ length: 150 }, (_, i) => `pool-${i}`);
    const body = new Cursor({ kind: 'PoolList', items: names.map(odd) });
    expect(decodePoolList(body)?.items).toHaveLength(150);
    for (const name of names) {
      expect(body.issues.find(({ item }) => item === name)?.path).toMatch(
        /^items\[\d+\]\.metadata\.labels\.x$/,
      );
    }
  });
  it('are without an item where the row has no identity, or the list is at fault', () => {
    const body = new Cursor({ kind: 'PoolList', items: [odd('pool-1'), { ...odd('pool-1') }, { spec: {} }] });
    decodePoolList(body);
    const ofNobody = body.issues.filter(({ item }) => item === undefined).map(({ path }) => path);
    expect(ofNobody).toEqual(['items', 'items[2]']);
  });
});

describe('discrepancies of workloads', () => {
  it.each(['workloads-page', 'workloads-npu', 'workloads-empty'])('decodes %s cleanly', (name) => {
    const body = new Cursor(fixture(name));
    expect(decodeWorkloadPage(body, id)).toMatchObject({ unidentified: 0 });
    expect(body.issues).toEqual([]);
  });
  it('D06: resourceRequirement is an object or a list; the first value wins', () => {
    expect(workload({ resourceRequirement: [{ cpu: '8' }, { cpu: '9', memory: '1Gi' }] }).resources).toEqual({
      cpu: '8',
      memory: '1Gi',
    });
  });
  it('D07: nodes is an object or a list', () => {
    expect(workload({ nodes: { hostIp: 'a' } }).nodeCount).toBe(1);
    expect(workload({ nodes: [{}, {}] }).nodeCount).toBe(2);
    expect(workload({ nodes: [] }).nodeCount).toBeUndefined();
  });
  it('D10: type x-infer, and future ones', () => {
    expect(workload({ type: 'X-Infer' }).type).toBe('x-infer');
    expect(workload({ type: 'dream' }).type).toBe('dream');
  });
  it('D11: both names of a card are one card', () => {
    const resourceRequirement = {
      'huawei.com/ascend-snt9': '8',
      'huawei.com/ascend-1980': 8,
      'huawei.com/ascend-snt3': 1,
    };
    expect(workload({ resourceRequirement }).resources).toEqual({
      'huawei.com/ascend-1980': '8',
      'huawei.com/ascend-310': '1',
    });
  });
  it('D12: amounts for people become quantities; others are named', () => {
    const facts = workload({
      resourceRequirement: { cpu: '1 Cores', memory: '6.52 GiB', 'nvidia.com/gpu': 'many' },
    });
    expect(facts.resources).toEqual({ cpu: '1', memory: '6.52Gi' });
    expect(facts.resourcesIncomplete).toBe(true);
    expect(facts.issues[0]).toMatchObject({
      path: 'items[0].resourceRequirement.nvidia.com/gpu',
      expected: 'an amount',
    });
  });
  it('D13: isDeleted as text', () => {
    expect(workload({ isDeleted: 'TRUE' }).isDeleted).toBe(true);
    expect(workload({ isDeleted: 'false' }).isDeleted).toBe(false);
    expect(workload({}).isDeleted).toBe(false);
  });
  it('D15: createTime in milliseconds, in seconds when small, as text; 0 is not known', () => {
    const at = (createTime: unknown) => workload({ createTime }).creationTime;
    expect(at(1739160000000)).toBe(Date.parse('2025-02-10T04:00:00Z'));
    expect(at(1739160000)).toBe(Date.parse('2025-02-10T04:00:00Z'));
    expect(at('1739160000000')).toBe(Date.parse('2025-02-10T04:00:00Z'));
    expect(at(0)).toBeUndefined();
  });
  it('D16: a negative position, or one of a job that does not wait, is none', () => {
    expect(workload({ status: 'Queue', pendingPosition: -1 }).queuePosition).toBeUndefined();
    expect(workload({ status: 'Running', pendingPosition: 3 }).queuePosition).toBeUndefined();
    expect(workload({ status: 'pending', pendingPosition: '3' }).queuePosition).toBe(3);
  });
  it('D19: total and metadata are not needed', () => {
    const body = new Cursor({ kind: 'WorkloadList', items: [], total: 99, metadata: {} });
    expect(decodeWorkloadPage(body, id)).toEqual({ items: [], unidentified: 0, received: 0 });
  });
  it('D26: hostIps as text, with blanks, as a list, missing', () => {
    expect(workload({ hostIps: ' a, b,,' }).hostIPs).toEqual(['a', 'b']);
    expect(workload({ hostIps: ['a', 'b'] }).hostIPs).toEqual(['a', 'b']);
    expect(workload({}).hostIPs).toEqual([]);
  });
  it('D35: priority as a number', () => expect(workload({ priority: 3 }).priority).toBe('3'));
  it('D36: identity falls back from uid to jobUUID to the name', () => {
    const identity = (row: object) => workload({ uid: null, ...row });
    expect(identity({ jobUUID: 'j' })).toMatchObject({ uid: 'j', identifiedBy: 'jobUUID' });
    expect(identity({ namespace: 'n', name: 'w' })).toMatchObject({ uid: 'n/w', identifiedBy: 'name' });
    expect(identity({ name: 'w' })).toMatchObject({ uid: `${id}/w` });
  });
  it('Never guess a deletion: rows without identity are counted', () => {
    const body = new Cursor({ kind: 'WorkloadList', items: [{ type: 'train' }, 7, null, { uid: 'u' }] });
    expect(decodeWorkloadPage(body, id)).toMatchObject({ unidentified: 3, received: 4 });
  });
  it('D38: items null or missing is an empty list, but only in the right envelope', () => {
    expect(decodeWorkloadPage(new Cursor({ kind: 'WorkloadList', items: null }), id)?.items).toEqual([]);
    expect(decodeWorkloadPage(new Cursor({ kind: 'WorkloadList' }), id)?.items).toEqual([]);
    expect(decodeWorkloadPage(new Cursor({}), id)).toBeUndefined();
    expect(decodeWorkloadPage(new Cursor({ kind: 'PoolList', items: [] }), id)).toBeUndefined();
    expect(decodeWorkloadPage(new Cursor({ items: 'none' }), id)).toBeUndefined();
  });
});

describe('discrepancies of statistics', () => {
  it('count the first hundred types', () => {
    const items = Array.from({ length: 101 }, (_, i) => ({ type: `type-${i}`, total: 1 }));
    expect(statistics({ statistics: { items } })?.total).toBe(100);
  });
  it('D01, D02: statics and statistics, counts as text or number, say the same', () => {
    const expected = {
      total: 5,
      byStatus: { Failed: 1, Queue: 1, Running: 2, Creating: 1 },
      byType: [
        { type: 'train', total: 3, byStatus: { Failed: 1, Queue: 1, Running: 1 } },
        { type: 'infer', total: 1, byStatus: { Running: 1 } },
        { type: 'notebook', total: 1, byStatus: { Creating: 1 } },
      ],
    };
    expect(statistics(fixture('statistics-statics'))).toEqual(expected);
    expect(statistics(fixture('statistics-statistics'))).toEqual(expected);
    expect(
      statistics({ statics: { items: [{ type: 'train', total: 9 }] }, ...fixture('statistics-statistics') }),
    ).toEqual(expected);
    expect(
      statistics({ statistics: { items: [{ type: 'train', status: { Running: 'x', Queue: ' 2 ' } }] } })
        ?.byStatus,
    ).toEqual({
      Queue: 2,
    });
  });
  it('D03: the total is summed, from the statuses where items have none', () => {
    expect(statistics({ statistics: { total: 234, items: [{ type: 'a', total: 2 }] } })?.total).toBe(2);
    expect(
      statistics({ statistics: { total: 234, items: [{ type: 'a', status: { Running: 3 } }] } })?.total,
    ).toBe(3);
    expect(statistics({ statistics: { items: null } })).toEqual({ total: 0, byStatus: {}, byType: [] });
  });
  it('D10, D14: unknown types and statuses are kept, known ones spelt as documented', () => {
    const items = [
      { type: 'TRAIN', status: { RUNNING: 1, Dreaming: 2 } },
      { type: 'dream', status: { running: 1 } },
    ];
    expect(statistics({ statistics: { items } })).toMatchObject({
      byStatus: { Dreaming: 2, Running: 2 },
      byType: [{ type: 'train' }, { type: 'dream' }],
    });
  });
  it('is no statistics without either key', () => expect(statistics({ total: 3 })).toBeUndefined());
});

describe('workspaces', () => {
  it('decodes a page', () => {
    const body = {
      total_count: 2,
      workspaces: [{ id: '0', name: 'default', status: 'normal', owner: 'x' }, { name: 'no id' }],
    };
    expect(decodeWorkspacePage(new Cursor(body))).toEqual({
      items: [{ id: '0', name: 'default', status: 'NORMAL' }],
      unidentified: 1,
      received: 2,
      total: 2,
    });
    expect(decodeWorkspacePage(new Cursor({}))).toBeUndefined();
  });
});
