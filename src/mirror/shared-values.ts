import type { WorkloadFacts } from '../api/facts.ts';
import { Interned } from './interned.ts';
import { commonFacts, KeptFacts } from './kept-facts.ts';
import { KeptWorkload, type CommonValues } from './kept-workload.ts';
import type { WorkloadRecord } from './world.ts';

/**
 * Lets what is kept of workloads have in common what it has in common. Each object and each row is parsed by itself, and so
 * brings its own copy of the name of its pool, of its labels and so on: most of it.
 */
export class SharedValues {
  readonly #values = new Interned();

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
    return new KeptWorkload(record, this.#values.same(common));
  }

  /** The same facts, as small as they can be kept. `uid`: the text that is kept of their identity. */
  leanFacts(facts: WorkloadFacts, uid = facts.uid): WorkloadFacts {
    return new KeptFacts(facts, uid, this.#values.same(facts.hostIPs), this.#values.same(commonFacts(facts)));
  }
}
