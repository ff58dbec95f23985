import { chmodSync, existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

import { root } from './run-command.ts';

/**
 * `npm run build [-- folder]`: bundles src/main.ts into one ESM file, modelarts-operator.mjs in `dist/` or the folder
 * named, that a bare Node runs from anywhere.
 */
const entry = join(root, 'src', 'main.ts');
const outfile = join(resolve(process.argv[2] ?? join(root, 'dist')), 'modelarts-operator.mjs');

/** The first statements of the bundle. `require` serves its CommonJS packages, and Node's own modules. */
const banner = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error('modelarts-operator needs Node 22.15 or newer, and this is ' + process.versions.node + '.');
  process.exit(2);
}
const require = (await import('node:module')).createRequire(import.meta.url);`;

/**
 * Static imports are linked before any statement runs: an old Node that lacks one name of a module of its own would end
 * with a SyntaxError before the banner can speak. So Node's modules are required where they are used.
 */
const requireBuiltins: Plugin = {
  name: 'require Node’s own modules',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[a-z][\w:/-]*$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

const clientLibrary = join(root, 'node_modules', '@kubernetes', 'client-node', 'dist');

/**
 * Of the client library only the reading of kubeconfigs serves. The rest of it, with a class for each kind of
 * Kubernetes, would be most of the bundle, and half of the time that a start takes. Where the library is laid out in
 * another way one day, the build fails.
 */
const onlyTheKubeConfig: Plugin = {
  name: 'only the kubeconfig of the client library',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: join(clientLibrary, 'config.js') }));
    onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      importer === join(clientLibrary, 'config.js')
        ? { path: 'generated client', namespace: 'left out' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'left out' }, () => ({
      contents: `const leftOut = () => { throw new Error('the generated client is not in this bundle'); };
        export { leftOut as createConfiguration, leftOut as ServerConfiguration };`,
    }));
  },
};

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
    plugins: [requireBuiltins, onlyTheKubeConfig],
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
    console.log(`${outfile}: ${megabytes} MB in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
} else {
  console.error('src/main.ts is missing: there is nothing to build');
  process.exitCode = 1;
}
