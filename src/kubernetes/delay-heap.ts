/** Something that waits for a time. `position` is the heap's own bookkeeping: -1 while it is in none. */
export interface Delayed {
  due: number;
  position: number;
}

/** A binary heap, earliest first, whose items can be moved and removed in place. */
export class DelayHeap<T extends Delayed> {
  readonly #items: T[] = [];

  first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#place(item, this.#items.length);
    this.#up(item.position);
  }

  /** Call after `item.due` became earlier. */
  movedEarlier(item: T): void {
    this.#up(item.position);
  }

  /** `item` must be in the heap. */
  remove(item: T): void {
    const at = item.position;
    const last = this.#items.pop() as T;
    item.position = -1;
    if (last === item) return;
    this.#place(last, at);
    this.#up(at);
    this.#down(last.position);
  }

  #up(from: number): void {
    let at = from;
    const item = this.#items[at] as T;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#items[parentAt] as T;
      if (parent.due <= item.due) break;
      this.#place(parent, at);
      at = parentAt;
    }
    this.#place(item, at);
  }

  #down(from: number): void {
    let at = from;
    const item = this.#items[at] as T;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = this.#items[childAt];
      if (child === undefined) break;
      const right = this.#items[childAt + 1];
      if (right !== undefined && right.due < child.due) {
        child = right;
        childAt++;
      }
      if (item.due <= child.due) break;
      this.#place(child, at);
      at = childAt;
    }
    this.#place(item, at);
  }

  #place(item: T, at: number): void {
    this.#items[at] = item;
    item.position = at;
  }
}
