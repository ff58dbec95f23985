import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { deploymentOf } from './support/objects.ts';
import { chartFolder, kustomize, manifestsFolder, render, root, type Values } from './support/programs.ts';

/** The YAML blocks of docs/install.md, by the file that their first line names. */
const page = await readFile(join(root, 'docs', 'install.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n# (\S+)\n(.*?)^```/gms)].map((match) => ({
  file: match[1]!,
  text: match[2]!,
  title: match[2]!.trim().replaceAll(/\s+/g, ' ').slice(0, 70),
}));
const named = (file: string): typeof blocks => blocks.filter((block) => block.file === file);

describe('docs/install.md', () => {
  it.each(named('values.yaml'))('shows values that the chart takes: $title', async ({ text }) => {
    const objects = await render({ values: parse(text) as Values });
    expect(objects).not.toEqual(await render());
  });

  it.each(named('kustomization.yaml'))('shows a kustomization that builds: $title', async ({ text }) => {
    const place = await mkdtemp(join(tmpdir(), 'modelarts-operator-install-'));
    try {
      const beside = join(place, 'mine');
      await mkdir(beside);
      await symlink(manifestsFolder, join(place, 'manifests'));
      await writeFile(join(beside, 'kustomization.yaml'), text);
      const { image } = deploymentOf(await kustomize(beside)).spec.template.spec.containers[0];
      expect(image).toMatch(/^registry\.example\.com\/modelarts-operator:/);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('has all its YAML tried here', () => {
    expect(page.match(/^```yaml$/gm)).toHaveLength(blocks.length);
    expect(named('values.yaml').length).toBeGreaterThan(3);
    expect(named('kustomization.yaml')).toHaveLength(1);
  });
});

it('the chart has the version of the program', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const chart = parse(await readFile(join(chartFolder, 'Chart.yaml'), 'utf8')) as Record<string, unknown>;
  expect(chart).toMatchObject({ version, appVersion: version });
});
