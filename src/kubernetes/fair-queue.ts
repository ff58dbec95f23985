import { Fifo } from './fifo.ts';

interface Group<T> {
  readonly name: string;
  readonly items: Fifo<T>;
}

/** One first-in-first-out line per group, served in turn: a group with much to do delays another by one item. */
export class FairQueue<T> {
  readonly #groups = new Map<string, Group<T>>();
  /** Groups with something to serve, the next one first. */
  readonly #turns = new Fifo<Group<T>>();

  push(groupName: string, item: T): void {
    let group = this.#groups.get(groupName);
    if (!group) {
      group = { name: groupName, items: new Fifo() };
      this.#groups.set(groupName, group);
      this.#turns.push(group);
    }
    group.items.push(item);
  }

  /** The next item for which `wanted` holds; those passed over are dropped, and cost their group no turn. */
  shift(wanted: (item: T) => boolean): T | undefined {
    for (;;) {
      const group = this.#turns.shift();
      if (!group) return undefined;
      let item = group.items.shift();
      while (item !== undefined && !wanted(item)) item = group.items.shift();
      if (group.items.length > 0) this.#turns.push(group);
      else this.#groups.delete(group.name);
      if (item !== undefined) return item;
    }
  }
}
