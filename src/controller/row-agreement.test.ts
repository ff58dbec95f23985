import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PoolFacts } from '../api/facts.ts';
import { poolFacts, without } from '../../test/support/builders.ts';
import { isPartialRow, sameFacts } from './row-agreement.ts';

const detail = poolFacts({
  labels: { team: 'vision', zone: 'a' },
  workspaceID: 'w1',
  displayName: 'Vision',
  controlMode: 8,
});

describe('isPartialRow', () => {
  it.each<[string, PoolFacts, boolean]>([
    ['the same', detail, false],
    ['without a label', { ...detail, labels: { team: 'vision' } }, true],
    [
      'without labels, name and workspace',
      { ...detail, labels: {}, displayName: 'pool-a', workspaceID: '0' },
      true,
    ],
    ['without a driver', without(detail, 'gpuDriver'), true],
    ['without counts', { ...detail, resources: { ...detail.resources, available: [] } }, true],
    ['without restrictions', { ...detail, controlMode: 0 }, true],
    ['in another phase: it changed meanwhile', { ...detail, labels: {}, phase: 'Abnormal' }, false],
    ['with more than the detail', { ...detail, message: 'more' }, false],
    ['with other counts', { ...detail, desired: [], jobFlavors: ['x'] }, false],
  ])('%s', (_what, row, partial) => {
    expect(isPartialRow(row, detail)).toBe(partial);
  });

  it('never holds of what is the same, and of anything only where something is missing', () => {
    const field = fc.constantFrom<keyof PoolFacts>(
      'phase',
      'message',
      'gpuDriver',
      'type',
      'networkName',
      'parent',
    );
    fc.assert(
      fc.property(fc.subarray(['phase', 'gpuDriver', 'type'] as const), field, (dropped, other) => {
        const row = without(detail, ...dropped) as PoolFacts;
        expect(isPartialRow(row, detail)).toBe(dropped.length > 0);
        expect(sameFacts(row, detail)).toBe(dropped.length === 0);
        const contradicts = { ...row, [other]: 'something else' };
        expect(isPartialRow(contradicts, detail)).toBe(false);
      }),
    );
  });
});
