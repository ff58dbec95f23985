import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const stopWithinMs = 10_000;

/** The operator in a process of its own, as it runs everywhere else; its log goes to a file. */
export class OperatorProcess {
  readonly logFile: string;
  readonly #child: ChildProcess;
  /** Resolves when the process ends, by itself or not. */
  readonly ended: Promise<void>;

  constructor(options: { readonly kubeconfig: string; readonly logFile: string }) {
    this.logFile = options.logFile;
    const log = openSync(options.logFile, 'a');
    this.#child = spawn(
      process.execPath,
      [
        main,
        'run',
        `--kubeconfig=${options.kubeconfig}`,
        '--allow-local-endpoints',
        '--metrics-bind-address=127.0.0.1:0',
        '--health-probe-bind-address=127.0.0.1:0',
        '--log-format=text',
      ],
      // In a group of its own: Ctrl-C is for the demo, which then stops the parts in order.
      { stdio: ['ignore', log, log], detached: true },
    );
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  lastLines(count: number): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs);
    await this.ended;
    clearTimeout(impatience);
  }
}
