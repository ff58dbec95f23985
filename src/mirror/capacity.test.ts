import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { poolFacts, without } from '../../test/support/builders.ts';
import type { FlavorCount } from '../api/facts.ts';
import { poolCapacity, type CapacityInput, type CapacitySource } from './capacity.ts';
import { parseQuantity } from './quantity.ts';

const flavors: CapacitySource = {
  is: 'flavors',
  flavors: new Map([
    ['gpu.t4', { cpu: '8', memory: '64Gi', tnt004: '1' }],
    ['cpu.16', { cpu: '16', memory: '64Gi' }],
    ['npu', { cpu: '192', memory: '720Gi', 'huawei.com/ascend-1980': '8' }],
  ]),
};
const rows = (...counts: [string, number][]): FlavorCount[] =>
  counts.map(([flavor, count]) => ({ flavor, count, azs: [] }));

/** A pool with these available nodes. */
const aPool = (...counts: [string, number][]) => {
  const facts = poolFacts();
  return {
    ...facts,
    resources: { ...facts.resources, available: rows(...counts), abnormal: rows(['gpu.t4', 9]) },
  };
};
const input = (over: Partial<CapacityInput>): CapacityInput => ({
  source: flavors,
  pool: aPool(['gpu.t4', 2], ['cpu.16', 1]),
  held: { cpu: '9500m', memory: '32Gi', 'nvidia.com/gpu': '1' },
  shared: false,
  ...over,
});
const metrics = (over: object = {}): CapacitySource => ({
  is: 'metrics',
  capacity: { cpu: '64', memory: '256Gi', tnt004: '4' },
  allocated: { cpu: '5', memory: '15548Mi', tnt004: '1073m' },
  ...over,
});

describe('the capacity of a pool', () => {
  it('is, from flavors, what all available nodes have together', () => {
    expect(poolCapacity(input({}))).toEqual({
      capacity: { cpu: '32', memory: '192Gi', 'nvidia.com/gpu': '2' },
      allocated: { cpu: '9500m', memory: '32Gi', 'nvidia.com/gpu': '1' },
      free: { cpu: '22500m', memory: '160Gi', 'nvidia.com/gpu': '1' },
    });
  });

  it('is, from runtime metrics, what they say; what workloads hold is still what the mirrors show', () => {
    const held = { cpu: '8', memory: '16Gi', 'nvidia.com/gpu': '1' };
    expect(poolCapacity(input({ source: metrics(), held }))).toEqual({
      capacity: { cpu: '64', memory: '256Gi', 'nvidia.com/gpu': '4' },
      allocated: held,
      free: { cpu: '56', memory: '240Gi', 'nvidia.com/gpu': '3' },
    });
  });

  it('takes what is allocated from runtime metrics where not every workload is mirrored', () => {
    expect(poolCapacity(without(input({ source: metrics() }), 'held'))).toMatchObject({
      allocated: { cpu: '5', memory: '15548Mi', 'nvidia.com/gpu': '1073m' },
      free: { cpu: '59', 'nvidia.com/gpu': '2927m' },
    });
  });

  it('counts what sub-pools hold only where runtime metrics say it', () => {
    const shared = poolCapacity(input({ shared: true }));
    expect(Object.keys(shared)).toEqual(['capacity', 'allocated']);
    const measured = poolCapacity(input({ shared: true, source: metrics() }));
    expect(measured.free).toMatchObject({ 'nvidia.com/gpu': '2927m' });
  });

  it.each<[string, Partial<CapacityInput>, string[]]>([
    ['nothing is known of it', { source: { is: 'unknown' } }, ['allocated']],
    ['nothing was read yet', { source: { is: 'pending' } }, ['allocated']],
    ['one available node is of an unknown flavor', { pool: aPool(['gpu.t4', 1], ['new', 1]) }, ['allocated']],
    ['it has no node', { pool: aPool() }, ['allocated']],
    ['metrics leave it out', { source: { is: 'metrics' } }, ['allocated']],
    ['what is there does not decode', { source: metrics({ capacity: { cpu: 'x' } }) }, ['allocated']],
  ])('is absent where %s', (_name, over, there) => {
    expect(Object.keys(poolCapacity(input(over)))).toEqual(there);
  });

  it('is whole where nobody takes of it, and never less than nothing', () => {
    const taken = { cpu: '33', 'nvidia.com/gpu': '2' };
    expect(poolCapacity(input({ held: taken })).free).toEqual({
      cpu: '0',
      memory: '192Gi',
      'nvidia.com/gpu': '0',
    });
  });

  it('is known where what is taken is not', () => {
    expect(Object.keys(poolCapacity(without(input({}), 'held')))).toEqual(['capacity']);
  });

  it('does not care for flavors that no node has', () => {
    expect(poolCapacity(input({ pool: aPool(['cpu.16', 1], ['new', 0]) })).capacity).toEqual({
      cpu: '16',
      memory: '64Gi',
    });
  });

  it.each<[string, string[], object]>([
    ['GPU', ['npuDriver'], { 'nvidia.com/gpu': '2' }],
    ['no', ['npuDriver', 'gpuDriver'], {}],
    ['more than one', [], {}],
  ])('with %s driver: a card that is named by its model alone', (_name, missing, cards) => {
    const pool = { ...aPool(['gpu.t4', 2]), npuDriver: { version: 'C78' }, gpuDriver: { version: '440' } };
    const source = without(pool, ...(missing as 'npuDriver'[]));
    const { cpu: _cpu, memory: _memory, ...shown } = poolCapacity(input({ pool: source })).capacity ?? {};
    expect(shown).toEqual(cards);
  });

  it('keeps the names of Ascend cards, whatever the driver', () => {
    const pool = without(aPool(['npu', 2]), 'gpuDriver');
    expect(poolCapacity(input({ pool })).capacity).toEqual({
      cpu: '384',
      'huawei.com/ascend-1980': '16',
      memory: '1440Gi',
    });
  });

  it('leaves nothing below zero, and never more than there is', () => {
    const amounts = fc.dictionary(
      fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu'),
      fc.oneof(
        fc.nat().map(String),
        fc.nat().map((n) => `${n}m`),
        fc.nat().map((n) => `${n}Mi`),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(amounts, amounts, (capacity, held) => {
        const { capacity: has, free } = poolCapacity(input({ source: { is: 'metrics', capacity }, held }));
        for (const [name, text] of Object.entries(free ?? {})) {
          const left = parseQuantity(text)!.nanos;
          expect(left >= 0n && left <= parseQuantity(has?.[name] ?? '')!.nanos).toBe(true);
        }
      }),
    );
  });
});
