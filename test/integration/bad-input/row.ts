import type { KindName } from '../../../src/api/kinds/registry.ts';

/** An object of one of our kinds as a person writes it, right or wrong. */
export interface Resource {
  readonly kind: KindName;
  readonly metadata: { readonly name: string };
  readonly spec: Spec;
}
export type Spec = Readonly<Record<string, unknown>>;

/** One row of docs/bad-input.md; the page's tables are written from these. */
export interface Row {
  readonly kind: KindName;
  /** As in the page: `` `spec.endpoint` ``. */
  readonly field: string;
  readonly wrong: string;
  readonly gets: string;
}

/** A wrong object, what the apiserver says of it, and one that comes close and is taken. */
export interface Refusal {
  readonly bad: Resource;
  readonly says: string;
  readonly good: Resource;
  /** What it would be changed from; absent: it is created. */
  readonly from?: Resource;
}

/** A row that ends when the object is applied. */
export interface RefusedRow extends Row {
  readonly tries: readonly Refusal[];
}

/** `## kind`, as a row is named in tests. */
export const titleOf = ({ kind, field, wrong }: Row): string => `${kind} ${field}: ${wrong}`;

export const project = (spec: Spec = {}, name = 'project'): Resource => ({
  kind: 'ModelArtsProject',
  metadata: { name },
  spec: {
    endpoint: 'https://modelarts.example.com',
    projectID: '0123456789abcdef0123456789abcdef',
    region: 'region-1',
    credentials: { secretRef: { name: 'credentials' } },
    ...spec,
  },
});
export const pool = (spec: Spec = {}, name = 'pool'): Resource => ({
  kind: 'ModelArtsPool',
  metadata: { name },
  spec: { projectRef: { name: 'project' }, poolName: 'pool-a-0123', ...spec },
});
export const workload = (spec: Spec = {}, name = 'workload'): Resource => ({
  kind: 'ModelArtsWorkload',
  metadata: { name },
  spec: { projectRef: { name: 'project' }, poolName: 'pool-a-0123', source: 'Workload', uid: 'u-1', ...spec },
});
export const resourceSpec = (spec: Spec = {}, name = 'resource-spec'): Resource => ({
  kind: 'ModelArtsResourceSpec',
  metadata: { name },
  spec: {
    projectRef: { name: 'project' },
    jobType: 'train',
    specCode: 'modelarts.vm.cpu.2u',
    specID: '2',
    ...spec,
  },
});
export const unset = (resource: Resource, field: string): Resource => ({
  ...resource,
  spec: Object.fromEntries(Object.entries(resource.spec).filter(([name]) => name !== field)),
});

/** Wrong values of one field, each with the words that refuse it, beside one good value. */
export function values(
  make: (value: unknown) => Resource,
  good: unknown,
  ...wrong: readonly (readonly [value: unknown, says: string])[]
): Refusal[] {
  return wrong.map(([value, says]) => ({ bad: make(value), says, good: make(good) }));
}

export const notAName = "must be a name of lower case letters, digits, '-' and '.'";
export const notAPoolID = "must be a pool id of letters, digits, '-', '_' and '.'";
