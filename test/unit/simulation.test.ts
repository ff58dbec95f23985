/** The whole operator on virtual time, between models of both servers. See docs/reliability-simulation.md. */
import { describe, expect, it, jest } from '@jest/globals';

import { mutations } from '../simulation/mutations.ts';
import { shrink } from '../simulation/shrink.ts';
import { simulate } from '../simulation/simulate.ts';

jest.setTimeout(300_000);

/** Of every run of the tests the same: another seed that fails is found by `npm run sim`, and then stands here. */
const seeds = Array.from({ length: 120 }, (_, i) => i + 1);
/** In which an error put in on purpose must be found. */
const mostSeeds = 40;

describe('simulation', () => {
  it(`${seeds.length} seeds break no invariant`, async () => {
    const broken: string[] = [];
    for (const seed of seeds) {
      const { violations } = await simulate({ seed });
      for (const { invariant, text } of violations)
        broken.push(`npm run sim -- --seed ${seed} --shrink: ${invariant}: ${text}`);
    }
    expect(broken).toEqual([]);
  });

  it.each([2, 3, 4])('seed %i happens twice in the same way, and another in another', async (seed) => {
    const once = await simulate({ seed });
    const again = await simulate({ seed });
    expect(again.hash).toBe(once.hash);
    expect(again.struck).toEqual(once.struck);
    expect((await simulate({ seed: seed + 1 })).hash).not.toBe(once.hash);
  });

  it.each(Object.entries(mutations))('finds that %s', async (_what, { breaks, make }) => {
    let found: string | undefined;
    for (let seed = 1; seed <= mostSeeds && found === undefined; seed++) {
      const { violations } = await simulate({ seed, mutation: make() });
      found = violations[0]?.invariant;
    }
    expect(breaks).toContain(found);
  });

  it('shrinks what it found, and what is left still shows it', async () => {
    const { make } = mutations['Retry-After is not read']!;
    for (let seed = 1; ; seed++) {
      const failed = await simulate({ seed, mutation: make() });
      if (failed.violations.length === 0 || failed.struck.length < 3) continue;
      const { needed, outcome } = await shrink(failed, { make, mostRuns: 40 });
      expect(needed.length).toBeLessThan(failed.struck.length);
      expect(outcome.violations[0]?.invariant).toBe('Polite');
      const replayed = await simulate({ seed, mutation: make(), allowed: new Set(needed) });
      expect(replayed.hash).toBe(outcome.hash);
      return;
    }
  });
});
