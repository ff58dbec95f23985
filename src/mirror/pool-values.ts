import type { DriverFacts, PoolFacts, StatisticsFacts } from '../api/facts.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import { fit, type Reducer } from './fit.ts';
import { count, firstItems, sortedMap, textSet, word, wordLength, type Cuts } from './limits.ts';
import { mergeRows, sumNodes } from './pool-rows.ts';
import { restrictionsOf } from './restrictions.ts';
import { parseQuantity } from './quantity.ts';
import { byText, cutText, cutToStored } from './text.ts';
import { shownTime } from './time.ts';

/** The part of a pool's status that shows what ModelArts said; the rest is conditions and bookkeeping. */
export type PoolValues = Omit<
  ModelArtsPoolStatus,
  'conditions' | 'observedGeneration' | 'lastHandledReconcileAt'
>;

export interface PoolNumbers {
  readonly statistics?: StatisticsFacts | undefined;
  readonly capacity?: Readonly<Record<string, string>> | undefined;
  readonly allocated?: Readonly<Record<string, string>> | undefined;
  readonly free?: Readonly<Record<string, string>> | undefined;
}

/**
 * Bytes, as stored, that the values may take of the 16 kB of invariant 10: the rest is for metadata with its
 * managedFields (2 kB) and for four conditions with their longest messages (3.5 kB).
 */
const budget = 10_000;

/** What a pool's status shows of these facts. What did not fit is named in `cuts`. */
export function poolValues(facts: PoolFacts, numbers: PoolNumbers, cuts: Cuts): PoolValues {
  const short = (value: string | undefined, field: string) => word(value, wordLength, field, cuts);
  const values: PoolValues = {
    displayName: short(facts.displayName, 'displayName'),
    type: short(facts.type, 'type'),
    workspaceID: short(facts.workspaceID, 'workspaceID'),
    networkName: short(facts.networkName, 'networkName'),
    description: word(facts.description, 1024, 'description', cuts),
    billingMode: short(facts.billingMode, 'billingMode'),
    creationTime: shownTime(facts.creationTime),
    parent: short(facts.parent, 'parent'),
    root: short(facts.root, 'root'),
    jobFlavors: textSet(facts.jobFlavors, 128, 128, 'jobFlavors', cuts),
    phase: short(facts.phase, 'phase'),
    message: word(facts.message, 2048, 'message', cuts),
    driver: driverOf(facts, cuts),
    scopes: scopesOf(facts, cuts),
    resources: {
      creating: mergeRows(facts.resources.creating, 'resources', cuts),
      available: mergeRows(facts.resources.available, 'resources', cuts),
      abnormal: mergeRows(facts.resources.abnormal, 'resources', cuts),
      deleting: mergeRows(facts.resources.deleting, 'resources', cuts),
      desired: mergeRows(facts.desired, 'resources', cuts),
    },
    nodes: nodesOf(facts),
    restrictions: restrictionsOf(facts.controlMode),
    workloads: numbers.statistics && workloadsOf(numbers.statistics, cuts),
    capacity: numbers.capacity && quantitiesOf(numbers.capacity, 'capacity', cuts),
    allocated: numbers.allocated && quantitiesOf(numbers.allocated, 'allocated', cuts),
    free: numbers.free && quantitiesOf(numbers.free, 'free', cuts),
    labels: sortedMap(facts.labels, 64, 'labels', cuts, (value) => cutText(value, 512)),
    annotations: sortedMap(facts.annotations, 64, 'annotations', cuts, (value) => cutText(value, 2048)),
  };
  fit(values, budget, reducers, cuts);
  return values;
}

function driverOf(facts: PoolFacts, cuts: Cuts): PoolValues['driver'] {
  const { gpuDriver, npuDriver } = facts;
  if (gpuDriver === undefined && npuDriver === undefined) return undefined;
  const one = (driver: DriverFacts | undefined) =>
    driver && {
      version: word(driver.version, wordLength, 'driver', cuts),
      state: word(driver.state, wordLength, 'driver', cuts),
      desiredVersion: word(driver.desiredVersion, wordLength, 'driver', cuts),
    };
  const summary = [
    ...(gpuDriver ? [['gpu', gpuDriver.state].filter(Boolean).join(' ')] : []),
    ...(npuDriver ? [['npu', npuDriver.state].filter(Boolean).join(' ')] : []),
  ].join(', ');
  return {
    gpu: one(gpuDriver),
    npu: one(npuDriver),
    updateStrategy: word(facts.driverUpdateStrategy, wordLength, 'driver', cuts),
    summary: cutText(summary, wordLength),
  };
}

/** One row a type. Should a type come twice, the row that sorts first wins: any rule will do that is always the same. */
function scopesOf({ scopes }: PoolFacts, cuts: Cuts): PoolValues['scopes'] {
  const byType = new Map<string, { type: string; state?: string | undefined }>();
  const sorted = [...scopes].sort((a, b) => byText(a.type, b.type) || byText(a.state ?? '', b.state ?? ''));
  for (const { type, state } of sorted) {
    const key = cutText(type, 128);
    if (!byType.has(key)) byType.set(key, { type: key, state: word(state, wordLength, 'scopes', cuts) });
  }
  return byType.size === 0 ? undefined : firstItems([...byType.values()], 32, 'scopes', cuts);
}

