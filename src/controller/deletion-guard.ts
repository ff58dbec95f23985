import { guardDeletions } from '../mirror/guard.ts';
import { highestSample, recordSample, type Sample } from '../mirror/high-water.ts';
import type { ProjectWorld } from '../mirror/world.ts';
import type { KnownPool } from './pool-observations.ts';

const hour = 3_600_000;
/** Of the whole project, beside its workspaces. */
const everywhere = '';

export interface DeletionReview {
  /** Pools that have a mirror, one each. */
  readonly known: readonly KnownPool[];
  /** It was absent as often as asked; the detail read may still be missing. */
  readonly isMissing: (poolName: string) => boolean;
  readonly maxPercent: number;
  /** Annotation modelarts-operator.dev/confirm-deletion. */
  readonly confirmation: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: number;
}

interface Departure {
  readonly scope: string;
  readonly at: number;
}

/**
 * Holds back deletions of pools that are too many to be believed (invariant 3), against the highest number of the last
 * hour: what went within that hour counts with what would go now, or a list that loses pools a few at a time would lose
 * them all. Belongs to the project and not to its spec: an edit does not start it anew.
 */
export class DeletionGuard {
  /** Discovered mirrors over the last hour, in all and by workspace. */
  readonly #counts = new Map<string, readonly Sample[]>();
  /** Let go at the last review, and not yet seen to be gone. */
  #leaving = new Map<string, string>();
  readonly #left = new Map<string, Departure>();

  /** What is held back; undefined where every missing pool may go. */
  review(input: DeletionReview): ProjectWorld['blocked'] {
    const { known, isMissing, maxPercent, confirmation, now } = input;
    this.#noteDepartures(new Set(known.map(({ poolName }) => poolName)), now);
    this.#count(known, now);
    const candidates = known
      .filter(({ declared, poolName }) => !declared && isMissing(poolName))
      .map(({ poolName, workspaceID = everywhere, phase }) => ({
        id: poolName,
        scope: workspaceID,
        announced: phase === 'Deleting',
      }));
    const byScope = new Map(
      [...this.#counts].map(([scope, samples]) => [scope, highestSample(samples, now, hour)]),
    );
    const highest = { total: byScope.get(everywhere) ?? 0, byScope };
    const left = [...this.#left.values()].map(({ scope }) => scope);
    const { allowed, blocked, released } = guardDeletions({
      candidates,
      highest,
      left,
      maxPercent,
      confirmation,
    });
    this.#leaving = new Map(
      // What a person released, or ModelArts announced, says nothing about how far its lists are to be believed.
      candidates
        .filter(({ id, announced }) => allowed.has(id) && !announced && !released)
        .map(({ id, scope }) => [id, scope]),
    );
    return blocked && { ...blocked, total: highest.total, what: 'pools' };
  }

  #noteDepartures(mirrored: ReadonlySet<string>, now: number): void {
    for (const [id, scope] of this.#leaving) if (!mirrored.has(id)) this.#left.set(id, { scope, at: now });
    for (const [id, { at }] of this.#left) if (mirrored.has(id) || now - at >= hour) this.#left.delete(id);
  }

  #count(known: readonly KnownPool[], now: number): void {
    const numbers = new Map([...this.#counts.keys()].map((scope) => [scope, 0]));
    const add = (scope: string): unknown => numbers.set(scope, (numbers.get(scope) ?? 0) + 1);
    for (const { declared, workspaceID } of known) {
      if (declared) continue;
      add(everywhere);
      if (workspaceID !== undefined) add(workspaceID);
    }
    for (const [scope, value] of numbers) {
      const samples = recordSample(this.#counts.get(scope) ?? [], { at: now, value }, hour);
      if (highestSample(samples, now, hour) === 0) this.#counts.delete(scope);
      else this.#counts.set(scope, samples);
    }
  }
}
