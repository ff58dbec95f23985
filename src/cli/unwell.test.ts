import { describe, expect, it } from '@jest/globals';

import { aProjectObject } from '../../test/support/builders.ts';
import type { Condition } from '../api/kinds/condition.ts';
import { unwell } from './unwell.ts';

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: `${reason}.`,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const project = (...conditions: Condition[]) => aProjectObject({ status: { conditions } });
const ready = condition('Ready', 'True', 'Reading');
const synced = condition('Synced', 'True', 'ReadComplete');

describe('what is wrong with a project', () => {
  const failed = condition('Synced', 'False', 'Unreachable');
  it.each([
    ['nothing is', project(ready, synced), undefined],
    ['nothing is said yet', project(), undefined],
    ['it may not be read', project(condition('Ready', 'False', 'Unauthorized'), failed), 'Unauthorized'],
    ['a read in part', project(ready, condition('Synced', 'False', 'PartialFailure')), 'PartialFailure'],
    ['it grew old', project(condition('Ready', 'Unknown', 'Stale'), failed), 'Unreachable'],
    [
      'it was not read yet',
      project(condition('Ready', 'Unknown', 'NotReadYet'), condition('Synced', 'Unknown', 'Pending')),
      'Pending',
    ],
  ])('%s', (_title, object, reason) => {
    expect(unwell(object)?.reason).toBe(reason);
    expect(unwell({ ...object, spec: { ...object.spec, suspend: true } })).toBeUndefined();
  });

  it('is what reading failed with, until a condition says what', () => {
    const failure = { reason: 'Timeout', message: 'ModelArts did not answer in time.' };
    expect(unwell(project(condition('Ready', 'Unknown', 'NotReadYet')), failure)).toBe(failure);
    expect(unwell(project(condition('Ready', 'Unknown', 'Stale'), failed), failure)).toBe(failed);
    expect(unwell(project(ready, synced), failure)).toBe(failure);
  });
});
