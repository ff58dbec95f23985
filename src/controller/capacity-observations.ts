import type { Amounts, ListFacts, ResourceFlavorFacts, RuntimeMetricsFacts } from '../api/facts.ts';
import type { CapacitySource } from '../mirror/capacity.ts';
import type { PoolObservation } from './pool-observations.ts';

/** How far the two calls that capacity is known from are offered, as `status.apiFeatures` says it. */
export interface CapacityFeatures {
  readonly runtimeMetrics?: string;
  readonly resourceFlavors?: string;
}

/**
 * What capacity can be worked out from: runtime metrics of each pool, or the flavors of its nodes where ModelArts
 * offers no metrics or leaves the pool out. Memory only. No I/O and no clock here.
 */
export class CapacityObservations {
  readonly #startedAt: number;
  #metrics: ReadonlyMap<string, RuntimeMetricsFacts> | undefined;
  #metricsAt: number;
  /** Pools that were known before the last request for metrics, and are not in its answer; and in those of the last two. */
  #leftOut: ReadonlySet<string> = new Set();
  #leftOutTwice: ReadonlySet<string> = new Set();
  #flavors: ReadonlyMap<string, Amounts> | undefined;

  /** Monotonic milliseconds. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
    this.#metricsAt = startedAt;
  }

  /**
   * A list with a row that has no pool may lack any pool, but what it says of the others holds. `known`: the pools that
   * were known before it was asked for.
   */
  noteMetrics({ items }: ListFacts<RuntimeMetricsFacts>, known: readonly string[], now: number): void {
    const metrics = new Map(items.map((row) => [row.id, row]));
    const leftOut = known.filter((poolName) => !metrics.has(poolName));
    this.#leftOutTwice = new Set(leftOut.filter((poolName) => this.#leftOut.has(poolName)));
    this.#leftOut = new Set(leftOut);
    this.#metrics = metrics;
    this.#metricsAt = now;
  }

  noteFlavors({ items }: ListFacts<ResourceFlavorFacts>): void {
    this.#flavors = new Map(
      items.flatMap(({ name, resources }) => (resources === undefined ? [] : [[name, resources]])),
    );
  }

  /** Some pool's capacity can only be known from flavors: one that came or went between two reads is no such pool. */
  needsFlavors(pools: Iterable<PoolObservation>, { runtimeMetrics }: CapacityFeatures): boolean {
    if (runtimeMetrics === 'Absent') return true;
    for (const { poolName, facts, absences } of pools)
      if (facts && absences === 0 && this.#leftOutTwice.has(poolName)) return true;
    return false;
  }

  /** `staleMs`: after so long without an answer nothing is known any more. */
  sourceOf(
    poolName: string,
    { runtimeMetrics, resourceFlavors }: CapacityFeatures,
    now: number,
    staleMs: number,
  ): CapacitySource {
    const fresh = now - this.#metricsAt <= staleMs;
    if (runtimeMetrics !== 'Absent') {
      if (!fresh) return { is: 'unknown' };
      if (this.#metrics === undefined) return { is: 'pending' };
      const row = this.#metrics.get(poolName);
      if (row) return { is: 'metrics', ...row };
    }
    // What a node of a flavor has does not change: flavors that were read once stay true.
    if (this.#flavors) return { is: 'flavors', flavors: this.#flavors };
    const pending = resourceFlavors !== 'Absent' && now - this.#startedAt <= staleMs;
    return { is: pending ? 'pending' : 'unknown' };
  }
}
