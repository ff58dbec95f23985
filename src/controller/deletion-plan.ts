/** Which pools' mirrors may go, and which are too many at once to be believed (invariant 3). Pure. */
import { guardDeletions } from '../mirror/guard.ts';
import { highestSample, recordSample, type Sample } from '../mirror/high-water.ts';
import type { ProjectWorld } from '../mirror/world.ts';
import type { KnownPool } from './pool-observations.ts';

const hour = 3_600_000;

/** How many discovered pools were mirrored, in all (key '') and by workspace. */
export type PoolCounts = ReadonlyMap<string, readonly Sample[]>;

export function countPools(before: PoolCounts, known: readonly KnownPool[], now: number): PoolCounts {
  const counts = new Map<string, number>([['', 0]]);
  for (const scope of before.keys()) counts.set(scope, 0);
  for (const { declared, workspaceID } of known) {
    if (declared) continue;
    counts.set('', (counts.get('') ?? 0) + 1);
    if (workspaceID !== undefined) counts.set(workspaceID, (counts.get(workspaceID) ?? 0) + 1);
  }
  return new Map(
    [...counts].map(([scope, value]) => [
      scope,
      recordSample(before.get(scope) ?? [], { at: now, value }, hour),
    ]),
  );
}

export interface DeletionInput {
  readonly known: readonly KnownPool[];
  /** It was absent as often as asked; the detail read may still be missing. */
  readonly isMissing: (poolName: string) => boolean;
  readonly counts: PoolCounts;
  readonly maxPercent: number;
  /** Annotation modelarts-operator.dev/confirm-deletion. */
  readonly confirmation: string | undefined;
  readonly now: number;
}

/** What is held back; undefined where every missing pool may go. */
export function heldBack(input: DeletionInput): ProjectWorld['blocked'] {
  const { known, counts, maxPercent, confirmation, now } = input;
  const candidates = known
    .filter(({ declared, poolName }) => !declared && input.isMissing(poolName))
    .map(({ poolName, workspaceID, phase }) => ({
      id: poolName,
      scope: workspaceID ?? '',
      announced: phase === 'Deleting',
    }));
  const byScope = new Map([...counts].map(([scope, samples]) => [scope, highestSample(samples, now, hour)]));
  const highest = { total: byScope.get('') ?? 0, byScope };
  const { blocked } = guardDeletions({ candidates, highest, maxPercent, confirmation });
  return blocked && { ...blocked, total: highest.total, what: 'pools' };
}
