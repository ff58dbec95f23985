import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

export interface ValidationIssue {
  /** Where, e.g. `spec.workloads.types[0]`; empty for the object itself. */
  readonly path: string;
  /** What must hold there, e.g. `must be an integer`. */
  readonly message: string;
}

export type Validation = { readonly ok: true } | { readonly ok: false; readonly issues: ValidationIssue[] };

export interface ValidatorOptions {
  /**
   * What a field means that the schema does not have. `allow` (default): nothing, as an apiserver prunes it, and an
   * object written for a newer CRD stays readable. `refuse`: a fault, for objects of our own making.
   */
  readonly unknownFields?: 'allow' | 'refuse';
}

/**
 * A validator for one structural schema, compiled once. It judges and changes nothing: no coercion, no defaults. It
 * holds types, bounds, patterns, formats and the uniqueness of list keys; CEL rules are the apiserver's alone.
 */
export function compileValidator(
  schema: object,
  options: ValidatorOptions = {},
): (value: unknown) => Validation {
  const ajv = new Ajv({
    strict: true,
    strictTypes: true,
    strictRequired: true,
    allErrors: true,
    verbose: true,
  });
  addFormats.default(ajv);
  ajv.addKeyword('x-kubernetes-validations');
  ajv.addKeyword('x-kubernetes-list-map-keys');
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-type',
    type: 'array',
    validate: isListUnique,
    errors: false,
  });
  const validate: ValidateFunction = ajv.compile(
    options.unknownFields === 'refuse' ? (closed(schema) as object) : schema,
  );
  return (value) =>
    validate(value) ? { ok: true } : { ok: false, issues: (validate.errors ?? []).map(issue) };
}

function isListUnique(listType: unknown, list: unknown[], parent?: object): boolean {
  const keys = (parent as Record<string, string[] | undefined>)['x-kubernetes-list-map-keys'];
  const identity = (item: unknown): unknown =>
    listType === 'map' ? keys?.map((key) => (item as Record<string, unknown> | null)?.[key] ?? null) : item;
  return (
    listType === 'atomic' || new Set(list.map((item) => JSON.stringify(identity(item)))).size === list.length
  );
}

/** The schema, with every object that has named fields closed to others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'default' ? value : closed(value)]),
  );
  const hasFields = copy['type'] === 'object' && typeof copy['properties'] === 'object';
  return hasFields ? { ...copy, additionalProperties: false } : copy;
}

function issue(error: ErrorObject): ValidationIssue {
  const { keyword, params, schema, instancePath } = error as ErrorObject<string, Record<string, unknown>>;
  const at = pathOf(instancePath);
  const child = (name: unknown): string => (at === '' ? String(name) : `${at}.${String(name)}`);
  switch (keyword) {
    case 'required':
      return { path: child(params['missingProperty']), message: 'must be set' };
    case 'additionalProperties':
      return {
        path: child(params['additionalProperty']),
        message: 'must not be set: there is no such field',
      };
    case 'type':
      return { path: at, message: `must be ${article(String(params['type']))}` };
    case 'enum':
      return { path: at, message: `must be one of ${(schema as string[]).map((w) => `'${w}'`).join(', ')}` };
    case 'pattern':
      return { path: at, message: inWords(error.parentSchema) ?? `must match ${String(schema)}` };
    case 'format':
      return { path: at, message: formats[String(schema)] ?? `must be of the format ${String(schema)}` };
    case 'minLength':
      return { path: at, message: `must be at least ${String(schema)} characters long` };
    case 'maxLength':
      return { path: at, message: `must be at most ${String(schema)} characters long` };
    case 'minimum':
      return { path: at, message: `must be at least ${String(schema)}` };
    case 'maximum':
      return { path: at, message: `must be at most ${String(schema)}` };
    case 'minItems':
      return { path: at, message: `must have at least ${String(schema)} items` };
    case 'maxItems':
    case 'maxProperties':
      return { path: at, message: `must have at most ${String(schema)} items` };
    case 'x-kubernetes-list-type':
      return { path: at, message: 'must not have two items with the same key' };
    default:
      return { path: at, message: error.message ?? `must satisfy ${keyword}` };
  }
}

/** The sentence of the rule that repeats the pattern of a schema, where it has one (see shapeRule). */
function inWords(parent: AnySchemaObject | undefined): string | undefined {
  const rules = (parent?.['x-kubernetes-validations'] ?? []) as { rule: string; message: string }[];
  return rules.find(({ rule }) => rule === `self.matches('${String(parent?.['pattern'])}')`)?.message;
}

const formats: Readonly<Record<string, string>> = {
  'date-time': "must be a time such as '2026-01-02T03:04:05Z'",
  byte: 'must be base64',
};

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** `/spec/workloads/types/0` → `spec.workloads.types[0]`; keys with other characters are quoted. */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => {
      if (/^[0-9]+$/.test(part)) return `${path}[${part}]`;
      if (!/^[A-Za-z][A-Za-z0-9]*$/.test(part)) return `${path}[${JSON.stringify(part)}]`;
      return path === '' ? part : `${path}.${part}`;
    }, '');
}
