import type { WorkloadFacts } from '../api/facts.ts';
import { KeptWorkload, type CommonValues } from './kept-workload.ts';
import type { WorkloadRecord } from './world.ts';

/** When there are more, sharing begins anew: pools that are long gone must not be kept for ever. */
const most = 10_000;

const textsOfFacts = ['namespace', 'type', 'status', 'flavor', 'priority', 'gvk'] as const;

/**
 * Lets what is kept of workloads have in common what it has in common. Each object and each row is parsed by itself, and so
 * brings its own copy of the name of its pool, of its labels and so on: most of it.
 */
export class SharedValues {
  readonly #texts = new Map<string, string>();
  readonly #values = new Map<string, object>();

  /** The same record, as small as it can be kept. */
  leanRecord(record: WorkloadRecord): WorkloadRecord {
    const { namespace, project, source, poolName, ownerUID, labels, generation, deleting, phase, type } =
      record;
    const common: CommonValues = {
      namespace,
      project,
      source,
      poolName,
      ownerUID,
      labels,
      generation,
      deleting,
      phase,
      type,
    };
    return new KeptWorkload(record, this.#value(common));
  }

  /** What was read of a workload, sharing with others what it has in common with them. */
  leanFacts(facts: WorkloadFacts): WorkloadFacts {
    const { uid, jobID, resources, hostIPs } = facts;
    const lean = { ...facts, resources: this.#value(resources), hostIPs: this.#value(hostIPs) };
    for (const field of textsOfFacts) {
      const text = lean[field];
      if (text !== undefined) lean[field] = shared(this.#texts, text, text);
    }
    if (jobID === uid) lean.jobID = uid;
    return lean;
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
