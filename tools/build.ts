import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { bundle, entry } from './bundle/bundle.ts';
import { notices } from './bundle/notices.ts';
import { bundledPackages } from './bundle/packages.ts';
import { billOfMaterials } from './bundle/sbom.ts';
import { root } from './run-command.ts';

/**
 * `npm run build`: bundles src/main.ts into one ESM file, dist/modelarts-operator.mjs, that a bare Node runs from
 * anywhere; beside it the licences of the packages that are in it, and a CycloneDX bill of materials. With a folder named
 * (`-- folder`) all goes there, without the bill, for which npm is asked.
 */
const folder = process.argv[2];
const target = resolve(folder ?? join(root, 'dist'));
const outfile = join(target, 'modelarts-operator.mjs');

async function main(): Promise<string | undefined> {
  if (!existsSync(entry)) return 'src/main.ts is missing: there is nothing to build';
  const started = performance.now();
  const metafile = await bundle(outfile);
  if (metafile === undefined) return 'the bundle was not built: esbuild says why above';
  chmodSync(outfile, 0o755);
  const bytes = Object.values(metafile.outputs).map((output) => (output.entryPoint ? output.bytes : 0));
  const megabytes = (Math.max(...bytes) / 1e6).toFixed(1);
  console.log(`${outfile}: ${megabytes} MB in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const packages = bundledPackages(metafile);
  writeFileSync(join(target, 'THIRD-PARTY-NOTICES'), notices(packages));
  if (folder !== undefined) return undefined;
  const bill = await billOfMaterials();
  if (typeof bill === 'string') return bill;
  writeFileSync(join(target, 'modelarts-operator.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
  console.log(
    `with the licences of ${packages.length} packages, and a bill of materials of ${bill.components.length}`,
  );
  return undefined;
}

const trouble = await main();
if (trouble !== undefined) {
  console.error(trouble);
  process.exitCode = 1;
}
