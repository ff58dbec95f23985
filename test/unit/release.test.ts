import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { changelogSection } from '../../tools/release/changelog.ts';
import { statedVersions } from '../../tools/release/stated-versions.ts';

const root = join(import.meta.dirname, '..', '..');
const workflows = join(root, '.github', 'workflows');

describe('a release', () => {
  it('finds the same version wherever one is stated', () => {
    const versions = statedVersions(root);
    expect(versions.map(({ version }) => version)).toEqual(versions.map(() => versions[0]!.version));
  });

  const changelog = [
    '# Changelog',
    '## [Unreleased]',
    '',
    '## [0.2.0] - 2026-12-01',
    '',
    '### Added',
    '',
    '- Something.',
    '',
    '## [0.1.0] - 2026-11-01',
    '- The first.',
    '',
    '[0.1.0]: https://example.com',
  ].join('\n');

  it.each([
    ['0.2.0', '### Added\n\n- Something.\n'],
    ['0.1.0', '- The first.\n'],
  ])('takes its notes from the section of %s', (version, notes) => {
    expect(changelogSection(changelog, version)).toBe(notes);
  });

  it.each([
    ['0.3.0', /no section "## \[0\.3\.0\]"/],
    ['Unreleased', /is empty/],
  ])('refuses %s, of which the changelog says nothing', (version, message) => {
    expect(() => changelogSection(changelog, version)).toThrow(message);
  });
});

describe('workflows', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };

  it.each(readdirSync(workflows))('%s runs scripts that there are, with as few rights as serve', (file) => {
    const workflow = parse(readFileSync(join(workflows, file), 'utf8')) as {
      permissions: unknown;
      jobs: Record<string, { 'timeout-minutes'?: number; steps: { run?: string }[] }>;
    };
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const jobs = Object.values(workflow.jobs);
    expect(jobs.filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
    const commands = jobs.flatMap(({ steps }) => steps.flatMap(({ run = '' }) => run.split('\n')));
    const named = commands.flatMap((line) =>
      [...line.matchAll(/(?:npm run|bootstrap\.mjs) ([a-z:-]+)/g)].map((match) => match[1]!),
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(commands.some((line) => /\.ci\/run|npm run/.test(line))).toBe(true);
  });
});
