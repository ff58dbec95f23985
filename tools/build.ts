import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

import { root } from './run-command.ts';

/**
 * Bundles src/main.ts into one ESM file that a bare Node runs from any folder. Static imports run before any statement
 * of their file, but bundled modules are no imports any more: the banner's check comes first, and can speak to an old
 * Node before anything of ours asks for what it lacks. `require` serves CommonJS packages inside the bundle.
 */
const banner = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error('modelarts-operator needs Node 22.15 or newer, and this is ' + process.versions.node + '.');
  process.exit(2);
}
const require = (await import('node:module')).createRequire(import.meta.url);`;

const entry = join(root, 'src', 'main.ts');
const outfile = join(root, 'dist', 'modelarts-operator.mjs');

if (existsSync(entry)) {
  const started = performance.now();
  const result = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    charset: 'utf8',
    sourcemap: 'linked',
    legalComments: 'inline',
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  }).catch(() => undefined);
  if (result === undefined) {
    console.error('the bundle was not built: esbuild says why above');
    process.exitCode = 1;
  } else {
    chmodSync(outfile, 0o755);
    const megabytes = (
      Math.max(
        ...Object.values(result.metafile.outputs).map(({ bytes, entryPoint }) => (entryPoint ? bytes : 0)),
      ) / 1e6
    ).toFixed(1);
    console.log(
      `dist/modelarts-operator.mjs: ${megabytes} MB in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  }
} else {
  console.error('src/main.ts is missing: there is nothing to build');
  process.exitCode = 1;
}
