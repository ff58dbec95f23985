import type { Cursor } from './read.ts';
import { toQuantity } from './quantities.ts';

const mostAmounts = 64;

/** Names of one card family each (D11); flavors and runtime metrics name the model alone. */
const canonicalNames = new Map([
  ['huawei.com/ascend-snt9', 'huawei.com/ascend-1980'],
  ['huawei.com/ascend-snt3', 'huawei.com/ascend-310'],
  ['snt9', 'huawei.com/ascend-1980'],
  ['snt3', 'huawei.com/ascend-310'],
]);

/** The resource name of a card by its model, where that is known. */
export function cardResource(model: string): string {
  return canonicalNames.get(model) ?? model;
}

export interface Amounts {
  /** Kubernetes quantities by resource name. */
  readonly amounts: Readonly<Record<string, string>>;
  /** True when something there was no amount. */
  readonly incomplete: boolean;
}

/**
 * Amounts by resource name: an object, or a list of them that is read as one, the first value of a name winning (D06).
 * A card named in both ways counts once.
 */
export function decodeAmounts(at: Cursor): Amounts {
  const exact = new Map<string, string>();
  const renamed = new Map<string, string>();
  let incomplete = at.value !== undefined && at.value !== '' && typeof at.value !== 'object';
  for (const row of at.rows()) {
    for (const [name, cursor] of row.entries(mostAmounts)) {
      const { value } = cursor;
      if (value === null || value === '') continue;
      const quantity = typeof value === 'string' || typeof value === 'number' ? toQuantity(value) : undefined;
      if (quantity === undefined) {
        cursor.issue('an amount');
        incomplete = true;
        continue;
      }
      const canonical = canonicalNames.get(name);
      const into = canonical === undefined ? exact : renamed;
      const key = canonical ?? name;
      if (!into.has(key)) into.set(key, quantity);
    }
  }
  return { amounts: Object.fromEntries([...renamed, ...exact]), incomplete };
}
