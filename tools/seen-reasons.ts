import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { conditionReasons, eventReasons } from '../src/api/reasons.ts';

/** Environment variable: the folder into which the integration tests write what they saw (test/support/seen-reasons.ts). */
export const seenFolderVariable = 'MODELARTS_TEST_SEEN';

/** What the tests of a run saw, a line each: `condition <kind> <type> <status> <reason>` or `event <kind> <reason>`. */
export async function readSeen(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return [...new Set(lines)].sort();
}

/**
 * How what was seen on the apiserver and the catalogue of reasons differ; empty when they agree. `all`: every test ran,
 * so that a reason which nobody saw has no test.
 */
export function reasonProblems(seen: readonly string[], all: boolean): string[] {
  const conditions = new Set<string>();
  const events = new Set<string>();
  const problems: string[] = [];
  for (const line of seen) {
    const [what, ...words] = line.split(' ');
    const reason = words.at(-1) ?? '';
    const catalogue = what === 'event' ? eventReasons : conditionReasons;
    (what === 'event' ? events : conditions).add(reason);
    // The state of a driver is ModelArts' own word.
    const known = Object.hasOwn(catalogue, reason) || words[1] === 'DriverReady';
    if (!known) problems.push(`seen, and not in src/api/reasons.ts: ${line}`);
  }
  if (!all) return problems;
  const unseen = (what: string, catalogue: object, met: ReadonlySet<string>): string[] =>
    Object.keys(catalogue)
      .filter((reason) => !met.has(reason))
      .map((reason) => `in src/api/reasons.ts, and seen by no integration test: ${what} reason ${reason}`);
  return [
    ...problems,
    ...unseen('condition', conditionReasons, conditions),
    ...unseen('Event', eventReasons, events),
  ];
}
