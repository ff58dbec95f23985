import type { RateLimit } from '../api/upstream.ts';
import type { Clock } from '../runtime/clock.ts';
import { Gate } from './gate.ts';

/** A share in a gate. */
export interface GateShare {
  readonly gate: Gate;
  /** Gives the share back; harmless when called again. */
  release(): void;
}

/**
 * Gates by fingerprint of credential and endpoint. Those who share a credential share a gate, under the strictest of
 * their limits. A gate outlives its last share as long as it remembers something (a refusal, a Retry-After, a spent
 * budget): opening a connection anew is no way around it.
 */
export class Gates {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly gate: Gate; readonly limits: Set<RateLimit> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  share(fingerprint: string, limit: RateLimit): GateShare {
    this.#sweep();
    let entry = this.#entries.get(fingerprint);
    if (entry === undefined) {
      entry = { gate: new Gate(this.#clock, limit), limits: new Set() };
      this.#entries.set(fingerprint, entry);
    }
    const { gate, limits } = entry;
    const mine = { ...limit };
    limits.add(mine);
    gate.setLimit(strictest(limits));
    return {
      gate,
      release: () => {
        if (limits.delete(mine) && limits.size > 0) gate.setLimit(strictest(limits));
      },
    };
  }

  get size(): number {
    return this.#entries.size;
  }

  #sweep(): void {
    for (const [fingerprint, { gate, limits }] of this.#entries) {
      if (limits.size === 0 && gate.forgettable) this.#entries.delete(fingerprint);
    }
  }
}

function strictest(limits: Iterable<RateLimit>): RateLimit {
  const all = [...limits];
  return {
    requestsPerSecond: Math.min(...all.map((limit) => limit.requestsPerSecond)),
    burst: Math.min(...all.map((limit) => limit.burst)),
  };
}
