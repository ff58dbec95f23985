import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Metafile } from 'esbuild';

import { licenceTroubles, strayPackages } from '../../tools/bundle/licences.ts';
import { notices } from '../../tools/bundle/notices.ts';
import { bundledPackages } from '../../tools/bundle/packages.ts';
import { repeatable } from '../../tools/bundle/sbom.ts';

const folder = mkdtempSync(join(tmpdir(), 'modelarts-operator-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

function install(path: string, about: object, files: Record<string, string> = {}): void {
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify(about), ...files })) {
    mkdirSync(dirname(join(folder, path, file)), { recursive: true });
    writeFileSync(join(folder, path, file), text);
  }
}

install(
  'node_modules/good',
  { name: 'good', version: '1.0.0', license: 'MIT' },
  { LICENSE: 'the terms\r\n' },
);
install(
  'node_modules/good/node_modules/@in/side',
  { name: '@in/side', version: '2.0.0', license: 'GPL-3.0' },
  {
    'licence.md': 'other terms',
    'NOTICE.txt': 'made by somebody',
  },
);
install('node_modules/silent', { name: 'silent', version: '3.0.0' }, { LICENSE: 'terms' });
install('node_modules/bare', { name: 'bare', version: '4.0.0', license: 'ISC' });

const inputs = [
  'src/main.ts',
  'node_modules/good/index.js',
  'node_modules/good/lib/more.js',
  'node_modules/good/node_modules/@in/side/index.js',
  'node_modules/silent/index.js',
  'node_modules/bare/index.js',
];
const metafile = { inputs: Object.fromEntries(inputs.map((path) => [path, {}])), outputs: {} } as unknown;
const packages = bundledPackages(metafile as Metafile, folder);

describe('what is in the bundle', () => {
  it('is named once a package, with its licence and its legal texts', () => {
    expect(packages.map(({ name, version, licence, texts }) => [name, version, licence, texts])).toEqual([
      ['@in/side', '2.0.0', 'GPL-3.0', ['made by somebody', 'other terms']],
      ['bare', '4.0.0', 'ISC', []],
      ['good', '1.0.0', 'MIT', ['the terms']],
      ['silent', '3.0.0', undefined, ['terms']],
    ]);
  });

  it('must be under a licence that is known and brought along', () => {
    expect(licenceTroubles(packages)).toEqual([
      expect.stringMatching(/^@in\/side 2\.0\.0 is under GPL-3\.0; allowed: 0BSD, Apache-2\.0, /),
      'bare 4.0.0 brings no text of its licence, ISC',
      'silent 3.0.0 names no licence',
    ]);
  });

  it('must be a dependency of the product', () => {
    const locked = {
      'node_modules/good': {},
      'node_modules/good/node_modules/@in/side': {},
      'node_modules/silent': { dev: true },
    };
    expect(strayPackages(packages, locked)).toEqual([
      'bare 4.0.0 is bundled, and is no dependency of the product',
      'silent 3.0.0 is bundled, and is no dependency of the product',
    ]);
  });

  it('is in the notices with every text', () => {
    const text = notices(packages);
    for (const part of [
      'good 1.0.0: MIT',
      'silent 3.0.0: not named',
      'the terms',
      'made by somebody',
      'other terms',
    ])
      expect(text).toContain(part);
  });
});

it('the bill of materials holds nothing of one build, one machine or one registry', () => {
  const download = { type: 'distribution', url: 'https://registry.example/good.tgz' };
  const website = { type: 'website', url: 'https://good.example' };
  const bill = {
    bomFormat: 'CycloneDX',
    serialNumber: 'urn:uuid:1',
    metadata: {
      timestamp: '2026-01-01T00:00:00Z',
      tools: [{ name: 'cli' }],
      lifecycles: [],
      component: { name: 'folder', version: '0.1.0' },
    },
    components: [{ name: 'good', version: '1.0.0', externalReferences: [download, website] }],
  };
  expect(repeatable(bill)).toEqual({
    bomFormat: 'CycloneDX',
    metadata: {
      lifecycles: [],
      component: { name: 'modelarts-operator', version: '0.1.0', externalReferences: [] },
    },
    components: [{ name: 'good', version: '1.0.0', externalReferences: [website] }],
  });
});
