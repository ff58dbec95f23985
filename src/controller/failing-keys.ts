import { groupOf } from './keys.ts';
import type { Outcome } from './outcome.ts';

/** So often in a row a pass is tried before `sync` takes its failure for final: some fifteen seconds of back-off. */
const triesOfSync = 6;

/** The keys whose last pass failed. Bounded by what exists: a key leaves with the pass that works. */
export class FailingKeys {
  /** Failures in a row; Infinity: it is not tried again. */
  readonly #failures = new Map<string, number>();

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  failed(key: string, meaning: Outcome): void {
    if (meaning.do !== 'stop') this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
    else if (meaning.loud) this.#failures.set(key, Infinity);
    else this.#failures.delete(key);
  }

  /** One is being tried again, and has not failed so often that nothing is to be hoped for. */
  get retrying(): boolean {
    for (const failures of this.#failures.values()) if (failures < triesOfSync) return true;
    return false;
  }

  /** The `namespace/project`s that have such a key. */
  projects(): ReadonlySet<string> {
    return new Set([...this.#failures.keys()].map(groupOf));
  }
}
