import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';

import { runsWith } from './part.ts';
import { readState } from './state.ts';

/**
 * Starts a process that waits for this one to end, in whatever way (SIGKILL included: its standard input ends then),
 * kills what then still runs of the control plane in `directory`, and removes the folder if it is a temporary one.
 * After a regular stop it finds nothing to do.
 */
export function startGuard(directory: string, temporary: boolean): void {
  const args = [import.meta.filename, directory, ...(temporary ? ['temporary'] : [])];
  const guard = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  // A pipe to a child is a socket and would keep this process alive.
  (guard.stdin as unknown as { unref(): void }).unref();
}

async function guard(directory: string, temporary: boolean): Promise<void> {
  await finished(process.stdin.resume()).catch(() => undefined);
  const state = await readState(directory);
  for (const pid of Object.values(state?.pids ?? {})) {
    if (pid !== undefined && runsWith(pid, directory)) process.kill(pid, 'SIGKILL');
  }
  if (temporary) rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
}

const [, script, directory, temporary] = process.argv;
if (script !== undefined && directory !== undefined && import.meta.url === pathToFileURL(script).href) {
  await guard(directory, temporary === 'temporary');
}
