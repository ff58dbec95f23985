import { describe, expect, it } from '@jest/globals';
import type { StructuralSchema } from '../schema/structural.ts';
import { customResourceDefinitions } from './registry.ts';

/**
 * The Kubernetes API conventions as rules over our generated CRDs. What breaks a rule on purpose stands in
 * `exceptions` with its reason; an exception that is no longer needed fails too.
 */
interface Field {
  /** The last part of its path. */
  name: string;
  schema: StructuralSchema;
  parent: StructuralSchema;
}
type Rule = (field: Field) => boolean;

const isList = ({ schema }: Field): boolean => schema.type === 'array';
const isItem = ({ name }: Field): boolean => name === '[]' || name === '{}';

const rules: Record<string, Rule> = {
  'commentstart: a description begins with the name of the field and ends with a full stop': (field) =>
    /\.$/.test(field.schema.description ?? '') &&
    (isItem(field) || (field.schema.description ?? '').startsWith(`${field.name} `)),
  'maxlength: each text, list and map has a maximum': ({ schema }) =>
    (schema.type !== 'string' || schema.enum !== undefined || schema.maxLength !== undefined) &&
    (schema.type !== 'array' || schema.maxItems !== undefined) &&
    (schema.additionalProperties === undefined || schema.maxProperties !== undefined),
  'bounds: each number has bounds that JSON keeps exact': ({ schema }) =>
    schema.type !== 'integer' ||
    (schema.minimum !== undefined && (schema.maximum ?? Infinity) <= Number.MAX_SAFE_INTEGER),
  'nofloats: there are no fractions': ({ schema }) => (schema.type as string) !== 'number',
  'ssatags: each list says how it merges': (field) =>
    !isList(field) || field.schema['x-kubernetes-list-type'] !== undefined,
  'listtype: a list of objects is a map with its keys': ({ schema }) =>
    schema.items?.type !== 'object' ||
    (schema['x-kubernetes-list-type'] === 'map' &&
      (schema['x-kubernetes-list-map-keys'] ?? []).every(
        (key) =>
          schema.items?.required?.includes(key) || schema.items?.properties?.[key]?.default !== undefined,
      )),
  'defaults: an object whose fields have defaults has one itself, or they would not be applied': ({
    schema,
  }) =>
    !Object.values(schema.properties ?? {}).some((field) => field.default !== undefined) ||
    schema.default !== undefined,
  'optionalorrequired: a field with a default is not required': ({ name, schema, parent }) =>
    schema.default === undefined || parent.required?.includes(name) !== true,
  'nomaps: a map holds nothing but labels, annotations, counts, quantities or words': ({ schema }) =>
    schema.additionalProperties === undefined || schema.additionalProperties.type !== 'object',
  'nobools: a choice is a word, which can grow, and not a boolean': ({ schema }) => schema.type !== 'boolean',
  'nophase: there is no field named phase': ({ name }) => name !== 'phase',
  'rules: each rule says what must hold': ({ schema }) =>
    (schema['x-kubernetes-validations'] ?? []).every(({ message }) =>
      /\b(must|must not|may not)\b/.test(message),
    ),
  'times: a field that is a time ends in Time': ({ name, schema }) =>
    (schema.format === 'date-time') === /Time$/.test(name),
};

const exceptions: Record<string, { reason: string; fields: string[] }> = {
  'nobools: a choice is a word, which can grow, and not a boolean': {
    reason:
      'suspend is a boolean in every controller that has it (Job, CronJob, Flux); the other is off or on for ever',
    fields: ['ModelArtsProject.spec.suspend', 'ModelArtsProject.spec.tls.allowInsecureHTTP'],
  },
  'nophase: there is no field named phase': {
    reason: "it is ModelArts' own word, mirrored as plain text; nothing of ours branches on it",
    fields: ['ModelArtsPool.status.phase', 'ModelArtsWorkload.status.phase'],
  },
  'defaults: an object whose fields have defaults has one itself, or they would not be applied': {
    reason: 'spec is required; a row of a list exists before its defaults are applied',
    fields: [
      'ModelArtsProject.spec',
      ...['creating', 'available', 'abnormal', 'deleting', 'desired'].map(
        (state) => `ModelArtsPool.status.resources.${state}[]`,
      ),
    ],
  },
};