function nodesOf({ desired, resources }: PoolFacts): NonNullable<PoolValues['nodes']> {
  const wanted = sumNodes(desired);
  const available = sumNodes(resources.available);
  return {
    desired: wanted,
    creating: sumNodes(resources.creating),
    available,
    abnormal: sumNodes(resources.abnormal),
    deleting: sumNodes(resources.deleting),
    summary: `${available}/${wanted}`,
  };
}

function workloadsOf(statistics: StatisticsFacts, cuts: Cuts): NonNullable<PoolValues['workloads']> {
  const byType = new Map<string, { total: number; byStatus: Record<string, number> }>();
  for (const { type, total, byStatus } of statistics.byType) {
    const key = cutText(type, 128);
    const row = byType.get(key) ?? { total: 0, byStatus: Object.create(null) as Record<string, number> };
    byType.set(key, row);
    row.total = count(row.total + count(total));
    for (const [status, jobs] of Object.entries(byStatus)) {
      row.byStatus[status] = count((row.byStatus[status] ?? 0) + count(jobs));
    }
  }
  const rows = [...byType].sort(([a], [b]) => byText(a, b));
  return {
    total: count(statistics.total),
    // The two that `kubectl get` shows: a missing key means none (reference 3), and none is 0 there, not a blank.
    byStatus: sortedMap({ Queue: 0, Running: 0, ...statistics.byStatus }, 64, 'workloads', cuts, count),
    byType: firstItems(rows, 32, 'workloads', cuts).map(([type, row]) => ({
      type,
      total: row.total,
      byStatus: sortedMap(row.byStatus, 64, 'workloads', cuts, count),
    })),
  };
}

/** A text that the apiserver would not take as a quantity is left out: the sum of the others stays true. */
function quantitiesOf(map: Readonly<Record<string, string>>, field: string, cuts: Cuts) {
  return sortedMap(map, 64, field, cuts, (text) => (parseQuantity(text) === undefined ? undefined : text));
}

/** The texts of a map in at most `bytes` each, and at most `entries` of them. */
const shortened = (map: Record<string, string> | undefined, entries: number, bytes: number) =>
  map &&
  Object.fromEntries(
    Object.entries(map)
      .filter(([key]) => key.length <= 128)
      .slice(0, entries)
      .map(([key, value]) => [key, cutToStored(value, bytes)]),
  );

const amountFields = ['capacity', 'allocated', 'free'] as const;

/** From what is missed least to what is missed most. Sums and totals are never cut. */
const reducers: readonly Reducer<PoolValues>[] = [
  reduceMaps(64, 128),
  (values) => {
    values.description &&= cutToStored(values.description, 256);
    values.message &&= cutToStored(values.message, 512);
    return ['description', 'message'];
  },
  reduceMaps(16, 64),
  (values) => {
    values.jobFlavors = values.jobFlavors?.slice(0, 16);
    return ['jobFlavors'];
  },
  reduceRows(64, 0),
  (values) => {
    values.workloads?.byType?.forEach((type) => delete type.byStatus);
    return ['workloads.byType'];
  },
  (values) => {
    values.labels = undefined;
    values.annotations = undefined;
    return ['labels', 'annotations'];
  },
  reduceRows(8, 0),
  (values) => {
    values.jobFlavors = undefined;
    values.scopes = values.scopes?.slice(0, 4);
    if (values.workloads) {
      values.workloads.byType = values.workloads.byType?.slice(0, 4);
      values.workloads.byStatus = firstEntries(values.workloads.byStatus, 12);
    }
    for (const field of amountFields) values[field] = firstEntries(values[field], 12);
    return ['jobFlavors', 'scopes', 'workloads', ...amountFields];
  },
  reduceRows(2, 0),
  (values) => {
    reduceTexts(values, 64);
    values.scopes = undefined;
    if (values.workloads) values.workloads = { total: values.workloads.total };
    for (const field of amountFields) values[field] = undefined;
    return ['names', 'scopes', 'workloads', ...amountFields];
  },
  (values) => {
    values.resources = undefined;
    return ['resources'];
  },
];

function reduceMaps(entries: number, bytes: number): Reducer<PoolValues> {
  return (values) => {
    values.annotations = shortened(values.annotations, entries, bytes);
    values.labels = shortened(values.labels, entries, bytes);
    return ['annotations', 'labels'];
  };
}

function reduceRows(rows: number, zones: number): Reducer<PoolValues> {
  return ({ resources }) => {
    for (const state of ['creating', 'available', 'abnormal', 'deleting', 'desired'] as const) {
      if (!resources?.[state]) continue;
      resources[state] = resources[state]
        .slice(0, rows)
        .map((row) => ({ ...row, azs: row.azs?.slice(0, zones) }));
    }
    return ['resources'];
  };
}

function reduceTexts(value: object, bytes: number): void {
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === 'string') Object.assign(value, { [key]: cutToStored(field, bytes) });
    else if (key === 'driver' || key === 'gpu' || key === 'npu') reduceTexts(field as object, bytes);
  }
}

function firstEntries<V>(map: Record<string, V> | undefined, max: number): Record<string, V> | undefined {
  return map && Object.fromEntries(Object.entries(map).slice(0, max));
}
