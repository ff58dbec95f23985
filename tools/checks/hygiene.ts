import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, runCommand } from '../run-command.ts';
import { failed, passed, skipped, type Check } from './check.ts';

/** Addresses in the lock file would tie every checkout to the registry that one developer happened to use. */
export const lockFileCheck: Check = {
  name: 'lock file holds no addresses',
  run: async () => {
    const lines = readFileSync(join(root, 'package-lock.json'), 'utf8').split('\n');
    const found = lines.flatMap((line, index) =>
      /"resolved":/.test(line) ? [`package-lock.json:${index + 1}: ${line.trim()}`] : [],
    );
    if (found.length === 0) return passed;
    return failed(
      `${found.slice(0, 10).join('\n')}\nRun npm install once more: .npmrc leaves the addresses out.`,
    );
  },
};

/** A path of somebody's machine in a committed file works nowhere else. */
export const machinePathCheck: Check = {
  name: 'no paths of one machine',
  run: async (signal) => {
    const listing = await runCommand(['git', 'ls-files', '-z'], signal).catch(() => undefined);
    if (listing === undefined || listing.code !== 0)
      return skipped('this is no git checkout, and what is committed is unknown');
    const found = listing.output
      .split('\0')
      .filter((file) => file !== '' && existsSync(join(root, file)))
      .flatMap((file) =>
        machinePaths(readFileSync(join(root, file), 'utf8'), root).map((path) => `${file}: ${path}`),
      );
    return found.length === 0 ? passed : failed(found.slice(0, 20).join('\n'));
  },
};

/**
 * Paths below a person's home folder, or below the folder `checkout`. Users that container images define are nobody's
 * machine; a checkout directly below `/` (as in containers) is too common a word to look for.
 */
export function machinePaths(text: string, checkout: string): string[] {
  const homes =
    text.match(/(?<![\w.:/-])\/(?:home|Users)\/(?!node\/|nonroot\/|user\/)[\w.-]+\/[^\s'"`)]*/g) ?? [];
  const below = checkout.split('/').length > 2 && text.includes(`${checkout}/`) ? [`${checkout}/…`] : [];
  return [...new Set([...homes, ...below])];
}
