import type { Condition } from '../api/kinds/condition.ts';
import type { ObjectMeta } from '../api/kinds/metadata.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import type { ModelArtsResourceSpecStatus } from '../api/kinds/modelarts-resource-spec.ts';
import { digest } from './digest.ts';
import { annotations, fieldManager, isOwnLabel } from './identity.ts';
import { beginningOf } from './text.ts';
import { parseTime } from './time.ts';
import type { MirrorRecord, PoolRecord, ResourceSpecRecord, WorkloadRecord } from './world.ts';
import { unfactedCondition } from './workload-conditions.ts';

/**
 * Objects from the apiserver, reduced to what plan() needs. People can write into them whatever the installed CRD
 * lets through, so nothing but metadata is taken to be of its type.
 */
export interface StoredObject {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What a status may repeat of a request. */
const maxRequest = 256;

/** The value of the annotation that asks for a read; of a longer one as much as can be repeated. */
export function reconcileRequest(metadata: ObjectMeta): string | undefined {
  const value = metadata.annotations?.[annotations.reconcileRequestedAt];
  return value === undefined ? undefined : beginningOf(value, maxRequest);
}

/** What the cache keeps of a ModelArtsPool. */
export function poolRecord(object: StoredObject): PoolRecord {
  const { metadata } = object;
  const spec = fields(object.spec);
  const discoveredBy = metadata.annotations?.[annotations.discoveredBy];
  const requested = reconcileRequest(metadata);
  return {
    ...mirrorRecord(metadata, spec),
    poolName: text(spec['poolName']) ?? '',
    adopted: isAdopted(metadata),
    ...(discoveredBy === undefined ? {} : { discoveredBy }),
    ...(requested === undefined ? {} : { reconcileRequestedAt: requested }),
    status: poolStatusOf(object.status),
  };
}

/** What the cache keeps of a ModelArtsWorkload. */
export function workloadRecord(object: StoredObject): WorkloadRecord {
  const spec = fields(object.spec);
  const status = fields(object.status);
  const poolName = text(spec['poolName']);
  const phase = text(status['phase']);
  const type = text(status['type']);
  const startTime = parseTime(text(status['startTime']));
  const completionTime = parseTime(text(status['completionTime']));
  const unfacted = unfactedCondition(phase, { start: startTime, completion: completionTime });
  const phaseSince = parseTime(
    conditionsOf(status['conditions']).find(({ type }) => type === unfacted)?.lastTransitionTime,
  );
  return {
    ...mirrorRecord(object.metadata, spec),
    source: text(spec['source']) ?? '',
    identity: text(spec['uid']) ?? '',
    digest: digest(status),
    ...(poolName === undefined ? {} : { poolName }),
    ...(phase === undefined ? {} : { phase }),
    ...(type === undefined ? {} : { type }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    ...(phaseSince === undefined ? {} : { phaseSince }),
  };
}

/** What the cache keeps of a ModelArtsResourceSpec. */
export function resourceSpecRecord(object: StoredObject): ResourceSpecRecord {
  const spec = fields(object.spec);
  const status = fields(object.status) as ModelArtsResourceSpecStatus;
  return {
    ...mirrorRecord(object.metadata, spec),
    jobType: text(spec['jobType']) ?? '',
    specID: text(spec['specID']) ?? '',
    specCode: text(spec['specCode']) ?? '',
    status: { ...status, conditions: conditionsOf(status.conditions) },
  };
}

function mirrorRecord(metadata: ObjectMeta, spec: Fields): MirrorRecord {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    createdAt: parseTime(metadata.creationTimestamp) ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    project: text(fields(spec['projectRef'])['name']) ?? '',
    labels: Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => isOwnLabel(key))),
    ...(owner === undefined ? {} : { ownerUID: owner.uid }),
  };
}

/**
 * A person has taken the object over. `kubectl apply` on the client's side leaves no trace in managedFields when it
 * changes nothing, but it always leaves its annotation.
 */
function isAdopted(metadata: ObjectMeta): boolean {
  if (metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] !== undefined) return true;
  return (
    metadata.managedFields?.some(
      (entry) =>
        entry.manager !== fieldManager &&
        (entry.subresource ?? '') === '' &&
        fields(entry.fieldsV1)['f:spec'] !== undefined,
    ) ?? false
  );
}

function poolStatusOf(value: unknown): ModelArtsPoolStatus {
  const status = fields(value);
  return { ...status, conditions: conditionsOf(status['conditions']) };
}

function conditionsOf(value: unknown): Condition[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item: unknown): item is Condition => {
    const { type, status, lastTransitionTime } = fields(item);
    return typeof type === 'string' && typeof status === 'string' && typeof lastTransitionTime === 'string';
  });
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
