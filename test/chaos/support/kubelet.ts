import { setTimeout as sleep } from 'node:timers/promises';

import type { Program } from '../../support/program.ts';

/** Milliseconds until what has ended is started again. */
const backOff = 300;

/** Keeps a program running, as a kubelet would: whenever it ends, and however, it is started again. */
export class Kubelet {
  readonly #start: () => Program;
  readonly #stopping = new AbortController();
  #program: Program;
  readonly #running: Promise<void>;
  /** How often it ended by itself, with the end of what it said. */
  readonly ownEnds: string[] = [];
  #killed = false;

  constructor(start: () => Program) {
    this.#start = start;
    this.#program = start();
    this.#running = this.#keepRunning();
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      const { code, stderr } = await this.#program.ended;
      if (signal.aborted) return;
      if (!this.#killed) {
        this.ownEnds.push(`${code}: ${stderr.slice(-500)}`);
        await sleep(backOff, undefined, { signal }).catch(() => undefined);
      }
      this.#killed = false;
      if (signal.aborted) return;
      this.#program = this.#start();
    }
  }

  /** SIGKILL; resolves when it is gone. Another is started at once. */
  async kill(): Promise<void> {
    const { ended } = this.#program;
    this.#killed = true;
    this.#program.kill('SIGKILL');
    await ended;
  }

  /** SIGTERM; resolves to its exit code. */
  async stop(): Promise<number> {
    this.#stopping.abort();
    const { ended } = this.#program;
    this.#program.kill('SIGTERM');
    await this.#running;
    return (await ended).code;
  }
}
