import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundle } from '../bundle/bundle.ts';
import { licenceTroubles, strayPackages, type Locked } from '../bundle/licences.ts';
import { bundledPackages } from '../bundle/packages.ts';
import { root } from '../run-command.ts';
import { failed, passed, type Check } from './check.ts';

/** Of what is really in the bundle, not of all that is installed. */
export const licenceCheck: Check = {
  name: 'licences of what is bundled',
  run: async () => {
    const metafile = await bundle(join(root, 'dist', 'modelarts-operator.mjs'), { write: false });
    if (metafile === undefined) return failed('esbuild does not bundle src/main.ts: npm run build says why');
    const packages = bundledPackages(metafile);
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Locked };
    const troubles = [...licenceTroubles(packages), ...strayPackages(packages, lock.packages)];
    return troubles.length === 0 ? passed : failed(troubles.join('\n'));
  },
};
