import type { Static } from 'typebox';
import { count, object, optional, text } from '../schema/fields.ts';
import { conditions } from './condition.ts';
import { ageColumn, conditionColumn, type Kind } from './kind.ts';
import type { Resource } from './metadata.ts';
import { quantity } from './quantity.ts';
import { immutable, projectRef } from './references.ts';

const spec = object('spec says which resource specification this object shows.', {
  projectRef: projectRef(),
  jobType: text('jobType is train, inference or another word of ModelArts. It must not change.', {
    minLength: 1,
    maxLength: 32,
    rules: [immutable('jobType')],
  }),
  specCode: text('specCode is the name of the flavor, from spec_code.', { minLength: 1, maxLength: 128 }),
  specID: text('specID is the id of the specification, from spec_id. It must not change.', {
    minLength: 1,
    maxLength: 64,
    rules: [immutable('specID')],
  }),
});

const status = object(
  'status is what ModelArts last said about the specification, written by the operator.',
  {
    conditions: conditions(
      'are the latest observations: Available (ModelArts has resources for new jobs, the opposite of no_resource).',
    ),
    cpuCores: optional(count('cpuCores is the number of CPU cores of a node, from core.')),
    memory: optional(quantity('memory is the memory of a node, a Kubernetes quantity, from cpu (in GiB).')),
    gpuCount: optional(count('gpuCount is the number of GPUs of a node, from gpu_num.')),
    gpuType: optional(
      text('gpuType is the kind of GPU, such as v100; absent without one. From gpu_type.', {
        maxLength: 128,
      }),
    ),
    maxNodes: optional(
      count('maxNodes is the largest number of nodes that a job may ask for, from max_num.'),
    ),
    pricingUnits: optional(count('pricingUnits is the number of pricing units, from unit_num.')),
    storage: optional(
      text('storage is the size of the SSD as ModelArts says it, its unit not being documented.', {
        maxLength: 64,
      }),
    ),
    interfaceType: optional(
      count('interfaceType is the interface_type of ModelArts, whose meaning is not documented.'),
    ),
  },
);

export type ModelArtsResourceSpecSpec = Static<typeof spec>;
export type ModelArtsResourceSpecStatus = Static<typeof status>;
export type ModelArtsResourceSpec = Resource<
  'ModelArtsResourceSpec',
  ModelArtsResourceSpecSpec,
  ModelArtsResourceSpecStatus
>;

export const modelArtsResourceSpec = {
  kind: 'ModelArtsResourceSpec',
  plural: 'modelartsresourcespecs',
  singular: 'modelartsresourcespec',
  shortName: 'maspec',
  description:
    'ModelArtsResourceSpec shows one resource specification that ModelArts offers for jobs outside of a dedicated ' +
    'pool. The operator makes, fills and deletes it. Nothing is ever written to ModelArts.',
  spec,
  status,
  columns: [
    { name: 'Code', type: 'string', jsonPath: '.spec.specCode' },
    { name: 'Job Type', type: 'string', jsonPath: '.spec.jobType' },
    { name: 'CPU', type: 'integer', jsonPath: '.status.cpuCores' },
    { name: 'Memory', type: 'string', jsonPath: '.status.memory' },
    { name: 'GPU', type: 'integer', jsonPath: '.status.gpuCount' },
    conditionColumn('Available', 'Available'),
    ageColumn,
  ],
  selectableFields: ['.spec.projectRef.name', '.spec.jobType', '.spec.specCode'],
} as const satisfies Kind;
