import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { mutations } from '../test/simulation/mutations.ts';
import { shrink } from '../test/simulation/shrink.ts';
import { simulate, type Outcome } from '../test/simulation/simulate.ts';

/**
 * `npm run sim -- --seeds N [--seed S] [--shrink] [--only ID,ID] [--verbose] [--workers W]
 * [--mutation TEXT]`: runs N seeds of the simulation from S on (docs/reliability-simulation.md) and prints those that
 * break an invariant. Ends with 1 where one did. `--mutation` puts an error of test/simulation/mutations.ts in.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    shrink: { type: 'boolean', default: false },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    workers: { type: 'string' },
    mutation: { type: 'string' },
  },
});
const first = wholeNumber('seed', values.seed);
const count = wholeNumber('seeds', values.seeds);
const workers = Math.min(wholeNumber('workers', values.workers ?? String(availableParallelism())), count);

const make = planted(values.mutation);

if (workers > 1) process.exitCode = await shareOut();
else process.exitCode = await runSeeds();

/** Every worker is a process of its own: what one seed leaves in memory is no matter for the others. */
async function shareOut(): Promise<number> {
  const started = performance.now();
  const share = Math.ceil(count / workers);
  const codes = await Promise.all(
    Array.from({ length: workers }, (_, i) => {
      const from = i * share;
      const seeds = Math.min(share, count - from);
      if (seeds <= 0) return Promise.resolve(0);
      const args = [
        `--seed=${first + from}`,
        `--seeds=${seeds}`,
        '--workers=1',
        ...(values.shrink ? ['--shrink'] : []),
        ...(values.mutation === undefined ? [] : [`--mutation=${values.mutation}`]),
      ];
      const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...args], {
        stdio: 'inherit',
      });
      return new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)));
    }),
  );
  const minutes = (performance.now() - started) / 60_000;
  console.log(`${count} seeds in ${minutes.toFixed(1)} min, ${Math.round(count / minutes)} a minute`);
  return Math.max(...codes);
}

async function runSeeds(): Promise<number> {
  const allowed = values.only === undefined ? undefined : new Set(values.only.split(','));
  const say = values.verbose ? (line: string): void => console.log(line) : undefined;
  let failures = 0;
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate({ seed, allowed, say, mutation: make?.() });
    if (count === 1)
      console.log(`seed ${seed}: trace ${outcome.hash}, ${outcome.events} events, ${outcome.story.sharing}`);
    if (outcome.violations.length === 0) continue;
    failures++;
    report(outcome);
    if (values.shrink) {
      const { outcome: smallest, needed, runs } = await shrink(outcome, make && { make });
      console.log(`  shrunk in ${runs} runs to ${needed.length} of ${outcome.struck.length}:`);
      report(smallest, needed);
    }
  }
  console.log(`seeds ${first} to ${first + count - 1}: ${failures} broke an invariant`);
  return failures > 0 ? 1 : 0;
}

function report({ seed, violations, hash }: Outcome, needed?: readonly string[]): void {
  for (const { invariant, at, text } of violations)
    console.log(`seed ${seed}: ${invariant} at ${(at / 1000).toFixed(3)} s: ${text}`);
  const only = needed === undefined ? '' : ` --only '${needed.join(',')}'`;
  console.log(`  npm run sim -- --seed ${seed}${only} --verbose   # trace ${hash}`);
}

function planted(what: string | undefined): (typeof mutations)[string]['make'] | undefined {
  if (what === undefined) return undefined;
  const mutation = mutations[what];
  if (mutation !== undefined) return mutation.make;
  throw new Error(`--mutation must be one of: ${Object.keys(mutations).join('; ')}`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} must be a whole number, not ${text}`);
}