function fieldsOf(schema: StructuralSchema, path: string): [string, Field][] {
  const below: [string, string, StructuralSchema][] = [
    ...Object.entries(schema.properties ?? {}).map(([name, field]): [string, string, StructuralSchema] => [
      `${path}.${name}`,
      name,
      field,
    ]),
    ...(schema.items ? [[`${path}[]`, '[]', schema.items] as [string, string, StructuralSchema]] : []),
    ...(schema.additionalProperties
      ? [[`${path}{}`, '{}', schema.additionalProperties] as [string, string, StructuralSchema]]
      : []),
  ];
  return below.flatMap(([at, name, field]) => [
    [at, { name, schema: field, parent: schema }],
    ...fieldsOf(field, at),
  ]);
}

const crds = customResourceDefinitions();
const all = crds.flatMap(({ spec }) => {
  const root = spec.versions[0]?.schema.openAPIV3Schema;
  const own = {
    type: 'object',
    properties: { spec: root?.properties.spec, status: root?.properties.status },
  };
  return fieldsOf(own as StructuralSchema, spec.names.kind);
});

describe('the API conventions', () => {
  it.each(Object.entries(rules))('%s', (name, holds) => {
    const broken = all.filter(([, field]) => !holds(field)).map(([path]) => path);
    expect(broken.sort()).toEqual([...(exceptions[name]?.fields ?? [])].sort());
  });

  it('have a reason for each exception', () => {
    expect(Object.keys(exceptions).filter((name) => rules[name] === undefined)).toEqual([]);
  });

  it.each(crds.map((crd) => [crd.spec.names.kind, crd] as const))('hold for the whole of %s', (_, crd) => {
    const { versions, names, group } = crd.spec;
    const [version] = versions;
    const status = version?.schema.openAPIV3Schema.properties.status;
    expect(crd.metadata.name).toBe(`${names.plural}.${group}`);
    expect(version?.subresources).toEqual({ status: {} });
    expect(names.categories).toEqual(['modelarts']);
    expect(version?.selectableFields.length).toBeLessThanOrEqual(8);
    expect(Object.keys(status?.properties ?? {})[0]).toBe('conditions');
    expect(status?.required).toBeUndefined();
    expect(status?.properties?.['conditions']?.['x-kubernetes-list-map-keys']).toEqual(['type']);
    expect(Object.keys(status?.properties?.['conditions']?.items?.properties ?? {})).toEqual([
      'type',
      'status',
      'observedGeneration',
      'lastTransitionTime',
      'reason',
      'message',
    ]);
  });

  it.each(crds.map((crd) => [crd.spec.names.kind, crd] as const))(
    'columns of %s lead somewhere',
    (_, crd) => {
      const paths = new Map(all.filter(([path]) => path.startsWith(`${crd.spec.names.kind}.`)));
      const columns = crd.spec.versions[0]?.additionalPrinterColumns ?? [];
      const selectable = crd.spec.versions[0]?.selectableFields ?? [];
      const leads = (jsonPath: string): boolean => {
        const plain = jsonPath.replace(/\[\?.*?\]/, '[]');
        const parent = plain.slice(0, plain.lastIndexOf('.'));
        return (
          plain === '.metadata.creationTimestamp' ||
          paths.has(`${crd.spec.names.kind}${plain}`) ||
          paths.has(`${crd.spec.names.kind}${parent}{}`)
        );
      };
      expect(
        [...columns, ...selectable].map(({ jsonPath }) => jsonPath).filter((path) => !leads(path)),
      ).toEqual([]);
    },
  );
});
