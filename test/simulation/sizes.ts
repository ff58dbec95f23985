import type { LeaseTiming } from '../../src/cli/assembly/sharded-assembly.ts';
import { leaseTiming } from '../../src/cli/assembly/sharded-assembly.ts';

/** How much there is of everything in a story, and how long it takes. Times in seconds, unless they say otherwise. */
export interface Size {
  /** How long things go wrong. */
  readonly chaos: readonly number[];
  /** Between two readings. */
  readonly intervals: readonly number[];
  /** No shorter than an interval. */
  readonly maxStaleness: readonly number[];
  /** How often an operator is watched at the end while nothing changes: half of a small story would be that. */
  readonly quietShare: number;
  /** How long nothing may be written then, beyond `maxStaleness`. */
  readonly beyondStaleness: number;
  /** The longest that a way is down, a message is under way or a person takes to put something right. */
  readonly longestTrouble: number;
  /** How long a process stands still: also longer than its lease. */
  readonly pauses: readonly number[];
  readonly tokenLifetimes: readonly string[];
  /** How many times sooner jobs start, nodes come and drivers are new. */
  readonly pace: number;
  /** Of a project. */
  readonly pools: readonly number[];
  readonly mostActions: number;
  readonly lease: LeaseTiming;
}

/**
 * Most stories are small: an operator that reads more often meets as much in less time, and many short histories find
 * more than few long ones. What needs time to go wrong needs a large one: tokens and leases as they are by default, an
 * outage that is longer than any deadline, three pools that go at once.
 */
export const sizes: Readonly<Record<'small' | 'large', Size>> = {
  small: {
    chaos: [8, 15, 20, 30],
    intervals: [4, 5],
    maxStaleness: [5, 5, 10],
    quietShare: 0.3,
    beyondStaleness: 6,
    longestTrouble: 15,
    pauses: [1, 5, 12, 20],
    tokenLifetimes: ['20s', '10m', '24h'],
    pace: 6,
    pools: [1, 1, 1, 2],
    mostActions: 5,
    lease: { durationMs: 9_000, renewDeadlineMs: 6_000, retryPeriodMs: 3_000, writeDeadlineMs: 3_000 },
  },
  large: {
    chaos: [20, 30, 40, 60, 90, 120],
    intervals: [10, 20],
    maxStaleness: [20, 20, 30, 60],
    quietShare: 1,
    beyondStaleness: 15,
    longestTrouble: 120,
    pauses: [1, 8, 20, 60],
    tokenLifetimes: ['90s', '10m', '24h'],
    pace: 1,
    pools: [1, 1, 2, 3],
    mostActions: 10,
    lease: leaseTiming,
  },
};
