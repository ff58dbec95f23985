import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

import { eventually } from './eventually.ts';

export interface Outcome {
  /** As a shell would give it: 128 and more for a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program in a process of its own: no input, and nothing in its environment but what it is given. */
export class Program {
  stdout = '';
  stderr = '';
  /** Resolves when it has ended, however that came; rejects when it could not be started. */
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;

  constructor(
    [file, ...args]: readonly [string, ...string[]],
    { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ) {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child = child;
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        const { stdout, stderr } = this;
        resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), stdout, stderr });
      });
    });
    // Whoever waits for its end hears of it; until then it must not end the test process.
    this.ended.catch(() => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until it has said something that matches, on either stream. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const found = pattern.exec(`${this.stdout}\n${this.stderr}`);
      if (found !== null) return found;
      throw new Error(`it has not said ${pattern} but:\n${this.stdout}${this.stderr}`);
    });
  }
}
