import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';

import type { Check, Verdict } from './checks/check.ts';
import { failed } from './checks/check.ts';
import { checks } from './checks/index.ts';
import type { Counts } from './counts.ts';
import { noCounts } from './counts.ts';

/** Runs every check, as many side by side as there are cores, prints a line for each, and counts how they ended. */
export async function runChecks(signal: AbortSignal, all: readonly Check[] = checks): Promise<Counts> {
  const counts = noCounts();
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined && !signal.aborted; check = waiting.shift()) {
      const started = performance.now();
      const verdict = await check.run(signal).catch((error: unknown) => failed(String(error)));
      counts[verdict.is] += 1;
      console.log(describe(check.name, verdict, performance.now() - started));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return counts;
}

function describe(name: string, verdict: Verdict, ms: number): string {
  const took = `(${(ms / 1000).toFixed(1)} s)`;
  if (verdict.is === 'passed') return `ok ${name} ${took}`;
  if (verdict.is === 'skipped') return `skipped ${name}: ${verdict.reason}`;
  return `FAILED ${name} ${took}\n${verdict.output.trimEnd().replaceAll(/^/gm, '  ')}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const counts = await runChecks(new AbortController().signal);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
