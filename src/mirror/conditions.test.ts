import { expect, it } from '@jest/globals';

import type { Condition } from '../api/kinds/condition.ts';
import { nextConditions } from './conditions.ts';

it('a condition that stays is the one that stood there, and of the generation that it was said of', () => {
  const stays: Condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Running',
    message: 'It runs.',
    lastTransitionTime: '2026-03-01T12:00:00Z',
    observedGeneration: 1,
  };
  const { type, status, reason, message } = stays;
  const says = (draft: Condition | Pick<Condition, 'type' | 'status' | 'reason' | 'message'>) =>
    nextConditions([stays], [draft], 2, 0)[0];
  expect(says(stays)).toEqual(stays);
  expect(says({ type, status, reason, message })).toEqual({ ...stays, observedGeneration: 2 });
});
