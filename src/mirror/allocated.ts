import type { WorkloadFacts } from '../api/facts.ts';
import { addQuantities, formatQuantity, parseQuantity, type Quantity } from './quantity.ts';
import { isPlaced } from './workload-phase.ts';

export type AllocatedRow = Pick<WorkloadFacts, 'status' | 'hostIPs' | 'resources' | 'resourcesIncomplete'>;

/**
 * What the placed jobs that have not ended ask for together, by resource name. `rows` are all active rows of a pool;
 * undefined when one of those that count did not decode whole, or does not say what it asked for: a sum is right or
 * absent.
 */
export function sumAllocated(rows: Iterable<AllocatedRow>): Record<string, string> | undefined {
  const sums = new Map<string, Quantity>();
  for (const row of rows) {
    if (row.status === undefined) return undefined;
    if (!isPlaced(row.status, row.hostIPs)) continue;
    const resources = Object.entries(row.resources);
    if (row.resourcesIncomplete || resources.length === 0) return undefined;
    for (const [name, text] of resources) {
      const amount = parseQuantity(text);
      if (amount === undefined) return undefined;
      const before = sums.get(name);
      sums.set(name, before === undefined ? amount : addQuantities(before, amount));
    }
  }
  return Object.fromEntries(
    [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => [name, formatQuantity(sum)]),
  );
}
