/** Where each pass is a thorough one, or each second, chance says which: over fewer the mean would waver. */
const least = 8;

/**
 * What passes cost on average, in requests. Over as many passes as `maxStaleness` holds, of which one is always a
 * thorough one, and over some in any case: so the mean stands still while the world does, and `status.effective` with it.
 */
export class RequestCost {
  readonly #passes: number[] = [];
  readonly #span: () => number;

  /** `span`: over how many passes; asked each time, because intervals are stretched. */
  constructor(span: () => number) {
    this.#span = span;
  }

  /** Requests a pass; 0 before the first. */
  get mean(): number {
    if (this.#passes.length === 0) return 0;
    return this.#passes.reduce((sum, requests) => sum + requests, 0) / this.#passes.length;
  }

  add(requests: number): void {
    this.#passes.push(requests);
    const most = Math.min(100, Math.max(least, Math.round(this.#span())));
    this.#passes.splice(0, this.#passes.length - most);
  }
}
