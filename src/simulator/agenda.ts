interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** What is due when: a binary heap. Of what is due at one instant, the earlier entered runs first. */
export class Agenda {
  #heap: Entry[] = [];
  #order = 0;

  /** Returns a function that takes the entry off (harmless when it has run). */
  add(at: number, run: () => void): () => void {
    const entry: Entry = { at, order: this.#order++, run };
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
    return () => {
      entry.run = null;
    };
  }

  /** Takes off and returns what is due first, if that is not after `until`. */
  next(until: number): { at: number; run: () => void } | undefined {
    for (let top = this.#heap[0]; top !== undefined && top.at <= until; top = this.#heap[0]) {
      this.#removeTop();
      const run = top.run;
      if (run !== null) {
        top.run = null;
        return { at: top.at, run };
      }
    }
    return undefined;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && this.#before(child, least)) least = child;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #before(i: number, j: number): boolean {
    const a = this.#heap[i] as Entry;
    const b = this.#heap[j] as Entry;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swap(i: number, j: number): void {
    [this.#heap[i], this.#heap[j]] = [this.#heap[j] as Entry, this.#heap[i] as Entry];
  }
}
