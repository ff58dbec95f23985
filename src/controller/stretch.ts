import type { BudgetUse } from '../api/upstream.ts';

/** Fits the wanted intervals into the request budget (invariant 6). Pure. */

/** Part of the budget that planned reads may use; the rest is for details, walks and retries. */
const plannedShare = 0.8;
/** Factors move in steps, so that a load that wavers does not rewrite `status.effective`. */
const step = 0.25;

/** What one project would read if every interval were as wanted. */
export interface PlannedLoad {
  /** Requests of one pass over the pools, and its wanted interval. */
  readonly poolPass: number;
  readonly poolIntervalMs: number;
  /** Requests of one pass over the workloads of all pools together, and its wanted interval. */
  readonly workloadPass: number;
  readonly workloadIntervalMs: number;
}

/** In requests a second. */
export function wantedRate(load: PlannedLoad): number {
  return (load.poolPass / load.poolIntervalMs + load.workloadPass / load.workloadIntervalMs) * 1000;
}

/**
 * How many times as long as wanted the intervals of all who share the budget must be: 1 or more. `before` is the factor
 * in use.
 */
export function stretchFactor({ planned, allowed }: BudgetUse, before: number): number {
  const exact = planned / (allowed * plannedShare);
  const stepped = Math.max(1, Math.ceil(exact / step) * step);
  return stepped < before && before - exact < 2 * step ? before : stepped;
}
