import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fixture } from '../fixtures/fixture.ts';
import { Cursor } from './read.ts';
import { decodeResourceSpecs } from './resource-spec.ts';

function spec(row: object) {
  const body = new Cursor({ specs: [{ spec_id: 4, ...row }], is_success: true });
  const facts = decodeResourceSpecs(body)?.items[0];
  if (facts === undefined) throw new Error('no specification');
  return { ...facts, issues: body.issues };
}

describe('resource specifications', () => {
  it('decodes the documented sample whole', () => {
    const body = new Cursor(fixture('resource-specs'));
    const list = decodeResourceSpecs(body);
    expect(list).toMatchObject({ received: 3, unidentified: 0, total: 3 });
    expect(list?.items[2]).toEqual({
      id: '9',
      code: 'modelarts.bm.gpu.8v100',
      cpuCores: 72,
      memory: '512Gi',
      gpuCount: 8,
      gpuType: 'v100',
      maxNodes: 1,
      pricingUnits: 8,
      storage: '3200',
      interfaceType: 1,
      soldOut: true,
    });
    expect(list?.items[0]).not.toHaveProperty('gpuType');
    expect(body.issues).toEqual([]);
  });

  it.each([
    ['D30: amounts as numbers', { core: 8, cpu: 64 }, { cpuCores: 8, memory: '64Gi' }],
    ['D30: amounts as text', { core: '8', cpu: ' 64 ' }, { cpuCores: 8, memory: '64Gi' }],
    ['an amount with its unit', { core: '8 Cores', cpu: '6.52 GiB' }, { cpuCores: 8, memory: '6.52Gi' }],
    ['no_resource as text', { no_resource: 'TRUE' }, { soldOut: true }],
    ['D28: an id above 2^53', { spec_id: '9007199254740993' }, { id: '9007199254740993' }],
  ])('%s', (_name, row, facts) => {
    expect(spec(row)).toMatchObject({ ...facts, issues: [] });
  });

  it('D28, D30: null, empty and missing are one: nothing is said', () => {
    const empty = { core: null, cpu: '', gpu_type: null, storage: '', max_num: null, no_resource: null };
    expect(spec(empty)).toEqual({ id: '4', issues: [] });
  });

  it.each([
    ['core', 'many', 'an amount'],
    ['core', '1.5', 'a number of cores'],
    ['cpu', { size: 8 }, 'a text'],
    ['gpu_num', -1, 'a count'],
    ['no_resource', 'perhaps', 'true or false'],
  ])('leaves out a %s of %j alone', (field, value, expected) => {
    const { issues, ...facts } = spec({ spec_code: 'c', [field]: value });
    expect(facts).toEqual({ id: '4', code: 'c' });
    expect(issues).toMatchObject([{ path: `specs[0].${field}`, expected }]);
  });

  it('counts rows without an id and keeps the others', () => {
    const rows = [{ spec_id: 1 }, { spec_code: 'x' }, 'not a row', { spec_id: 'x'.repeat(65) }];
    expect(decodeResourceSpecs(new Cursor({ specs: rows }))).toMatchObject({
      items: [{ id: '1' }],
      unidentified: 3,
      received: 4,
    });
  });

  it('counts a repeated specification once, and says so', () => {
    const body = new Cursor({
      specs: [
        { spec_id: 1, core: 2 },
        { spec_id: '1', core: 4 },
      ],
    });
    expect(decodeResourceSpecs(body)?.items).toEqual([{ id: '1', cpuCores: 2 }]);
    expect(body.issues).toMatchObject([{ path: 'specs', expected: 'each specification once' }]);
  });

  it('takes a missing list for an empty one only where the answer counts its rows', () => {
    expect(decodeResourceSpecs(new Cursor({ specs: null, spec_total_count: 0 }))?.items).toEqual([]);
    expect(decodeResourceSpecs(new Cursor({ is_success: true }))).toBeUndefined();
    expect(decodeResourceSpecs(new Cursor({ hello: 'world' }))).toBeUndefined();
    expect(decodeResourceSpecs(new Cursor({ specs: 'none' }))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), (specs) => {
        decodeResourceSpecs(new Cursor({ specs, spec_total_count: specs.length }));
      }),
    );
  });
});
