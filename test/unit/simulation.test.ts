/** The whole operator on virtual time, between models of both servers. See docs/reliability-simulation.md. */
import { describe, expect, it } from '@jest/globals';

import { mutations } from '../simulation/mutations.ts';
import { shrink } from '../simulation/shrink.ts';
import { simulate, type Outcome } from '../simulation/simulate.ts';
import { Program } from '../support/program.ts';

/** Of every run of the tests the same: another seed that fails is found by `npm run sim`, and then stands here. */
const seeds = Array.from({ length: 300 }, (_, i) => i + 1);
/** In which an error put in on purpose must be found. */
const mostSeeds = 8;

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

  it.each([6])('seed %i happens twice in the same way, and another in another', async (seed) => {
    const once = await simulate({ seed });
    const again = await simulate({ seed });
    expect(again.hash).toBe(once.hash);
    expect(again.struck).toEqual(once.struck);
    expect((await simulate({ seed: seed + 1 })).hash).not.toBe(once.hash);
  });

  it.each(Object.entries(mutations))('finds that %s', async (_what, { breaks, make }) => {
    const found = await firstFailure(make);
    expect(breaks).toContain(found?.violations[0]?.invariant);
  });

  it('shrinks a failure to fewer faults that still break the same invariant', async () => {
    const make = mutations['Retry-After is not read']?.make;
    if (make === undefined) throw new Error('there is no such mutation');
    const failed = await firstFailure(make);
    if (failed === undefined) throw new Error('no seed found it');
    const { outcome, needed } = await shrink(failed, { make, mostRuns: 20 });
    expect(needed.length).toBeLessThan(failed.struck.length);
    const again = await simulate({ seed: failed.seed, allowed: new Set(needed), mutation: make() });
    expect(again.violations[0]?.invariant).toBe('Polite');
    expect(again.hash).toBe(outcome.hash);
  });

  it('npm run sim ends with 1 and names the seed, from each of its workers', async () => {
    const mutation = '--mutation=the credential stands in a status';
    const sim = new Program([process.execPath, 'tools/sim.ts', '--seeds=2', '--workers=2', mutation], {
      cwd: process.cwd(),
    });
    const { code, stdout } = await sim.ended;
    expect(stdout).toContain('npm run sim -- --seed 1 ');
    expect(stdout).toContain('npm run sim -- --seed 2 ');
    expect(stdout).toContain('2 seeds in ');
    expect(code).toBe(1);
  });
});

async function firstFailure(make: (typeof mutations)[string]['make']): Promise<Outcome | undefined> {
  for (let seed = 1; seed <= mostSeeds; seed++) {
    const outcome = await simulate({ seed, mutation: make() });
    if (outcome.violations.length > 0) return outcome;
  }
  return undefined;
}
