import type { TSchema } from 'typebox';

interface SchemaNode extends TSchema {
  default?: unknown;
  properties?: Record<string, SchemaNode>;
}

/**
 * A copy of `value` with the defaults of the schema filled in, by the apiserver's rule: a field that is missing gets
 * its default, and defaults below it are then filled in too. Lists are taken as they are.
 */
export function applyDefaults(schema: TSchema, value: unknown): unknown {
  const { properties } = schema as SchemaNode;
  if (properties === undefined || typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(properties)) {
    const present = filled[name] ?? defaultOf(field);
    if (present !== undefined) filled[name] = applyDefaults(field, present);
  }
  return filled;
}

/** What has fields of its own is copied where they are filled in. */
function defaultOf({ default: value, properties }: SchemaNode): unknown {
  return typeof value === 'object' && properties === undefined ? structuredClone(value) : value;
}
