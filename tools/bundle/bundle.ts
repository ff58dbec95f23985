import { readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

import { root } from '../run-command.ts';

export const entry = join(root, 'src', 'main.ts');

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
    // By the end of its path: where node_modules is a link, esbuild names the file by what the link leads to.
    onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      importer.endsWith(join('@kubernetes', 'client-node', 'dist', 'config.js'))
        ? { path: 'generated client', namespace: 'left out' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'left out' }, () => ({
      contents: `const leftOut = () => { throw new Error('the generated client is not in this bundle'); };
        export { leftOut as createConfiguration, leftOut as ServerConfiguration };`,
    }));
  },
};

/**
 * Bundles src/main.ts into `outfile`, or only finds out what would be in it. Undefined when esbuild has errors, which it
 * prints.
 */
export async function bundle(
  outfile: string,
  { write = true }: { readonly write?: boolean } = {},
): Promise<Metafile | undefined> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    write,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    charset: 'ascii',
    sourcemap: 'linked',
    legalComments: 'inline',
    // `debug` takes it where it happens to be installed, as some development dependency may have brought about.
    external: ['supports-color'],
    plugins: [requireBuiltins, onlyTheKubeConfig],
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  }).catch(() => undefined);
  if (result !== undefined && write) await onlyAscii(outfile);
  return result?.metafile;
}

/** esbuild leaves comments as they are. One other character, and V8 keeps two bytes for each of the whole text. */
async function onlyAscii(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const escaped = text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  await writeFile(file, escaped);
}
