import type { BudgetUse, RateLimit } from '../api/upstream.ts';
import type { Clock } from '../runtime/clock.ts';
import { Gate } from './gate.ts';

/** A share in a gate. */
export interface GateShare {
  readonly gate: Gate;
  /** See ModelArtsReader. */
  readonly plan: (requestsPerSecond: number) => BudgetUse;
  /** Gives the share back; harmless when called again. */
  release(): void;
}

/** One who shares a gate: its limit, and how many requests a second it plans. */
interface Holder {
  readonly limit: RateLimit;
  planned: number;
}

/**
 * Gates by fingerprint of credential and endpoint. Those who share a credential share a gate, under the strictest of
 * their limits. A gate outlives its last share as long as it remembers something (a refusal, a Retry-After, a spent
 * budget): opening a connection anew is no way around it.
 */
export class Gates {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly gate: Gate; readonly holders: Set<Holder> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  share(fingerprint: string, limit: RateLimit): GateShare {
    this.#sweep();
    let entry = this.#entries.get(fingerprint);
    if (entry === undefined) {
      entry = { gate: new Gate(this.#clock, limit), holders: new Set() };
      this.#entries.set(fingerprint, entry);
    }
    const { gate, holders } = entry;
    const mine: Holder = { limit, planned: 0 };
    holders.add(mine);
    gate.setLimit(strictest(holders));
    return {
      gate,
      plan: (requestsPerSecond) => {
        mine.planned = requestsPerSecond;
        let planned = 0;
        for (const holder of holders) planned += holder.planned;
        return { planned, allowed: strictest(holders).requestsPerSecond };
      },
      release: () => {
        if (holders.delete(mine) && holders.size > 0) gate.setLimit(strictest(holders));
      },
    };
  }

  get size(): number {
    return this.#entries.size;
  }

  #sweep(): void {
    for (const [fingerprint, { gate, holders }] of this.#entries) {
      if (holders.size === 0 && gate.forgettable) this.#entries.delete(fingerprint);
    }
  }
}

function strictest(holders: Iterable<Holder>): RateLimit {
  const all = [...holders].map(({ limit }) => limit);
  return {
    requestsPerSecond: Math.min(...all.map((limit) => limit.requestsPerSecond)),
    burst: Math.min(...all.map((limit) => limit.burst)),
  };
}
