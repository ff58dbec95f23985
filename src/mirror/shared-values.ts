import type { WorkloadRecord } from './world.ts';

type Labels = WorkloadRecord['labels'];

/** When there are more, sharing begins anew: pools that are long gone must not be kept for ever. */
const most = 10_000;

/**
 * Lets records have in common what they have in common. Each object is parsed by itself, and so brings its own copy of
 * the name of its pool, of its labels and so on: of a record that is kept for each workload, most.
 */
export class SharedValues {
  readonly #texts = new Map<string, string>();
  readonly #labels = new Map<string, Labels>();

  /** The same record, holding no text that another one holds already. */
  lean(record: WorkloadRecord): WorkloadRecord {
    const { name, identity, poolName, phase, type, ownerUID } = record;
    return {
      ...record,
      namespace: this.#text(record.namespace),
      project: this.#text(record.project),
      source: this.#text(record.source),
      // Most mirrors are named by their identity.
      identity: identity === name ? name : identity,
      labels: this.#sharedLabels(record.labels),
      ...(poolName !== undefined && { poolName: this.#text(poolName) }),
      ...(phase !== undefined && { phase: this.#text(phase) }),
      ...(type !== undefined && { type: this.#text(type) }),
      ...(ownerUID !== undefined && { ownerUID: this.#text(ownerUID) }),
    };
  }

  #text(text: string): string {
    return shared(this.#texts, text, () => text);
  }

  #sharedLabels(labels: Labels): Labels {
    return shared(this.#labels, JSON.stringify(labels), () => labels);
  }
}

function shared<V>(known: Map<string, V>, key: string, value: () => V): V {
  let found = known.get(key);
  if (found === undefined) {
    if (known.size >= most) known.clear();
    known.set(key, (found = value()));
  }
  return found;
}
