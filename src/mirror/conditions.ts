import type { Condition } from '../api/kinds/condition.ts';
import { cutToStored } from './text.ts';
import { formatTime } from './time.ts';

/** What a rule says about one condition; when it came to be so is worked out from what stood there before. */
export interface ConditionDraft {
  readonly type: string;
  readonly status: Condition['status'];
  /** One of api/reasons.ts, or a word of ModelArts that has the form of a reason. */
  readonly reason: string;
  /** For users; no times, no counters, no unsorted lists: the same trouble gives the same bytes. */
  readonly message: string;
}

/** Bytes as stored. Long enough for three named parts and what to do about them. */
const maxMessage = 768;

/**
 * The condition that follows `previous`: `lastTransitionTime` moves only when `status` does. `since`, milliseconds,
 * is when the status came to be so where a fact says it, and otherwise now.
 */
export function nextCondition(
  previous: Condition | undefined,
  draft: ConditionDraft,
  generation: number,
  since: number,
): Condition {
  return {
    type: draft.type,
    status: draft.status,
    reason: draft.reason,
    message: cutToStored(draft.message, maxMessage),
    lastTransitionTime: previous?.status === draft.status ? previous.lastTransitionTime : formatTime(since),
    observedGeneration: generation,
  };
}

/**
 * The whole list of an object's conditions, in the order of `drafts`. A draft is either something new to say or, as a
 * condition, something that stays as it was, its `observedGeneration` included. Types without a draft go.
 */
export function nextConditions(
  previous: readonly Condition[] | undefined,
  drafts: readonly (ConditionDraft | Condition)[],
  generation: number,
  now: number,
): Condition[] {
  return drafts.map((draft) =>
    'lastTransitionTime' in draft
      ? draft
      : nextCondition(findCondition(previous, draft.type), draft, generation, now),
  );
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
