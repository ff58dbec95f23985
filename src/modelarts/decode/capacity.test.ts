/** What capacity is worked out from: runtime metrics and flavors. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fixture } from '../fixtures/fixture.ts';
import { Cursor } from './read.ts';
import { decodeFlavorPage } from './resource-flavor.ts';
import { decodeRuntimeMetrics } from './runtime-metrics.ts';

const pool = 'pool-a-0123456789abcdef0123456789abcdef';

function metrics(table: unknown) {
  const body = new Cursor({ kind: 'PoolMetricsList', items: [{ metadata: { name: pool }, table }] });
  return { facts: decodeRuntimeMetrics(body)?.items[0], issues: body.issues };
}

function flavor(spec: unknown) {
  const body = new Cursor({ kind: 'ResourceFlavorList', items: [{ metadata: { name: 'f' }, spec }] });
  return { resources: decodeFlavorPage(body)?.items[0]?.resources, issues: body.issues };
}

describe('runtime metrics', () => {
  it('decodes the documented sample whole: D33, numbers and quantities', () => {
    const body = new Cursor(fixture('runtime-metrics'));
    expect(decodeRuntimeMetrics(body)?.items).toEqual([
      {
        id: 'pool-gpu-a-0123456789abcdef0123456789abcdef',
        capacity: { cpu: '64', memory: '256Gi', tnt004: '4' },
        allocated: { cpu: '5', memory: '15548Mi', tnt004: '1073m' },
      },
    ]);
    expect(body.issues).toEqual([]);
  });

  it('names Ascend cards as workloads do, and counts one that has two names once', () => {
    const { facts } = metrics({ capacity: { value: { snt9: 8, 'huawei.com/ascend-1980': 8, snt3: '4' } } });
    expect(facts?.capacity).toEqual({ 'huawei.com/ascend-1980': '8', 'huawei.com/ascend-310': '4' });
  });

  it.each([
    ['nothing', undefined],
    ['no values', { capacity: { value: null } }],
    ['an amount that is none', { capacity: { value: { cpu: 'many', memory: '1Gi' } } }],
    ['a negative amount', { capacity: { value: { cpu: -1 } } }],
  ])('knows no capacity from %s: absent rather than wrong', (_name, table) => {
    expect(metrics(table).facts).toEqual({ id: pool });
  });

  it('refuses another answer and rows without a pool', () => {
    expect(decodeRuntimeMetrics(new Cursor({ kind: 'PoolList', items: [] }))).toBeUndefined();
    const rows = [{ metadata: { name: '../x' } }, { table: {} }];
    expect(decodeRuntimeMetrics(new Cursor({ items: rows }))).toMatchObject({ items: [], unidentified: 2 });
  });
});

describe('flavors', () => {
  it.each<[string, object, object | undefined]>([
    ['a CPU', { cpu: '8', memory: '32Gi' }, { cpu: '8', memory: '32Gi' }],
    [
      'a GPU',
      { cpu: 8, memory: '64Gi', gpu: { type: 'tnt004', size: 1 } },
      { cpu: '8', memory: '64Gi', tnt004: '1' },
    ],
    [
      'an Ascend',
      { cpu: '192', memory: '720Gi', npu: { type: 'snt9', size: '8' } },
      { cpu: '192', memory: '720Gi', 'huawei.com/ascend-1980': '8' },
    ],
    [
      'no cards',
      { cpu: '8', memory: '32Gi', gpu: { type: '', size: 0 }, npu: null },
      { cpu: '8', memory: '32Gi' },
    ],
    ['cards without a number', { cpu: '8', memory: '32Gi', gpu: { type: 'v100' } }, undefined],
    ['cards without a type', { cpu: '8', memory: '32Gi', gpu: { size: 2 } }, undefined],
    ['no memory', { cpu: '8' }, undefined],
    ['an amount that is none', { cpu: 'many', memory: '32Gi' }, undefined],
  ])('of %s', (_name, spec, resources) => {
    expect(flavor(spec).resources).toEqual(resources);
  });

  it('says where the next page is', () => {
    const page = (metadata: unknown) => decodeFlavorPage(new Cursor({ items: [], metadata }))?.next;
    expect([page({ continue: 'abc' }), page({ continue: '' }), page({}), page(null)]).toEqual([
      'abc',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), (items) => {
        decodeFlavorPage(new Cursor({ items }));
        decodeRuntimeMetrics(new Cursor({ items }));
      }),
    );
  });
});
