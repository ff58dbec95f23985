interface Link<T> {
  readonly item: T;
  next: Link<T> | undefined;
}

/** First in, first out, in constant time: Array.shift would move everything each time. */
export class Fifo<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    const link: Link<T> = { item, next: undefined };
    if (this.#first === undefined) this.#first = link;
    else (this.#last as Link<T>).next = link;
    this.#last = link;
    this.#length++;
  }

  shift(): T | undefined {
    const link = this.#first;
    if (link === undefined) return undefined;
    this.#first = link.next;
    // A dead link in old memory would keep the young ones after it alive.
    link.next = undefined;
    this.#length--;
    return link.item;
  }
}
