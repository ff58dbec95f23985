import { prunedPaths } from '../mirror/pruning.ts';
import type { MirrorKey } from './keys.ts';
import type { ControllerMetrics, EventSink, EventSubject } from './ports.ts';

type Kind = MirrorKey['kind'];

/**
 * Notices when an installed CRD is older than this operator (invariant 12): what the apiserver drops from a status is
 * remembered for the kind and not sent again, and said once.
 */
export class CrdWatch {
  readonly #events: EventSink;
  readonly #metrics: ControllerMetrics;
  readonly #pruned: Record<Kind, ReadonlySet<string>> = {
    project: new Set(),
    pool: new Set(),
    workload: new Set(),
    resourceSpec: new Set(),
  };

  constructor(events: EventSink, metrics: ControllerMetrics) {
    this.#events = events;
    this.#metrics = metrics;
  }

  pruned(kind: Kind): ReadonlySet<string> {
    return this.#pruned[kind];
  }

  /** Compares what was sent with what is stored. */
  compare(kind: Kind, sent: unknown, stored: unknown, subject: EventSubject): void {
    const lost = prunedPaths(sent, stored);
    const known = this.#pruned[kind];
    if ([...lost].every((path) => known.has(path))) return;
    const first = known.size === 0;
    this.#pruned[kind] = new Set([...known, ...lost]);
    this.#metrics.crdOutdated(kind, true);
    if (!first) return;
    this.#events.publish(subject, {
      type: 'Warning',
      reason: 'CRDOutdated',
      note: `The installed CRD of ${subject.kind} is older than the operator and drops ${[...lost].sort().slice(0, 3).join(', ')}; apply the newer CRDs (modelarts-operator crds | kubectl apply --server-side -f -) and restart the operator.`,
    });
  }
}
