import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder for programs that were built or fetched once; it outlives checkouts. */
export function projectCache(name: string): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'modelarts-operator', name);
}
