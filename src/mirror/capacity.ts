/** How much a pool has, and how much of it is left. The formula is in docs/capacity.md. */
import type { Amounts, PoolFacts } from '../api/facts.ts';
import { addQuantities, formatQuantity, parseQuantity, type Quantity } from './quantity.ts';

/** Where a pool's capacity is known from. */
export type CapacitySource =
  /** Not read yet: what is shown stays. */
  | { readonly is: 'pending' }
  | { readonly is: 'unknown' }
  /** Runtime metrics of this pool, both sums of one answer. */
  | { readonly is: 'metrics'; readonly capacity?: Amounts; readonly allocated?: Amounts }
  /** What a node of each flavor has. */
  | { readonly is: 'flavors'; readonly flavors: ReadonlyMap<string, Amounts> };

export interface CapacityInput {
  readonly source: CapacitySource;
  readonly pool: Pick<PoolFacts, 'resources' | 'gpuDriver' | 'npuDriver'>;
  /** What the mirrored workloads hold together; absent where that is not known. */
  readonly held?: Amounts;
  /** Other pools take their share of this one's nodes: what its own workloads hold is not all that is taken. */
  readonly shared: boolean;
}

export interface PoolCapacity {
  readonly capacity?: Amounts;
  readonly allocated?: Amounts;
  readonly free?: Amounts;
}

/** Each of the three is right or absent. */
export function poolCapacity({ source, pool, held, shared }: CapacityInput): PoolCapacity {
  const capacity = capacityOf(source, pool);
  const measured =
    source.is === 'metrics' && source.allocated ? sum([named(source.allocated, pool)]) : undefined;
  const allocated = held ?? measured;
  const taken = shared ? measured : allocated;
  const free = capacity && taken && difference(capacity, taken);
  return { ...(capacity && { capacity }), ...(allocated && { allocated }), ...(free && { free }) };
}

function capacityOf(source: CapacitySource, pool: CapacityInput['pool']): Amounts | undefined {
  switch (source.is) {
    case 'metrics':
      return source.capacity && sum([named(source.capacity, pool)]);
    case 'flavors': {
      const nodes: Amounts[] = [];
      const counts: number[] = [];
      for (const { flavor, count } of pool.resources.available) {
        if (count <= 0) continue;
        const resources = source.flavors.get(flavor);
        if (resources === undefined) return undefined;
        nodes.push(named(resources, pool));
        counts.push(count);
      }
      return sum(nodes, counts);
    }
    case 'pending':
    case 'unknown':
      return undefined;
  }
}

/**
 * Cards that are named by their model alone are GPUs where the pool has a GPU driver and no other. Where that does not
 * tell, they are left out: a resource of another name would never be compared with what workloads ask for.
 */
function named(amounts: Amounts, { gpuDriver, npuDriver }: CapacityInput['pool']): Amounts {
  const entries = Object.entries(amounts);
  const isNamed = (name: string): boolean => name === 'cpu' || name === 'memory' || name.includes('/');
  const known = Object.fromEntries(entries.filter(([name]) => isNamed(name)));
  const models = entries.filter(([name]) => !isNamed(name)).map(([, amount]) => ({ [gpu]: amount }));
  if (gpuDriver === undefined || npuDriver !== undefined) return known;
  return { ...known, ...sum(models) };
}

const gpu = 'nvidia.com/gpu';

/** The sum by resource, each table `counts` times; undefined where an amount is none, or where there is nothing. */
function sum(tables: readonly Amounts[], counts: readonly number[] = []): Amounts | undefined {
  const sums = new Map<string, Quantity>();
  for (const [i, table] of tables.entries()) {
    for (const [name, text] of Object.entries(table)) {
      const one = parseQuantity(text);
      if (one === undefined) return undefined;
      const amount = { ...one, nanos: one.nanos * BigInt(counts[i] ?? 1) };
      const before = sums.get(name);
      sums.set(name, before === undefined ? amount : addQuantities(before, amount));
    }
  }
  return sums.size === 0 ? undefined : formatted(sums);
}

/** Never below zero: readings of different moments may overlap. */
function difference(capacity: Amounts, taken: Amounts): Amounts | undefined {
  const left = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(capacity)) {
    const has = parseQuantity(text);
    const used = parseQuantity(taken[name] ?? '0');
    if (has === undefined || used === undefined) return undefined;
    left.set(name, { ...has, nanos: has.nanos > used.nanos ? has.nanos - used.nanos : 0n });
  }
  return formatted(left);
}

function formatted(sums: ReadonlyMap<string, Quantity>): Amounts {
  return Object.fromEntries([...sums].map(([name, amount]) => [name, formatQuantity(amount)]));
}
