import { structural, type StructuralSchema } from '../schema/structural.ts';
import type { Kind, PrinterColumn } from './kind.ts';
import { group, version } from './metadata.ts';

/** An apiextensions.k8s.io/v1 CustomResourceDefinition, as far as ours go. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: {
    group: string;
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames: string[];
      categories: string[];
    };
    scope: 'Namespaced';
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      additionalPrinterColumns: PrinterColumn[];
      selectableFields: { jsonPath: string }[];
      schema: { openAPIV3Schema: RootSchema };
      subresources: { status: object };
    }[];
  };
}

/** The schema of a whole object. Its metadata is bare: the apiserver knows that part by itself and allows no more. */
export interface RootSchema extends Omit<StructuralSchema, 'properties'> {
  properties: {
    apiVersion: StructuralSchema;
    kind: StructuralSchema;
    metadata: { type: 'object' };
    spec: StructuralSchema;
    status: StructuralSchema;
  };
}

export function rootSchema(kind: Kind): RootSchema {
  return {
    description: kind.description,
    type: 'object',
    ...(kind.rules === undefined ? {} : { 'x-kubernetes-validations': [...kind.rules] }),
    required: ['spec'],
    properties: {
      apiVersion: { description: `apiVersion is ${group}/${version}.`, type: 'string' },
      kind: { description: `kind is ${kind.kind}.`, type: 'string' },
      metadata: { type: 'object' },
      spec: structural(kind.spec, 'spec'),
      status: { ...structural(kind.status, 'status'), ...unhandled(kind) },
    },
  };
}

/**
 * Of a spec that no operator has seen yet, no generation is handled (the first is 1). kstatus takes an object that says
 * nothing at all for one that is ready.
 */
function unhandled({ status }: Kind): { default?: object } {
  return 'observedGeneration' in status.properties ? { default: { observedGeneration: 0 } } : {};
}

export function customResourceDefinition(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [kind.shortName],
        categories: ['modelarts'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: [...kind.columns],
          selectableFields: kind.selectableFields.map((jsonPath) => ({ jsonPath })),
          schema: { openAPIV3Schema: rootSchema(kind) },
          subresources: { status: {} },
        },
      ],
    },
  };
}
