import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';

export type Server = 'apiserver' | 'upstream';

interface Outage {
  readonly process: string | undefined;
  readonly server: Server;
  readonly until: number;
}

/** Which ways are down, for a while. */
export class Weather {
  readonly #scheduler: Scheduler;
  readonly #resets = new Set<() => void>();
  readonly #hanging = new Map<AbortSignal, SimProcess>();
  #outages: Outage[] = [];
  #troubledUntil = 0;
  #healed = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** `process`: of one process only. Default: of all. */
  down(server: Server, ms: number, process?: string): void {
    this.#outages.push({ process, server, until: this.#scheduler.now + ms });
  }

  isDown(process: SimProcess, server: Server): boolean {
    return this.downUntil(process, server) > this.#scheduler.now;
  }

  downUntil({ name }: SimProcess, server: Server): number {
    let until = 0;
    for (const outage of this.#outages)
      if (outage.server === server && (outage.process ?? name) === name)
        until = Math.max(until, outage.until);
    return until;
  }

  /** What becomes of a connection over which nothing comes any more, once the network is well again. */
  onHeal(reset: () => void): void {
    this.#resets.add(reset);
  }

  /** A request of which nothing is heard any more: only its sender's deadline ends it. */
  hangs(process: SimProcess, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#hanging.set(signal, process);
    const end = (): void => {
      this.#hanging.delete(signal);
      this.#troubledUntil = Math.max(this.#troubledUntil, this.#scheduler.now);
    };
    signal.addEventListener('abort', end, { once: true });
  }

  /** How many requests of living processes hang. */
  get hanging(): number {
    return [...this.#hanging.values()].filter(({ alive }) => alive).length;
  }

  /** When the last request that hung was given up, and the last came of what a way that was down held back. */
  get troubledUntil(): number {
    return this.#troubledUntil;
  }

  /** Nothing breaks any more, whatever was planned. */
  get healed(): boolean {
    return this.#healed;
  }

  heal(): void {
    this.#healed = true;
    // Lines of a watch that were held back come when the way would have been up again.
    const held = this.#outages.filter(({ server }) => server === 'apiserver').map(({ until }) => until);
    this.#troubledUntil = Math.max(this.#troubledUntil, this.#scheduler.now, ...held);
    this.#outages = [];
    for (const reset of this.#resets) reset();
    this.#resets.clear();
  }
}

export function connectionRefused(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
}

export function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
