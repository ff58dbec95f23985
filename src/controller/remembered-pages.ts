import type { WorkloadFacts } from '../api/facts.ts';
import type { Answer, WorkloadPage } from '../api/upstream.ts';

/** What is known of a row, and the place of the answer that it was last read from. */
interface KeptRow {
  readonly facts: WorkloadFacts;
  readonly sequence: number;
}

type Pages = readonly (WorkloadPage | undefined)[];

/**
 * The pages of one pool's lists as they were read last, so that those which stay as they are need not be decoded again.
 * They take next to no memory: only pages are remembered of which each row is kept anyway.
 */
export class RememberedPages {
  readonly #lists = new Map<string, Pages>();

  /** In their order; undefined for one that is not remembered. */
  of(list: string): Pages {
    return this.#lists.get(list) ?? [];
  }

  /**
   * After a pass that read these lists. `whole`: there are no others to be read. `row`: what is kept of a workload by now.
   */
  take(
    lists: ReadonlyMap<string, readonly Answer<WorkloadPage>[]>,
    whole: boolean,
    row: (uid: string) => KeptRow | undefined,
  ): void {
    if (whole) for (const list of this.#lists.keys()) if (!lists.has(list)) this.#lists.delete(list);
    for (const [list, answers] of lists) {
      const before = this.of(list);
      this.#lists.set(
        list,
        answers.map((answer, index) => asKept(answer, before[index], row)),
      );
    }
  }
}

/** The page with the rows that are kept in place of its own. */
function asKept(
  { value, sequence }: Answer<WorkloadPage>,
  before: WorkloadPage | undefined,
  row: (uid: string) => KeptRow | undefined,
): WorkloadPage | undefined {
  const { fingerprint, items } = value;
  if (fingerprint === undefined || items.some(({ uid }) => row(uid) === undefined)) return undefined;
  if (fingerprint === before?.fingerprint) return before;
  const kept = items.map((facts) => {
    const known = row(facts.uid);
    // Else it was read again since, maybe with something else to say.
    return known?.sequence === sequence ? known.facts : facts;
  });
  return { ...value, items: kept };
}
