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
  #outages: Outage[] = [];

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

  heal(): void {
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
