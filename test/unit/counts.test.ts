import { describe, expect, it } from '@jest/globals';

import { countJest, countsLine, sum } from '../../tools/counts.ts';

const green = {
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
};

describe('counting jest reports', () => {
  it.each([
    ['tests as they ended; tests left for later are skipped', green, { passed: 3, failed: 0, skipped: 2 }],
    [
      'a file that broke before its tests as a failure',
      { ...green, success: false, numRuntimeErrorTestSuites: 2 },
      { passed: 3, failed: 2, skipped: 2 },
    ],
    [
      'failed tests and broken files together',
      { ...green, success: false, numFailedTests: 1, numRuntimeErrorTestSuites: 1 },
      { passed: 3, failed: 2, skipped: 2 },
    ],
    [
      'a run that failed for no test of its own as one failure',
      { ...green, success: false },
      { passed: 3, failed: 1, skipped: 2 },
    ],
  ])('counts %s', (_, report, counts) => {
    expect(countJest(report)).toEqual(counts);
  });

  it('sums into the line that programs read', () => {
    const line = countsLine(
      sum([
        { passed: 1, failed: 0, skipped: 2 },
        { passed: 10, failed: 20, skipped: 30 },
      ]),
    );
    expect(line).toBe('11 passed, 20 failed, 32 skipped');
  });
});
