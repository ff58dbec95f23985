import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type ReconcileResult = 'success' | 'error' | 'requeue_after';
export type WriteVerb = 'create' | 'status' | 'object' | 'delete';

/** What the reconcile loop tells. Kinds and reasons come from closed sets, so that the number of series is bounded. */
export interface ReconcileMetrics {
  reconciled(kind: string, result: ReconcileResult, seconds: number): void;
  wrote(kind: string, verb: WriteVerb, reason: string): void;
  crdOutdated(kind: string, outdated: boolean): void;
  /** Before a worker begins with a key and after it ended. */
  active(kind: string, workers: 1 | -1): void;
}

const results: readonly (ReconcileResult | 'requeue')[] = ['error', 'requeue', 'requeue_after', 'success'];
const verbs: readonly WriteVerb[] = ['create', 'status', 'object', 'delete'];
/** The named reasons for a deletion that are the operator's own (the fourth, OwnerDeleted, is the garbage collector's). */
const deletionReasons = ['UpstreamGone', 'NotSelected', 'HistoryPruned'] as const;

/** controller-runtime's buckets, seconds. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];

/** `kinds`: all that will ever be told, so that every counter starts at zero; `workers`: the most at a time, each kind. */
export function registerReconcileMetrics(
  registry: Registry,
  options: { readonly kinds: readonly string[]; readonly workers: number },
): ReconcileMetrics {
  const registers = [registry];
  const reconciles = new Counter({
    registers,
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by controller and result.',
    labelNames: ['controller', 'result'],
  });
  const errors = new Counter({
    registers,
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciliations that failed, by controller.',
    labelNames: ['controller'],
  });
  const seconds = new Histogram({
    registers,
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a reconciliation took, by controller.',
    labelNames: ['controller'],
    buckets: reconcileBuckets,
  });
  const active = new Gauge({
    registers,
    name: 'controller_runtime_active_workers',
    help: 'Workers that are busy now, by controller.',
    labelNames: ['controller'],
  });
  const most = new Gauge({
    registers,
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'The most workers that may be busy at once, by controller.',
    labelNames: ['controller'],
  });
  const writes = new Counter({
    registers,
    name: 'modelarts_operator_writes_total',
    help: 'Writes to the apiserver that changed a mirror, by kind and verb.',
    labelNames: ['kind', 'verb'],
  });
  const deletions = new Counter({
    registers,
    name: 'modelarts_operator_deletions_total',
    help: 'Mirrors that the operator deleted, by kind and reason.',
    labelNames: ['kind', 'reason'],
  });
  const outdated = new Gauge({
    registers,
    name: 'modelarts_operator_crd_outdated',
    help: '1 while the installed CRD of this kind is older than the operator and drops fields, else 0.',
    labelNames: ['kind'],
  });

  for (const kind of options.kinds) {
    for (const result of results) reconciles.inc({ controller: kind, result }, 0);
    for (const verb of verbs) writes.inc({ kind, verb }, 0);
    for (const reason of deletionReasons) deletions.inc({ kind, reason }, 0);
    errors.inc({ controller: kind }, 0);
    active.set({ controller: kind }, 0);
    most.set({ controller: kind }, options.workers);
    outdated.set({ kind }, 0);
  }

  return {
    reconciled: (controller, result, took) => {
      reconciles.inc({ controller, result });
      if (result === 'error') errors.inc({ controller });
      seconds.observe({ controller }, took);
    },
    wrote: (kind, verb, reason) => {
      writes.inc({ kind, verb });
      if (verb === 'delete') deletions.inc({ kind, reason });
    },
    crdOutdated: (kind, is) => outdated.set({ kind }, is ? 1 : 0),
    active: (controller, workers) => active.inc({ controller }, workers),
  };
}
