import { isDeepStrictEqual } from 'node:util';

import type { ObjectMeta } from '../../../src/kubernetes/objects.ts';

/** An object as it is stored. Never changed: each write stores another. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<ObjectMeta> & {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** What the model knows of a resource. */
export interface ResourceModel {
  readonly apiVersion: string;
  readonly kind: string;
  /** It has a status of its own, and so a generation that counts changes of the rest. */
  readonly hasStatus: boolean;
  /** What its schema puts into the status of a new object. */
  readonly newStatus?: object;
  /** A PUT may leave the resource version out. */
  readonly unconditionalUpdate: boolean;
  /** A PUT of what is not there makes it. */
  readonly createOnUpdate: boolean;
}

const group = 'modelarts-operator.dev/v1alpha1';
const custom = (kind: string, newStatus?: object): ResourceModel => ({
  ...(newStatus && { newStatus }),
  apiVersion: group,
  kind,
  hasStatus: true,
  unconditionalUpdate: false,
  createOnUpdate: false,
});

/** By plural name. */
export const resources: Readonly<Record<string, ResourceModel>> = {
  modelartsprojects: custom('ModelArtsProject', { observedGeneration: 0 }),
  modelartspools: custom('ModelArtsPool', { observedGeneration: 0 }),
  modelartsworkloads: custom('ModelArtsWorkload'),
  modelartsresourcespecs: custom('ModelArtsResourceSpec'),
  secrets: {
    apiVersion: 'v1',
    kind: 'Secret',
    hasStatus: false,
    unconditionalUpdate: true,
    createOnUpdate: false,
  },
  leases: {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    hasStatus: false,
    unconditionalUpdate: false,
    createOnUpdate: true,
  },
  events: {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    hasStatus: false,
    unconditionalUpdate: true,
    createOnUpdate: true,
  },
};

/** Whether a write changes nothing: compared without what the server itself counts. */
export function sameContent(a: StoredObject, b: StoredObject): boolean {
  return isDeepStrictEqual(contentOf(a), contentOf(b));
}

/** Whether everything is the same but metadata and status; a difference makes a new generation. */
export function sameSpec(a: StoredObject, b: StoredObject): boolean {
  return isDeepStrictEqual(specOf(a), specOf(b));
}

const specOf = ({ metadata: _m, status: _s, ...rest }: StoredObject): unknown => rest;

function contentOf({ metadata, ...rest }: StoredObject): unknown {
  const { resourceVersion: _r, generation: _g, ...own } = metadata;
  return { ...rest, metadata: own };
}

/** JSON in which the order of keys says nothing. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
