import type { TUnsafe } from 'typebox';
import { mapOf, text } from '../schema/fields.ts';

/** The texts that Kubernetes' resource.Quantity accepts, without a sign: `8`, `0.5`, `3920m`, `6.52Gi`, `1e3`. */
const pattern = '^([0-9]+([.][0-9]*)?|[.][0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$';

export function quantity(description: string): TUnsafe<string> {
  return text(description, { maxLength: 64, pattern, shape: "a quantity such as '8', '500m' or '6.5Gi'" });
}

/** Quantities by resource name, as in a node's `status.capacity`. */
export function quantities(description: string): TUnsafe<Record<string, string>> {
  return mapOf(description, quantity('A Kubernetes quantity.'), { maxProperties: 64 });
}
