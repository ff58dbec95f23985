import type { WorkloadFacts } from '../api/facts.ts';

/** How the pools that one row may be seen under are related. */
export interface PoolFamily {
  parentOf(pool: string): string | undefined;
  /** Its workloads are read, too. */
  isRead(pool: string): boolean;
}

/** The pool that a row says it is of. */
type NamesPool = Pick<WorkloadFacts, 'namespace'>;

/** The row of a sub-pool that its parent shows first belongs to the sub-pool, where that is read as well. */
export function firstSeenIn({ namespace }: NamesPool, pool: string, family: PoolFamily): string {
  if (namespace === undefined || !family.isRead(namespace)) return pool;
  return family.parentOf(namespace) === pool ? namespace : pool;
}

/** A row that two pools show belongs to the one that it names itself, else to the child of the two. */
export function belongsTo({ namespace }: NamesPool, pool: string, other: string, family: PoolFamily): string {
  if (!family.isRead(other)) return pool;
  if (namespace === pool || namespace === other) return namespace;
  return family.parentOf(other) === pool ? other : pool;
}
