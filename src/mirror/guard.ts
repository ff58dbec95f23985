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
  /** The scope of each that went within that hour: they count as going. Default: none. */
  readonly left?: readonly string[];
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
  /** They are too many, and a person lets them go. */
  readonly released: boolean;
}

/**
 * Holds back deletions that are too many to be believed (invariant 3). One in an hour may always go; where more than
 * `maxPercent` of the highest number would, in the project or in one of its scopes, none goes. Announced ones do not
 * count, and are not held back.
 */
export function guardDeletions(input: GuardInput): GuardResult {
  const { candidates, highest, left = [], maxPercent, confirmation } = input;
  const counted = candidates.filter(({ announced }) => !announced);
  const ids = counted.map(({ id }) => id).sort(byText);
  const all = new Set(candidates.map(({ id }) => id));
  if (ids.length === 0) return { allowed: all, released: false };
  const scopes = new Set(counted.map(({ scope }) => scope));
  const going = [...counted.map(({ scope }) => scope), ...left];
  const tooMany =
    exceeds(going.length, highest.total, maxPercent) ||
    [...scopes].some((scope) =>
      exceeds(going.filter((one) => one === scope).length, highest.byScope.get(scope) ?? 0, maxPercent),
    );
  if (!tooMany) return { allowed: all, released: false };
  const token = deletionToken(ids);
  if (confirmation === token) return { allowed: all, released: true };
  for (const id of ids) all.delete(id);
  return { allowed: all, blocked: { ids, token }, released: false };
}

/**
 * Whether a total that was read after a list lets go what the list lacked. One more than was found may be any of what is
 * missing. Fewer may have gone since; where `many` would go at once the two must be equal.
 */
export function provesAbsence(
  { total, found }: { readonly total: number; readonly found: number },
  many: boolean,
): boolean {
  return many ? total === found : total <= found;
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
