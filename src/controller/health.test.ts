import { describe, expect, it } from '@jest/globals';
import { upstreamFailure } from '../../test/support/fake-modelarts.ts';
import {
  failed,
  failureOf,
  isUnjudged,
  newHealth,
  readState,
  succeeded,
  worst,
  type Failure,
  type Health,
} from './health.ts';

const limits = { intervalMs: 15_000, maxStalenessMs: 300_000 };
const unreachable: Failure = { reason: 'Unreachable', message: 'no answer' };
const throttled: Failure = { reason: 'Throttled', message: 'asked to wait' };
const unauthorized: Failure = { reason: 'Unauthorized', message: 'refused' };

/** Failures at these times, after a complete read at 0. */
function failing(at: readonly number[], failure: Failure = unreachable): Health {
  return at.reduce((health, now) => failed(health, now, failure, limits), succeeded(newHealth(0), 0));
}

describe('invariant 4 (Say when you do not know): when a failure is said', () => {
  it.each<[string, readonly number[], Failure, number, boolean]>([
    ['one failure is not', [15_000], unreachable, 15_000, false],
    ['two over a minute are not', [15_000, 90_000], unreachable, 90_000, false],
    ['three within a minute are not', [15_000, 30_000, 45_000], unreachable, 45_000, false],
    ['three over a minute are', [15_000, 45_000, 75_000], unreachable, 75_000, true],
    ['a refused credential is, at once', [15_000], unauthorized, 15_000, true],
  ])('%s', (_name, at, failure, now, announce) => {
    expect(readState(failing(at, failure), now, limits)).toMatchObject({ is: 'failing', announce });
  });

  it('turns back after one complete read', () => {
    const health = succeeded(failing([15_000, 45_000, 75_000]), 90_000);
    expect(readState(health, 90_000, limits)).toEqual({ is: 'complete' });
  });

  it('holds a changed reason back for maxStaleness', () => {
    const said = failing([15_000, 45_000, 75_000]);
    const changed = failed(said, 90_000, throttled, limits);
    expect(readState(changed, 90_000, limits)).toMatchObject({ reason: 'Unreachable' });
    const later = failed(changed, 75_000 + limits.maxStalenessMs, throttled, limits);
    expect(readState(later, 400_000, limits)).toMatchObject({ reason: 'Throttled' });
  });

  it('is stale after maxStaleness without a complete read, or three intervals where those are longer', () => {
    const health = failing([15_000]);
    expect(readState(health, 300_000, limits)).toMatchObject({ stale: false });
    expect(readState(health, 300_001, limits)).toMatchObject({ stale: true });
    expect(readState(health, 300_001, { ...limits, intervalMs: 200_000 })).toMatchObject({ stale: false });
  });

  it('is stale as well where no read fails and none ends, with time for one that is slow', () => {
    const health = succeeded(newHealth(0), 0);
    expect(readState(health, 360_000, limits)).toEqual({ is: 'complete' });
    expect(readState(health, 360_001, limits)).toMatchObject({ is: 'failing', announce: false, stale: true });
  });

  it('says nothing before the first read', () => {
    expect(readState(newHealth(0), 10, limits)).toEqual({ is: 'pending' });
  });

  it('names parts that did not decode, and keeps the read', () => {
    const issue = { path: 'items[0].priority', expected: 'text', found: '{}' };
    const health = succeeded(newHealth(0), 0, [issue]);
    expect(readState(health, 0, limits)).toMatchObject({ is: 'partial', issues: [issue] });
  });
});

describe('failureOf', () => {
  it('gives the meaning of an error of ModelArts, and of any other no more than that there is one', () => {
    expect(failureOf(upstreamFailure('Forbidden'))).toEqual({
      reason: 'Forbidden',
      message: 'ModelArts answered: Forbidden',
    });
    expect(failureOf(upstreamFailure('NotAllowed')).reason).toBe('BadRequest');
    const wrapped = new Error('outer', { cause: upstreamFailure('Throttled') });
    expect(failureOf(wrapped).reason).toBe('Throttled');
    const bug = failureOf(new TypeError('secret is not a function'));
    expect(bug.reason).toBe('InvalidResponse');
    expect(bug.message).not.toContain('secret');
  });
});

describe('worst', () => {
  it('prefers what users must hear', () => {
    const said = readState(failing([15_000], unauthorized), 15_000, limits);
    const quiet = readState(failing([15_000]), 15_000, limits);
    expect(worst([{ is: 'complete' }, quiet, said])).toBe(said);
    expect(worst([{ is: 'complete' }, { is: 'pending' }])).toEqual({ is: 'pending' });
    expect(worst([])).toEqual({ is: 'pending' });
  });

  it('is stale where any of them is', () => {
    const said = readState(failing([310_000], unauthorized), 310_000, {
      ...limits,
      maxStalenessMs: 3_600_000,
    });
    const stale = readState(failing([310_000]), 310_000, limits);
    expect([said, stale]).toMatchObject([{ stale: false }, { stale: true }]);
    expect(worst([said, stale])).toEqual({ ...said, stale: true });
  });
});

describe('invariant 4 (Say when you do not know): whose trouble it is', () => {
  const wellUntil = (now: number): Health => succeeded(succeeded(newHealth(0), 0), now);

  it.each<[string, Health, Health, boolean]>([
    ['a part that works', wellUntil(60_000), failing([15_000]), false],
    ['the whole was not read since', failing([30_000, 45_000]), wellUntil(20_000), true],
    ['the whole was read since', failing([30_000, 45_000]), wellUntil(40_000), false],
    ['the whole fails too', failing([30_000, 45_000]), failing([40_000]), true],
    ['the whole was never read', failing([30_000]), newHealth(0), true],
    [
      'the whole works again, the part was not read',
      failing([30_000]),
      succeeded(failing([31_000]), 60_000),
      true,
    ],
    [
      'the whole works again, the part failed once more',
      failing([30_000, 70_000]),
      succeeded(failing([31_000]), 60_000),
      false,
    ],
  ])('%s', (_what, part, whole, open) => {
    expect(isUnjudged(part, whole)).toBe(open);
  });
});
