import Type, { type Static, type TObject, type TProperties, type TSchema, type TUnsafe } from 'typebox';

/**
 * Builders for the fields of our kinds. Each yields a TypeBox schema that is also a structural Kubernetes schema and
 * has the maxima that the apiserver's CEL cost estimate asks for.
 *
 * A field with a `default` is not optional in its TypeScript type (whoever reads it finds a value) but is not in
 * `required` of the CRD either (whoever writes it may leave it out).
 */

/** One CEL rule of `x-kubernetes-validations`. */
export interface Rule {
  readonly rule: string;
  /** What must hold: "must", "must not", "may not"; fields in back-quotes, literals in single quotes. */
  readonly message: string;
  /** The field that is at fault, where it is not the one that carries the rule, e.g. `.endpoint`. */
  readonly fieldPath?: string;
}

interface FieldOptions<T> {
  readonly default?: T;
  readonly rules?: readonly Rule[];
}

interface TextOptions extends FieldOptions<string> {
  readonly maxLength: number;
  readonly minLength?: number;
  readonly pattern?: string;
  /** What the pattern asks for, in words that go on after "must be"; with it both validators say so. */
  readonly shape?: string;
  readonly format?: 'byte' | 'date-time';
}

function keywords<T>({ rules, ...options }: FieldOptions<T>): Record<string, unknown> {
  return rules === undefined ? options : { ...options, 'x-kubernetes-validations': rules };
}

/** Leaves the field out of `required`. Its type takes `undefined` too, so that a status is built without detours. */
export function optional<T extends TSchema>(schema: T) {
  return Type.Optional(Type.Unsafe<Static<T> | undefined>(schema));
}

/** The rule that repeats a pattern in order to say it in words. The pattern must hold no quote and no backslash. */
function shapeRule(pattern: string, shape: string): Rule {
  return { rule: `self.matches('${pattern}')`, message: `must be ${shape}` };
}

export function text(description: string, { shape, ...options }: TextOptions): TUnsafe<string> {
  const inWords =
    shape === undefined || options.pattern === undefined ? [] : [shapeRule(options.pattern, shape)];
  const rules = [...inWords, ...(options.rules ?? [])];
  return Type.Unsafe<string>({
    type: 'string',
    description,
    ...keywords(rules.length === 0 ? options : { ...options, rules }),
  });
}

/** One of our own words. Upstream's words are `text`: a new one must not break a mirror. */
export function oneOf<const W extends string>(
  description: string,
  words: readonly W[],
  options: FieldOptions<W> = {},
): TUnsafe<W> {
  return Type.Unsafe<W>({ type: 'string', enum: words, description, ...keywords(options) });
}

export function flag(description: string, options: FieldOptions<boolean> = {}): TUnsafe<boolean> {
  return Type.Unsafe<boolean>({ type: 'boolean', description, ...keywords(options) });
}

export function integer(
  description: string,
  options: FieldOptions<number> & { readonly minimum: number; readonly maximum: number },
): TUnsafe<number> {
  return Type.Unsafe<number>({ type: 'integer', format: 'int64', description, ...keywords(options) });
}

/** A number of things: never negative, and nothing that JSON would round. */
export function count(description: string, options: FieldOptions<number> = {}): TUnsafe<number> {
  return integer(description, { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...options });
}

/** RFC 3339, UTC. */
export function time(description: string): TUnsafe<string> {
  return text(description, { format: 'date-time', maxLength: 64 });
}

/** A list of distinct plain values. */
export function setOf<T extends TSchema>(
  description: string,
  items: T,
  options: FieldOptions<Static<T>[]> & { readonly maxItems: number; readonly minItems?: number },
): TUnsafe<Static<T>[]> {
  return Type.Unsafe<Static<T>[]>({
    type: 'array',
    description,
    items,
    'x-kubernetes-list-type': 'set',
    ...keywords(options),
  });
}

/** A list of objects, told apart by the values of `keys`. */
export function tableOf<T extends TObject>(
  description: string,
  keys: readonly (keyof Static<T> & string)[],
  items: T,
  options: { readonly maxItems: number },
): TUnsafe<Static<T>[]> {
  return Type.Unsafe<Static<T>[]>({
    type: 'array',
    description,
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    ...options,
  });
}

/** A map from upstream's words to plain values. */
export function mapOf<T extends TSchema>(
  description: string,
  values: T,
  options: { readonly maxProperties: number },
): TUnsafe<Record<string, Static<T>>> {
  return Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    description,
    additionalProperties: values,
    ...options,
  });
}

/** An object with named fields. `default: {}` is needed wherever a field below has a default. */
export function object<P extends TProperties>(
  description: string,
  properties: P,
  options: FieldOptions<object> = {},
): TObject<P> {
  return Type.Object(properties, { description, ...keywords(options) });
}
