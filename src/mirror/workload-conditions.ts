import type { Condition } from '../api/kinds/condition.ts';
import { nextCondition } from './conditions.ts';
import { phaseClass } from './workload-phase.ts';
import type { DerivedTimes } from './workload-times.ts';

export interface ConditionTimes extends DerivedTimes {
  /** Stands in for the creation where ModelArts does not say it: the mirror's own. */
  readonly mirrorCreatedAt: number;
  /** Since when it is in this phase, for what no fact gives back. */
  readonly phaseSince: number;
}

/**
 * Complete and Failed as a batch/v1 Job has them (there once True), and Running and Queued always. When each came to
 * be so is worked out from creation, start and end, so that it is the same however late the operator looked.
 */
export function workloadConditions(
  phase: string | undefined,
  times: ConditionTimes,
  generation: number,
): Condition[] {
  const { phaseSince } = times;
  const creation = times.creation ?? times.mirrorCreatedAt;
  const is = phaseClass(phase);
  const set = (type: string, status: Condition['status'], since: number) =>
    nextCondition(undefined, { type, status, ...explanation(phase, is === 'unknown') }, generation, since);
  switch (is) {
    case 'waiting':
      return [set('Running', 'False', creation), set('Queued', 'True', creation)];
    case 'starting':
      return [set('Running', 'False', creation), set('Queued', 'False', phaseSince)];
    case 'running': {
      const start = times.start ?? phaseSince;
      return [set('Running', 'True', start), set('Queued', 'False', start)];
    }
    case 'interrupted':
      return [set('Running', 'False', phaseSince), set('Queued', 'False', times.start ?? creation)];
    case 'unknown':
      return [set('Running', 'Unknown', phaseSince), set('Queued', 'Unknown', phaseSince)];
    case 'ended': {
      const end = times.completion ?? phaseSince;
      return [
        set(phase === 'Completed' ? 'Complete' : 'Failed', 'True', end),
        set('Running', 'False', times.start === undefined ? creation : end),
        set('Queued', 'False', times.start ?? end),
      ];
    }
  }
}

/**
 * The condition whose transition `phaseSince` is, for a phase whose beginning no fact gives back; undefined for one
 * whose conditions all follow from facts.
 */
export function unfactedCondition(phase: string | undefined, known: DerivedTimes): string | undefined {
  switch (phaseClass(phase)) {
    case 'waiting':
      return undefined;
    case 'starting':
      return 'Queued';
    case 'running':
      return known.start === undefined ? 'Running' : undefined;
    case 'interrupted':
    case 'unknown':
      return 'Running';
    case 'ended':
      return known.completion === undefined ? (phase === 'Completed' ? 'Complete' : 'Failed') : undefined;
  }
}

function explanation(phase: string | undefined, unknown: boolean): Pick<Condition, 'reason' | 'message'> {
  if (phase === undefined) {
    return { reason: 'UnknownPhase', message: 'ModelArts did not say the status of the job.' };
  }
  const message = `ModelArts reports the status ${phase}.`;
  return unknown ? { reason: 'UnknownPhase', message } : { reason: phase, message };
}
