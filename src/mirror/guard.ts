import { createHash } from 'node:crypto';
import { byText } from './text.ts';

/** A mirror that would be deleted because ModelArts no longer has what it shows. */
export interface Candidate {
  readonly id: string;
  /** Workspace, in which the limit holds as well as in the whole project. */
  readonly scope: string;
  /** ModelArts announced the deletion: last seen in phase Deleting. */
  readonly announced: boolean;
}

export interface GuardInput {
  readonly candidates: readonly Candidate[];
  /** Highest number of mirrors of the last hour, in the project and by scope. */
  readonly highest: { readonly total: number; readonly byScope: ReadonlyMap<string, number> };
  /** `deletion.maxPercent`. */
  readonly maxPercent: number;
  /** Value of the annotation confirm-deletion. */
  readonly confirmation?: string | undefined;
}

export interface GuardResult {
  /** Ids that may go. */
  readonly allowed: ReadonlySet<string>;
  /** What is held back, by id and sorted, and the token that releases exactly this set. */
  readonly blocked?: { readonly ids: readonly string[]; readonly token: string };
}

/**
 * Holds back deletions that are too many at once to be believed (invariant 3). One may always go; where more than
 * `maxPercent` of the highest number would, in the project or in one of its scopes, none goes. Announced ones do not
 * count, and are not held back.
 */
export function guardDeletions({ candidates, highest, maxPercent, confirmation }: GuardInput): GuardResult {
  const counted = candidates.filter(({ announced }) => !announced);
  const ids = counted.map(({ id }) => id).sort(byText);
  const all = new Set(candidates.map(({ id }) => id));
  if (ids.length < 2) return { allowed: all };
  const byScope = new Map<string, number>();
  for (const { scope } of counted) byScope.set(scope, (byScope.get(scope) ?? 0) + 1);
  const tooMany =
    exceeds(ids.length, highest.total, maxPercent) ||
    [...byScope].some(([scope, going]) => exceeds(going, highest.byScope.get(scope) ?? 0, maxPercent));
  const token = deletionToken(ids);
  if (!tooMany || confirmation === token) return { allowed: all };
  for (const id of ids) all.delete(id);
  return { allowed: all, blocked: { ids, token } };
}

/** More than one, and more than `maxPercent` of `highest`. */
export function exceeds(going: number, highest: number, maxPercent: number): boolean {
  return going > 1 && going * 100 > maxPercent * Math.max(highest, going);
}

/** Names a set of ids, whatever their order: a person who releases it releases this set and no other. */
export function deletionToken(ids: readonly string[]): string {
  return createHash('sha256')
    .update([...ids].sort(byText).join('\n'))
    .digest('hex')
    .slice(0, 16);
}
