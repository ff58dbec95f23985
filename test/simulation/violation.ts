/** A broken invariant of the design, when and how. */
export interface Violation {
  readonly invariant: string;
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly text: string;
}

/** Takes violations in; a run ends with its first. */
export class Verdict {
  readonly violations: Violation[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  must(holds: boolean, invariant: string, text: () => string): void {
    if (!holds) this.violations.push({ invariant, at: this.#now(), text: text() });
  }

  get broken(): boolean {
    return this.violations.length > 0;
  }
}
