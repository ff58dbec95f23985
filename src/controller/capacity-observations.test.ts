import { describe, expect, it } from '@jest/globals';
import { poolFacts } from '../../test/support/builders.ts';
import { CapacityObservations, type CapacityFeatures } from './capacity-observations.ts';
import type { PoolObservation } from './pool-observations.ts';

const stale = 300_000;
const list = <T>(...items: T[]) => ({ items, unidentified: 0, received: items.length });
const aPool = (id: string): PoolObservation =>
  ({ poolName: id, facts: poolFacts({ id }), absences: 0 }) as unknown as PoolObservation;
const row = { id: 'pool-a', capacity: { cpu: '8' }, allocated: { cpu: '1' } };

describe('where capacity is known from', () => {
  const said = (
    observations: CapacityObservations,
    features: CapacityFeatures,
    now = 1,
    pool = 'pool-a',
  ): string => observations.sourceOf(pool, features, now, stale).is;

  it('is not known before the first answer, and given up when none comes', () => {
    const observations = new CapacityObservations(0);
    expect(said(observations, {})).toBe('pending');
    expect(said(observations, {}, stale + 1)).toBe('unknown');
  });

  it('is the metrics of the pool while they are fresh', () => {
    const observations = new CapacityObservations(0);
    observations.noteMetrics(list(row), [], 1_000);
    expect(observations.sourceOf('pool-a', {}, stale, stale)).toEqual({ is: 'metrics', ...row });
    expect(said(observations, { runtimeMetrics: 'Offered' }, 1_001 + stale)).toBe('unknown');
  });

  it('is the flavors where metrics are not offered', () => {
    const observations = new CapacityObservations(0);
    const features = { runtimeMetrics: 'Absent' };
    expect(said(observations, features)).toBe('pending');
    expect(said(observations, { ...features, resourceFlavors: 'Absent' })).toBe('unknown');
    expect(said(observations, features, stale + 1)).toBe('unknown');
    observations.noteFlavors(list({ name: 'a', resources: { cpu: '8' } }, { name: 'undecoded' }));
    expect(observations.sourceOf('pool-a', features, 10 * stale, stale)).toEqual({
      is: 'flavors',
      flavors: new Map([['a', { cpu: '8' }]]),
    });
  });

  it('is the flavors where metrics leave the pool out', () => {
    const observations = new CapacityObservations(0);
    observations.noteMetrics(list(row), [], 0);
    expect(said(observations, {}, 1, 'pool-b')).toBe('pending');
    observations.noteFlavors(list({ name: 'a', resources: { cpu: '8' } }));
    expect(said(observations, {}, 1, 'pool-b')).toBe('flavors');
    expect(said(observations, {})).toBe('metrics');
  });

  it('asks for flavors only where they are needed', () => {
    const observations = new CapacityObservations(0);
    const pools = [aPool('pool-a')];
    expect(observations.needsFlavors(pools, {})).toBe(false);
    expect(observations.needsFlavors(pools, { runtimeMetrics: 'Absent' })).toBe(true);
    const both = [...pools, aPool('pool-b')];
    const needed = (): boolean => observations.needsFlavors(both, { runtimeMetrics: 'Offered' });
    observations.noteMetrics(list(row), ['pool-a'], 0);
    expect(needed()).toBe(false);
    observations.noteMetrics(list(row), ['pool-a', 'pool-b'], 1);
    expect(needed()).toBe(false);
    observations.noteMetrics(list(row), ['pool-a', 'pool-b'], 2);
    expect(needed()).toBe(true);
    observations.noteMetrics(list(row, { ...row, id: 'pool-b' }), ['pool-a', 'pool-b'], 3);
    expect(needed()).toBe(false);
  });
});
