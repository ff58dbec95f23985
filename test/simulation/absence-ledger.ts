/**
 * What one process has been told of absences (invariant 3), counted from the answers as they came to it: how many lists
 * in a row lacked a thing. A deletion needs as many; it may need more.
 */
export class AbsenceLedger {
  /** By project: ids in the order of lists. */
  readonly #lacks = new Map<string, Map<string, number>>();
  readonly #confirmed = new Set<string>();

  /** A whole list came; `known` are those that were to be expected in it. */
  listed(scope: string, ids: ReadonlySet<string>, known: Iterable<string>): void {
    const lacks = this.#lacks.get(scope) ?? new Map<string, number>();
    this.#lacks.set(scope, lacks);
    for (const id of known) {
      if (!ids.has(id)) lacks.set(id, (lacks.get(id) ?? 0) + 1);
    }
    for (const id of ids) {
      lacks.delete(id);
      this.#confirmed.delete(`${scope}/${id}`);
    }
  }

  /** The detail read said that it does not exist. */
  detailGone(scope: string, id: string): void {
    this.#confirmed.add(`${scope}/${id}`);
  }

  lacks(scope: string, id: string): number {
    return this.#lacks.get(scope)?.get(id) ?? 0;
  }

  confirmed(scope: string, id: string): boolean {
    return this.#confirmed.has(`${scope}/${id}`);
  }
}
