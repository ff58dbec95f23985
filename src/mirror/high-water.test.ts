import { describe, expect, it } from '@jest/globals';

import { highestSample, recordSample } from './high-water.ts';

describe('the highest of a window', () => {
  it('forgets what is as old as the window, and what a later one is not below', () => {
    let samples = recordSample([], { at: 0, value: 9 }, 100);
    samples = recordSample(samples, { at: 10, value: 5 }, 100);
    samples = recordSample(samples, { at: 20, value: 5 }, 100);
    expect(samples).toEqual([
      { at: 0, value: 9 },
      { at: 20, value: 5 },
    ]);
    expect(recordSample(samples, { at: 99, value: 1 }, 100)).toHaveLength(3);
    expect(recordSample(samples, { at: 100, value: 1 }, 100)).toHaveLength(2);
  });

  it('is the largest still inside, and 0 without any', () => {
    const samples = [
      { at: 0, value: 9 },
      { at: 20, value: 5 },
      { at: 30, value: 3 },
    ];
    expect(highestSample(samples, 99, 100)).toBe(9);
    expect(highestSample(samples, 100, 100)).toBe(5);
    expect(highestSample(samples, 130, 100)).toBe(0);
  });
});
