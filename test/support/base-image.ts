import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer } from 'testcontainers';

import { runCommand } from '../../tools/run-command.ts';

/**
 * Builds what stands in for the base of the Dockerfile, so that no registry is needed: this Node and its libraries, where
 * the real base has them, and nothing else. There is no shell, no user file and no /tmp that could be missed later.
 */
export async function buildBaseImage(image: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'modelarts-operator-base-'));
  try {
    const { output } = await runCommand(['ldd', process.execPath]);
    const libraries = [...output.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file!);
    for (const file of libraries) await cp(file, join(context, 'root', file), { dereference: true });
    await cp(process.execPath, join(context, 'root', 'nodejs', 'bin', 'node'));
    await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY root/ /\n');
    await GenericContainer.fromDockerfile(context).build(image, { deleteOnExit: false });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
