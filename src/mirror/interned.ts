/** Makes one object of values that are equal as JSON, for as long as somebody holds it. */
export class Interned {
  readonly #values = new Map<string, WeakRef<object>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    // Another one may have come since.
    if (this.#values.get(key)?.deref() === undefined) this.#values.delete(key);
  });

  same<V extends object>(value: V): V {
    const key = JSON.stringify(value);
    const known = this.#values.get(key)?.deref();
    if (known !== undefined) return known as V;
    this.#values.set(key, new WeakRef(value));
    this.#gone.register(value, key);
    return value;
  }
}
