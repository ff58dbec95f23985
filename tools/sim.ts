import { fork } from 'node:child_process';
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
    // Of this program alone: it is given seeds by the process that started it.
    worker: { type: 'boolean', default: false },
  },
});
const first = wholeNumber('seed', values.seed);
const count = wholeNumber('seeds', values.seeds);
const workers = Math.min(wholeNumber('workers', values.workers ?? String(availableParallelism())), count);

const make = planted(values.mutation);

/** Some seeds, one after another. */
interface Portion {
  readonly from: number;
  readonly size: number;
}
/** So few that no worker has much to do when the others are done. */
const mostSeedsOfPortion = 20;

if (values.worker) serve();
else {
  const started = performance.now();
  const failures = workers > 1 ? await shareOut() : await runSeeds({ from: first, size: count });
  const minutes = (performance.now() - started) / 60_000;
  console.log(`seeds ${first} to ${first + count - 1}: ${failures} broke an invariant`);
  console.log(`${count} seeds in ${minutes.toFixed(1)} min, ${Math.round(count / minutes)} a minute`);
  process.exitCode = failures > 0 ? 1 : 0;
}

/** Every worker is a process of its own: what one seed leaves in memory is no matter for the others. */
async function shareOut(): Promise<number> {
  const size = Math.min(mostSeedsOfPortion, Math.ceil(count / workers));
  const end = first + count;
  let next = first;
  let failures = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const args = [
        '--worker',
        ...(values.shrink ? ['--shrink'] : []),
        ...(values.mutation === undefined ? [] : [`--mutation=${values.mutation}`]),
      ];
      const child = fork(import.meta.filename, args);
      const give = (): void => {
        if (next >= end) return child.disconnect();
        const portion: Portion = { from: next, size: Math.min(size, end - next) };
        next += portion.size;
        child.send(portion);
      };
      child.on('message', (broken) => {
        failures += Number(broken);
        give();
      });
      child.once('error', reject);
      child.once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with ${code} before its seeds were done`)),
      );
      give();
    });
  await Promise.all(Array.from({ length: workers }, work));
  return failures;
}

/** Takes portions until the other side hangs up. */
function serve(): void {
  process.on('message', (portion: Portion) => {
    void runSeeds(portion).then((broken) => process.send?.(broken));
  });
}

async function runSeeds({ from, size }: Portion): Promise<number> {
  const allowed = values.only === undefined ? undefined : new Set(values.only.split(','));
  const say = values.verbose ? (line: string): void => console.log(line) : undefined;
  let failures = 0;
  for (let seed = from; seed < from + size; seed++) {
    const outcome = await simulate({ seed, allowed, say, mutation: make?.() });
    if (count === 1 && !values.worker)
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
  return failures;
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
