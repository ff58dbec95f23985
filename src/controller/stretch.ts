/** Fits the wanted intervals into the request budget (invariant 6). Pure. */

/** Part of the budget that planned reads may use; the rest is for details, walks and retries. */
const plannedShare = 0.8;
/** Factors move in steps, so that a load that wavers does not rewrite `status.effective`. */
const step = 0.25;

export interface PlannedLoad {
  readonly requestsPerSecond: number;
  /** Requests of one pass over the pools, and its wanted interval. */
  readonly poolPass: number;
  readonly poolIntervalMs: number;
  /** Requests of one pass over the workloads of all pools together, and its wanted interval. */
  readonly workloadPass: number;
  readonly workloadIntervalMs: number;
}

/** How many times as long as wanted the intervals must be: 1 or more. `before` is the factor in use. */
export function stretchFactor(load: PlannedLoad, before: number): number {
  const wanted = (load.poolPass / load.poolIntervalMs + load.workloadPass / load.workloadIntervalMs) * 1000;
  const exact = wanted / (load.requestsPerSecond * plannedShare);
  const stepped = Math.max(1, Math.ceil(exact / step) * step);
  return stepped < before && before - exact < 2 * step ? before : stepped;
}
