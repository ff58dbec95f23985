import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PartOptions {
  /** Name for messages: `etcd`, `kube-apiserver`, `kube-controller-manager`. */
  name: string;
  binary: string;
  args: readonly string[];
  /** Gets standard output and error, appended over restarts. */
  logFile: string;
  /** Occurs in the arguments and in no other process's: tells this process from one that got its number later. */
  mark: string;
  /** Number of the process that an earlier run left, if any. */
  pid: number | undefined;
}

/**
 * One process of a control plane. It leads a process group of its own, so that a Ctrl-C in the terminal does not reach
 * it before its owner has decided what stops first, and so that it can outlive its owner. Known by number and mark
 * only, and hence handled the same way whether this process or an earlier one started it.
 */
export class Part {
  readonly name: string;
  readonly logFile: string;
  readonly #options: PartOptions;
  #pid: number | undefined;

  constructor(options: PartOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
    this.#options = options;
    this.#pid = options.pid;
  }

  get pid(): number | undefined {
    return this.isRunning() ? this.#pid : undefined;
  }

  isRunning(): boolean {
    return this.#pid !== undefined && runsWith(this.#pid, this.#options.mark);
  }

  /** Starts the process unless it runs. It is not ready when this resolves, only started. */
  async start(): Promise<void> {
    if (this.isRunning()) return;
    const log = openSync(this.logFile, 'a');
    try {
      const child = spawn(this.#options.binary, this.#options.args, {
        detached: true,
        stdio: ['ignore', log, log],
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (cause) =>
          reject(new Error(`${this.name} (${this.#options.binary}) does not start`, { cause })),
        );
      });
      child.unref();
      this.#pid = child.pid;
    } finally {
      closeSync(log);
    }
  }

  /** Sends a signal to the process if it runs, without waiting. SIGSTOP and SIGCONT freeze and thaw it. */
  signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined && this.isRunning()) process.kill(this.#pid, signal);
  }

  /** Sends the signal and waits until the process is gone; after `patienceMs` it gets SIGKILL. */
  async kill(signal: NodeJS.Signals = 'SIGKILL', patienceMs = 10_000): Promise<void> {
    this.signal(signal);
    const deadline = performance.now() + patienceMs;
    while (this.isRunning()) {
      if (performance.now() > deadline) this.signal('SIGKILL');
      await sleep(20);
    }
    this.#pid = undefined;
  }

  /** The last lines of the log that say something: for messages about a part that did not come up. */
  logTail(lines = 8): string {
    if (!existsSync(this.logFile)) return '(no log)';
    const all = readFileSync(this.logFile, 'utf8').trimEnd().split('\n');
    return all
      .slice(-lines)
      .map((line) => `  ${line.slice(0, 400)}`)
      .join('\n');
  }
}

/** Whether the process lives and has `mark` among its arguments: numbers of processes are used again. */
export function runsWith(pid: number, mark: string): boolean {
  return commandLine(pid)?.includes(mark) ?? false;
}

/** The arguments of a living process; undefined when there is none. A zombie has no arguments left. */
function commandLine(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}
