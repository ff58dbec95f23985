import type { DecodeIssue } from '../api/facts.ts';
import { isWanted } from './job-types.ts';
import type { WorkloadWalk } from './walk.ts';
import { isTerminal } from './workload-observations.ts';
import type { WorkloadPass } from './workload-pass.ts';

/** What a pass has come to so far. */
export class WorkloadTally {
  readonly issues: DecodeIssue[] = [];
  readonly touched = new Set<string>();
  /** By the status that was asked for; '' for all. */
  readonly lists = new Map<string, WorkloadWalk['pages']>();
  /** Every list was read that there is to read. */
  whole = false;
  requests = 0;
  readonly #pass: WorkloadPass;

  constructor(pass: WorkloadPass) {
    this.#pass = pass;
  }

  /** `all`: also what looks as it did. */
  add(list: string, walk: WorkloadWalk, all: boolean): void {
    const { pool, observations, family, known, onActive } = this.#pass;
    this.lists.set(list, walk.pages);
    this.requests += walk.requests;
    this.issues.push(...walk.issues);
    const rows = [...walk.rows.values()].filter(({ facts }) => isWanted(facts.type, this.#pass.spec.types));
    const different = observations.applyRows(pool, rows, family, known);
    const active: string[] = [];
    for (const row of rows) {
      const { uid } = row.facts;
      if (!all && !different.has(uid)) continue;
      if (onActive === undefined || isTerminal(row)) this.touched.add(uid);
      else active.push(uid);
    }
    onActive?.(active);
  }
}
