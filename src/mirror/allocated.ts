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
  // Jobs that ask for the same share one object (SharedValues): each is read once, however many there are.
  const asked = new Map<AllocatedRow['resources'], number>();
  for (const row of rows) {
    if (row.status === undefined) return undefined;
    if (!isPlaced(row.status, row.hostIPs)) continue;
    if (row.resourcesIncomplete) return undefined;
    asked.set(row.resources, (asked.get(row.resources) ?? 0) + 1);
  }
  const sums = new Map<string, Quantity>();
  for (const [resources, times] of asked) {
    const amounts = Object.entries(resources);
    if (amounts.length === 0) return undefined;
    for (const [name, text] of amounts) {
      const amount = parseQuantity(text);
      if (amount === undefined) return undefined;
      const all = { ...amount, nanos: amount.nanos * BigInt(times) };
      const before = sums.get(name);
      sums.set(name, before === undefined ? all : addQuantities(before, all));
    }
  }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, formatQuantity(sum)]));
}
