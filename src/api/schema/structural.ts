import type { TSchema } from 'typebox';

/**
 * A structural schema as Kubernetes defines it: the only JSON Schema that a CustomResourceDefinition may hold.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export interface StructuralSchema {
  description?: string;
  type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  format?: string;
  default?: unknown;
  enum?: string[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  'x-kubernetes-list-type'?: 'set' | 'map' | 'atomic';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: { rule: string; message: string; fieldPath?: string }[];
  required?: string[];
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
}

/** Keywords that are copied as they are, in the order in which generated files show them. */
const plain: readonly (keyof StructuralSchema)[] = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
];
const nested: readonly string[] = ['required', 'properties', 'additionalProperties', 'items'];
const types: readonly unknown[] = ['object', 'array', 'string', 'integer', 'boolean'];

/** A definition that has no structural form: a fault of ours, found when CRDs are generated. */
export class NotStructural extends Error {
  override readonly name = 'NotStructural';
  constructor(path: string, problem: string) {
    super(`${path === '' ? 'The schema' : `The schema of ${path}`} is not structural: ${problem}`);
  }
}

/**
 * The structural form of a TypeBox definition. A keyword that is not on the list above is an error and not dropped:
 * a rule that silently does not hold is worse than none. Fields with a default leave `required`.
 */
export function structural(schema: TSchema, path = ''): StructuralSchema {
  const source = schema as Record<string, unknown>;
  for (const keyword of Object.keys(source)) {
    if (!nested.includes(keyword) && !plain.includes(keyword as keyof StructuralSchema)) {
      throw new NotStructural(
        path,
        `the keyword \`${keyword}\` is not on the list of those that may be used`,
      );
    }
  }
  if (!types.includes(source['type'])) {
    throw new NotStructural(path, `\`type\` must be one of ${types.join(', ')}`);
  }
  const result: Record<string, unknown> = {};
  for (const keyword of plain) if (source[keyword] !== undefined) result[keyword] = source[keyword];
  if (source['type'] === 'object') Object.assign(result, objectKeywords(source, path));
  if (source['type'] === 'array') {
    if (!isSchema(source['items'])) throw new NotStructural(path, 'an array must have one schema as `items`');
    result['items'] = structural(source['items'], `${path}[]`);
  }
  return result as unknown as StructuralSchema;
}

function objectKeywords(source: Record<string, unknown>, path: string): Partial<StructuralSchema> {
  const { properties, additionalProperties } = source;
  if (isSchema(properties) ? additionalProperties !== undefined : !isSchema(additionalProperties)) {
    throw new NotStructural(
      path,
      'an object must have either `properties` or a schema as `additionalProperties`',
    );
  }
  if (isSchema(additionalProperties)) {
    return { additionalProperties: structural(additionalProperties, `${path}{}`) };
  }
  const fields = Object.entries(properties as Record<string, TSchema>);
  const required = ((source['required'] ?? []) as string[]).filter(
    (name) => (properties as Record<string, Record<string, unknown>>)[name]?.['default'] === undefined,
  );
  return {
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      fields.map(([name, field]) => [name, structural(field, path === '' ? name : `${path}.${name}`)]),
    ),
  };
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
