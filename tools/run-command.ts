import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

export interface Finished {
  /** As a shell would give it: 128 and more for a signal. */
  code: number;
  /** Standard output and error, in the order in which they came. */
  output: string;
}

/** A program of node_modules by its file, run by this same Node. */
export function nodeProgram(file: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, join(root, 'node_modules', file), ...args];
}

/** Runs a program in the project's folder without input and collects what it says. Rejects only when it does not start. */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  signal?: AbortSignal,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 128, output: chunks.join('') }));
  });
}
