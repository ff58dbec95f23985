import type { WorkloadFacts } from '../api/facts.ts';
import { wholeSeconds } from './time.ts';
import type { PhaseClass } from './workload-phase.ts';

/** What was derived before and is kept; absent in the first pass. */
export interface KnownTimes {
  readonly startTime?: number | undefined;
  readonly completionTime?: number | undefined;
}

/** Milliseconds, whole seconds. None of them is ever the time of observation. */
export interface DerivedTimes {
  readonly creation?: number | undefined;
  readonly start?: number | undefined;
  readonly completion?: number | undefined;
}

type TimeFacts = Pick<
  WorkloadFacts,
  'status' | 'creationTime' | 'startTime' | 'completionTime' | 'runningSeconds' | 'pendingSeconds'
>;

/** Answers jitter by seconds; a start that was derived moves only when ModelArts contradicts it by more than this. */
const tolerance = 60_000;

/**
 * ModelArts says since how many seconds a job runs, and not when it began: that is worked out once and kept.
 * `readAt`: the Date of the answer that said so, milliseconds.
 */
export function deriveTimes(
  facts: TimeFacts,
  phase: PhaseClass,
  known: KnownTimes,
  readAt: number,
): DerivedTimes {
  const creation = facts.creationTime;
  const begun = phase === 'waiting' || phase === 'starting' ? undefined : facts.startTime;
  const ended = phase === 'ended' ? facts.completionTime : undefined;
  // Said outright, as training-job versions do; one that ended without a start never ran.
  if (ended !== undefined) return { creation, start: begun, completion: ended };
  if (begun !== undefined && phase !== 'ended') return { creation, start: begun };
  const running = facts.runningSeconds === undefined ? undefined : facts.runningSeconds * 1000;
  const leftQueue =
    creation === undefined || facts.pendingSeconds === undefined
      ? undefined
      : creation + facts.pendingSeconds * 1000;
  switch (phase) {
    case 'waiting':
    case 'starting':
      return { creation };
    case 'running': {
      const now = running === undefined ? undefined : wholeSeconds(readAt - running);
      return { creation, start: keepNear(known.startTime, now) };
    }
    case 'interrupted':
    case 'unknown': {
      // Whether the duration goes on counting is not documented: a start that is known is not measured against it.
      const ran = running !== undefined && running > 0;
      const first = ran ? (leftQueue ?? wholeSeconds(readAt - running)) : undefined;
      return { creation, start: known.startTime ?? first };
    }
    case 'ended': {
      // A job without a duration has not run, unless it completed: then ModelArts just does not say for how long.
      const neverRan = running === 0 || (running === undefined && facts.status !== 'Completed');
      if (begun !== undefined && running !== undefined)
        return { creation, start: begun, completion: begun + running };
      return { creation, ...endedTimes({ creation, running, leftQueue, neverRan }, known, readAt) };
    }
  }
}

function keepNear(known: number | undefined, said: number | undefined): number | undefined {
  if (known === undefined || said === undefined) return said ?? known;
  return Math.abs(known - said) > tolerance ? said : known;
}

interface EndedFacts {
  readonly creation: number | undefined;
  readonly running: number | undefined;
  readonly leftQueue: number | undefined;
  readonly neverRan: boolean;
}

function endedTimes(
  { creation, running, leftQueue, neverRan }: EndedFacts,
  known: KnownTimes,
  readAt: number,
): Pick<DerivedTimes, 'start' | 'completion'> {
  // It cannot have begun before it left the queue, nor so late that its end would lie in the future.
  const earliest = leftQueue ?? creation ?? Number.NEGATIVE_INFINITY;
  const latest = readAt - (running ?? 0);
  const plausible =
    known.startTime !== undefined &&
    known.startTime >= earliest - tolerance &&
    known.startTime <= latest + tolerance;
  const start = plausible ? known.startTime : running === undefined || neverRan ? undefined : leftQueue;
  // Stopped or failed while it waited: it ended when it left the queue.
  if (start === undefined) return neverRan ? { completion: leftQueue } : {};
  return { start, completion: running === undefined ? known.completionTime : start + running };
}
