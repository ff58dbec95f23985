import Type, { type Static } from 'typebox';
import { word } from './words.ts';

/**
 * The ways in which documentation, SDKs and samples of ModelArts disagree about the same answer, as switches. Set on a
 * project or on a pool (the pool's win); a field left out means the form that the documented samples print.
 */
export const Dialect = Type.Object(
  {
    /** Top-level key of workload statistics. `both` sends a stale copy under `statics`. */
    statisticsKey: Type.Optional(word('statistics', 'statics', 'both')),
    /** Counts of workload statistics as text (documented tables) or numbers (documented samples). */
    counts: Type.Optional(word('number', 'text')),
    /** What `statistics.total` counts. */
    statisticsTotal: Type.Optional(word('jobs', 'lists', 'missing')),
    /** `status.resources`: rows as an array, as one object (only where a state has one row), or no such key at all. */
    poolResources: Type.Optional(word('array', 'object', 'missing', 'null')),
    /** A state of `status.resources` that has no nodes. */
    emptyState: Type.Optional(word('array', 'missing', 'null')),
    /** `resourceRequirement` as an object, or as an array of one-key objects. */
    resourceRequirement: Type.Optional(word('object', 'array', 'missing')),
    /** `nodes` of a workload. */
    nodes: Type.Optional(word('missing', 'array', 'object')),
    /** Names of Ascend cards: by number (`ascend-1980`), by family (`ascend-snt9`), or both at once. */
    cardNames: Type.Optional(word('numbers', 'families', 'both')),
    /** Amounts as Kubernetes quantities (`64Gi`) or for people (`64 GiB`, `8 Cores`). */
    amounts: Type.Optional(word('quantity', 'human', 'number')),
    isDeleted: Type.Optional(word('missing', 'text', 'boolean')),
    /** Spelling of enum words (phase, state, scope, type, status). */
    spelling: Type.Optional(word('documented', 'lower', 'upper')),
    createTime: Type.Optional(word('milliseconds', 'seconds', 'text')),
    /** Durations of a workload that has none yet. */
    zeroDurations: Type.Optional(word('zero', 'missing')),
    /** `pendingPosition`: the place in the queue, or -1 for every workload. */
    pendingPosition: Type.Optional(word('position', 'unknown')),
    /** `total` and `metadata` beside `items`. */
    listEnvelope: Type.Optional(word('items', 'total')),
    controlMode: Type.Optional(word('number', 'text', 'missing')),
    labels: Type.Optional(word('full', 'minimal', 'missing')),
    /** Label and annotation values all as text, or as the number or boolean that they look like. */
    labelValues: Type.Optional(word('text', 'typed')),
    /** `status.scope[]` with `message` and `plugins`. */
    scopeDetails: Type.Optional(word('plain', 'full')),
    hostIps: Type.Optional(word('text', 'spaced', 'array', 'missing')),
    priority: Type.Optional(word('text', 'number')),
    /** Which identities a workload carries. */
    identity: Type.Optional(word('full', 'noUid', 'nameOnly')),
    emptyItems: Type.Optional(word('array', 'null', 'missing')),
    /** `creationTimestamp` of pools. */
    timestamps: Type.Optional(word('seconds', 'fraction', 'offset', 'empty')),
    /** Numbers of v1 training-job versions: `status` as text, version ids above 2^53 as digits. */
    versionNumbers: Type.Optional(word('number', 'text', 'big')),
    /** v1 fields that have no value: zero, null or left out. */
    versionEmpty: Type.Optional(word('zero', 'null', 'missing')),
    /** Amounts of v1 resource specifications. */
    specNumbers: Type.Optional(word('text', 'number')),
    /** `maxCount` of pool resource rows. */
    maxCount: Type.Optional(word('present', 'missing')),
    /** Fields that no document names, strewn over every object; also both spellings of `containerNetwork`. */
    unknownFields: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type Dialect = Static<typeof Dialect>;
export type FullDialect = Required<Dialect>;

/** The documented samples' forms. */
export const documentedDialect: FullDialect = {
  statisticsKey: 'statistics',
  counts: 'number',
  statisticsTotal: 'jobs',
  poolResources: 'array',
  emptyState: 'array',
  resourceRequirement: 'object',
  nodes: 'missing',
  cardNames: 'numbers',
  amounts: 'quantity',
  isDeleted: 'missing',
  spelling: 'documented',
  createTime: 'milliseconds',
  zeroDurations: 'zero',
  pendingPosition: 'position',
  listEnvelope: 'items',
  controlMode: 'number',
  labels: 'full',
  labelValues: 'text',
  scopeDetails: 'plain',
  hostIps: 'text',
  priority: 'text',
  identity: 'full',
  emptyItems: 'array',
  timestamps: 'seconds',
  versionNumbers: 'number',
  versionEmpty: 'null',
  specNumbers: 'text',
  maxCount: 'present',
  unknownFields: false,
};

/** The forms of the Open Telekom Cloud samples. */
export const otcDialect: Dialect = {
  resourceRequirement: 'array',
  nodes: 'object',
  amounts: 'human',
  isDeleted: 'text',
  pendingPosition: 'unknown',
  listEnvelope: 'total',
  controlMode: 'missing',
  labels: 'minimal',
  scopeDetails: 'full',
  emptyState: 'missing',
  maxCount: 'missing',
};

export function resolveDialect(...layers: readonly (Dialect | undefined)[]): FullDialect {
  return Object.assign({ ...documentedDialect }, ...layers) as FullDialect;
}
