import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { changelogSection } from './release/changelog.ts';
import { statedVersions } from './release/stated-versions.ts';

/**
 * `npm run release-notes -- VERSION`: prints what the changelog says of a version. Fails where it says nothing, or a file
 * states another version.
 */
const root = join(import.meta.dirname, '..');

function main([version, ...more]: readonly string[]): number {
  if (version === undefined || more.length > 0) {
    console.error('usage: npm run release-notes -- VERSION, such as 0.2.0');
    return 2;
  }
  const others = statedVersions(root).filter((stated) => stated.version !== version);
  for (const { place, version: other } of others)
    console.error(`${place} states version ${other}, not ${version}: change it and tag again`);
  if (others.length > 0) return 1;
  try {
    process.stdout.write(changelogSection(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version));
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
