/** What happened, in order, as one number; and as text where somebody wants to read it. */
export class Trace {
  readonly #say: ((line: string) => void) | undefined;
  #low = 0xdeadbeef;
  #high = 0x41c6ce57;

  constructor(say?: (line: string) => void) {
    this.#say = say;
  }

  note(at: number, what: string): void {
    this.#take(Math.round(at * 1000) | 0);
    for (let i = 0; i < what.length; i++) this.#take(what.charCodeAt(i));
    this.#say?.(`${(at / 1000).toFixed(3).padStart(9)} ${what}`);
  }

  /** Equal for equal histories. */
  get hash(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Two multiplicative hashes side by side. */
  #take(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 2_654_435_761);
    this.#high = Math.imul(this.#high ^ value, 1_597_334_677) ^ (this.#low >>> 15);
  }
}
