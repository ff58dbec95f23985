import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = 'gitops-health';

/**
 * The path of the program of main.go: built with the installed Go, once for each of its versions.
 *
 * @throws Error that says why it cannot be built: there is no Go, or what Go said.
 */
export async function buildGitopsHealth(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum'])
    hash.update(readFileSync(join(import.meta.dirname, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'modelarts-operator', program, hash.digest('hex').slice(0, 16));
  const built = join(folder, program);
  if (existsSync(built)) return built;
  await mkdir(folder, { recursive: true });
  const unfinished = `${built}.${process.pid}`;
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w'];
  try {
    await promisify(execFile)('go', ['build', ...flags, '-o', unfinished, '.'], {
      cwd: import.meta.dirname,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('no go on PATH', { cause: error });
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`go build failed: ${stderr.trim().split('\n').slice(-3).join(' | ')}`, { cause: error });
  }
  await rename(unfinished, built);
  return built;
}
