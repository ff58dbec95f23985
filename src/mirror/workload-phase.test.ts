import { describe, expect, it } from '@jest/globals';

import { isPlaced } from './workload-phase.ts';

describe('a job holds nodes', () => {
  it.each<[string, string[], boolean]>([
    ['Queue', ['h'], false],
    ['Pending', ['h'], false],
    ['Creating', [], true],
    ['Running', [], true],
    ['Abnormal', [], true],
    ['Completed', ['h'], false],
    ['Paused', ['h'], true],
    ['Paused', [], false],
  ])('%s with hosts %j: %j', (phase, hosts, holds) => expect(isPlaced(phase, hosts)).toBe(holds));
});
