import { Fifo } from './fifo.ts';

interface Waiter {
  readonly admit: () => void;
  gone: boolean;
}

/** Lets so many calls be under way at once; the others wait, first come, first served. */
export class CallGate {
  readonly #limit: () => number;
  readonly #waiting = new Fifo<Waiter>();
  #inFlight = 0;

  /** `limit`: at least 1; asked anew whenever a call comes or ends. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Resolves with what is to be called when the call has ended; rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    // The limit may have risen since the last call ended: who waits goes first.
    this.#admit();
    if (this.#inFlight < this.#limit()) this.#inFlight++;
    else await this.#turn(signal);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#inFlight--;
      this.#admit();
    };
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiter.gone = true;
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        gone: false,
        admit: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #admit(): void {
    while (this.#inFlight < this.#limit()) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      if (waiter.gone) continue;
      this.#inFlight++;
      waiter.admit();
    }
  }
}
