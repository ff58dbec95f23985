import { simulate, type Outcome } from './simulate.ts';
import type { Mutation } from './stage.ts';

export interface ShrinkOptions {
  /** The error that was put in, anew for each run. */
  readonly make?: () => Mutation;
  /** The most runs that may be spent. Default 200. */
  readonly mostRuns?: number;
}

export interface Shrunk {
  readonly outcome: Outcome;
  /** What has to go wrong, and nothing else. */
  readonly needed: readonly string[];
  readonly runs: number;
}

/**
 * Looks for fewer faults and actions under which the same invariant still breaks: by halves, then by smaller parts,
 * until none can be left out any more (delta debugging). A run ends where it breaks, so fewer faults also are a shorter
 * story.
 */
export async function shrink(failed: Outcome, options: ShrinkOptions = {}): Promise<Shrunk> {
  const { make, mostRuns = 200 } = options;
  const invariant = failed.violations[0]?.invariant;
  let best = failed;
  let needed = [...failed.struck];
  let runs = 0;
  const breaks = async (allowed: readonly string[]): Promise<boolean> => {
    runs++;
    const outcome = await simulate({ seed: failed.seed, allowed: new Set(allowed), mutation: make?.() });
    if (outcome.violations[0]?.invariant !== invariant) return false;
    best = outcome;
    needed = [...outcome.struck];
    return true;
  };
  let parts = 1;
  while (needed.length > 0 && parts <= needed.length && runs < mostRuns) {
    const size = Math.ceil(needed.length / parts);
    let smaller = false;
    for (let from = 0; from < needed.length && runs < mostRuns;) {
      const rest = needed.toSpliced(from, size);
      // What struck may be fewer than what might have: `needed` is then another list, and the same place in it is next.
      if (await breaks(rest)) smaller = true;
      else from += size;
    }
    if (size === 1 && !smaller) break;
    parts = smaller ? Math.max(1, parts - 1) : Math.min(needed.length, parts * 2);
  }
  return { outcome: best, needed, runs };
}
