/** How the image starts the operator, read from the Dockerfile, for whoever measures it without the image. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './run-command.ts';

/** What stands between Node and the bundle in the image's entry point. */
export function imageOptions(): readonly string[] {
  return (JSON.parse(instruction('ENTRYPOINT ')) as string[]).slice(1, -1);
}

/** What the image tells glibc. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const pairs = `MALLOC_${instruction('ENV MALLOC_')}`.split(' ').map((pair) => pair.split('='));
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** What follows on the first line of the Dockerfile that begins so. */
function instruction(begin: string): string {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
  const line = lines.find((text) => text.startsWith(begin));
  if (line === undefined) throw new Error(`no line of the Dockerfile begins with ${begin}`);
  return line.slice(begin.length);
}
