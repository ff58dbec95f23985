import type { WorkloadFacts } from '../api/facts.ts';
import type { WorkloadRecord } from './world.ts';

/** When there are more, sharing begins anew: pools that are long gone must not be kept for ever. */
const most = 10_000;

/**
 * Lets what is kept of workloads have in common what it has in common. Each object and each row is parsed by itself, and so
 * brings its own copy of the name of its pool, of its labels and so on: most of it.
 */
export class SharedValues {
  readonly #texts = new Map<string, string>();
  readonly #values = new Map<string, object>();

  /** The same record, holding no text that another one holds already. */
  leanRecord(record: WorkloadRecord): WorkloadRecord {
    const { name, identity, poolName, phase, type, ownerUID } = record;
    return {
      ...record,
      namespace: this.#text(record.namespace),
      project: this.#text(record.project),
      source: this.#text(record.source),
      // Most mirrors are named by their identity.
      identity: identity === name ? name : identity,
      labels: this.#value(record.labels),
      ...(poolName !== undefined && { poolName: this.#text(poolName) }),
      ...(phase !== undefined && { phase: this.#text(phase) }),
      ...(type !== undefined && { type: this.#text(type) }),
      ...(ownerUID !== undefined && { ownerUID: this.#text(ownerUID) }),
    };
  }

  /** The same for what was read of a workload. */
  leanFacts(facts: WorkloadFacts): WorkloadFacts {
    const { namespace, type, status, flavor, priority, gvk, uid, jobID } = facts;
    return {
      ...facts,
      resources: this.#value(facts.resources),
      hostIPs: this.#value(facts.hostIPs),
      ...(namespace !== undefined && { namespace: this.#text(namespace) }),
      ...(type !== undefined && { type: this.#text(type) }),
      ...(status !== undefined && { status: this.#text(status) }),
      ...(flavor !== undefined && { flavor: this.#text(flavor) }),
      ...(priority !== undefined && { priority: this.#text(priority) }),
      ...(gvk !== undefined && { gvk: this.#text(gvk) }),
      ...(jobID !== undefined && { jobID: jobID === uid ? uid : jobID }),
    };
  }

  #text(text: string): string {
    return shared(this.#texts, text, text);
  }

  #value<V extends object>(value: V): V {
    return shared(this.#values, JSON.stringify(value), value) as V;
  }
}

function shared<V>(known: Map<string, V>, key: string, value: V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= most) known.clear();
  known.set(key, value);
  return value;
}
