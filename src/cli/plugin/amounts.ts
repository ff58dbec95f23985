/** Amounts of resources for people. Pure. */
import type { ModelArtsPoolStatus } from '../../api/kinds/modelarts-pool.ts';
import { acceleratorOf } from '../../mirror/accelerator.ts';
import { parseQuantity, quantityValue } from '../../mirror/quantity.ts';

type Amounts = Readonly<Record<string, string>>;

const gibi = 1024 ** 3;

/** `ascend-1980` for `huawei.com/ascend-1980`; undefined for what is no accelerator. */
function acceleratorType(resource: string): string | undefined {
  return acceleratorOf({ [resource]: '1' })?.type;
}

/** The short name of a resource: accelerators without their vendor. */
export function resourceLabel(resource: string): string {
  return acceleratorType(resource) ?? resource;
}

/** Accelerators first, then by name. */
export function sortedResources(...amounts: readonly (Amounts | undefined)[]): string[] {
  const names = new Set(amounts.flatMap((each) => Object.keys(each ?? {})));
  const rank = (name: string): string => `${acceleratorType(name) === undefined ? 1 : 0}${name}`;
  return [...names].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

export function acceleratorsOf(...amounts: readonly (Amounts | undefined)[]): string[] {
  return sortedResources(...amounts).filter((name) => acceleratorType(name) !== undefined);
}

/** `12`, `3.9`, memory in GiB `249.5Gi`; undefined where there is none. */
export function amountText(resource: string, quantity: string | undefined): string | undefined {
  const value = quantity === undefined ? undefined : quantityValue(quantity);
  if (value === undefined) return undefined;
  return resource === 'memory' ? `${rounded(value / gibi)}Gi` : rounded(value);
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Undefined where one of them is no amount. */
export function difference(a: string | undefined, b: string | undefined): number | undefined {
  const [x, y] = [a, b].map((text) => (text === undefined ? undefined : parseQuantity(text)?.nanos));
  return x === undefined || y === undefined ? undefined : Number(x - y) / 1e9;
}

/** `12/16`: allocated of capacity, `?` for what is not known; undefined where neither is. */
export function usageText(
  resource: string,
  { capacity, allocated }: Pick<ModelArtsPoolStatus, 'capacity' | 'allocated'>,
): string | undefined {
  if (capacity?.[resource] === undefined && allocated?.[resource] === undefined) return undefined;
  // What the placed jobs did not ask for is free whole.
  const used = allocated === undefined ? undefined : (amountText(resource, allocated[resource]) ?? '0');
  const whole = amountText(resource, capacity?.[resource]);
  return `${(whole?.endsWith('Gi') === true ? used?.replace(/Gi$/, '') : used) ?? '?'}/${whole ?? '?'}`;
}
