import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root, runCommand } from '../../tools/run-command.ts';

export interface Bundle {
  /** The program; only the licences lie beside it, and no node_modules is near. */
  readonly file: string;
  readonly folder: string;
  remove(): Promise<void>;
}

/** What `npm run build` makes. Rejects with what the build said when it fails. */
export async function buildBundle(): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-bundle-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const { code, output } = await runCommand([process.execPath, join(root, 'tools', 'build.ts'), folder]);
  if (code !== 0) {
    await remove();
    throw new Error(`the bundle could not be built:\n${output}`);
  }
  const file = join(folder, 'modelarts-operator.mjs');
  await rm(`${file}.map`);
  return { file, folder, remove };
}
