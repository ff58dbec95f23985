import { poolPhases, isConditionReason } from '../../src/api/reasons.ts';
import type { Condition } from '../../src/api/kinds/condition.ts';

/** An object of one of our kinds, as an apiserver answers it or as a plan would write it. */
export interface CheckedObject {
  readonly kind: string;
  readonly metadata: { readonly generation?: number };
  readonly status?: {
    readonly conditions?: readonly Condition[] | undefined;
    readonly observedGeneration?: number | undefined;
  };
}

const alwaysThere: Readonly<Record<string, readonly string[]>> = {
  ModelArtsProject: ['Ready', 'Authenticated', 'Synced', 'DeletionBlocked'],
  ModelArtsPool: ['Ready', 'Synced'],
  ModelArtsWorkload: ['Running', 'Queued'],
  ModelArtsResourceSpec: ['Available'],
};

/** Clock times and dates; nothing that a message of ours has a use for. Ids that it quotes may hold many digits. */
const time = /\d{2}:\d{2}|\d{4}-\d{2}-\d{2}|(?<![\w-])\d{10,}/;

/** What every status must hold, whatever happened before. Returns the breaches, none for a good one. */
export function statusBreaches({ kind, metadata, status }: CheckedObject): string[] {
  const breaches: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) breaches.push(`${kind}: ${what}`);
  };
  const conditions = status?.conditions ?? [];
  const types = conditions.map(({ type }) => type);
  const generation = metadata.generation ?? 0;
  for (const type of alwaysThere[kind] ?? []) must(types.includes(type), `${type} is missing`);
  must(new Set(types).size === types.length, 'a condition comes twice');
  must(!(types.includes('Reconciling') && types.includes('Stalled')), 'Reconciling with Stalled');
  must(!(types.includes('Complete') && types.includes('Failed')), 'Complete with Failed');
  must((status?.observedGeneration ?? 0) <= generation, 'observedGeneration is ahead of generation');
  for (const condition of conditions) {
    const { type, reason, message } = condition;
    must(
      (condition.observedGeneration ?? Infinity) <= generation,
      `${type}.observedGeneration is absent or ahead`,
    );
    // The state of a driver is upstream's word and so the one reason that is not of the catalogue.
    must(isConditionReason(reason) || type === 'DriverReady', `${type} has the reason ${reason}`);
    must(message !== '', `${type} has no message`);
    must(!time.test(message), `${type} has a time in its message: ${message}`);
    must(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(condition.lastTransitionTime),
      `${type}.lastTransitionTime`,
    );
    must(
      type !== 'Ready' || condition.status !== 'True' || reason === 'Reading' || reason === poolPhases[1],
      `Ready is True because of ${reason}`,
    );
  }
  return breaches;
}

/** Throws where a status breaks what every status must hold. */
export function checkStatus(object: CheckedObject): void {
  const breaches = statusBreaches(object);
  if (breaches.length > 0) throw new Error(breaches.join('\n'));
}
