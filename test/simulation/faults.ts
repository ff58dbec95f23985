import { drawsOf, type Draws } from './draws.ts';

/** What can befall a request to the apiserver. */
export const requestFaults = [
  'refused',
  'reset',
  'lost',
  'answerLost',
  'late',
  'answerLate',
  'doubled',
  'tooMany',
  'unavailable',
  'internalError',
  'unauthorized',
  'forbidden',
  'cutAnswer',
  'gatewayPage',
] as const;
export type RequestFault = (typeof requestFaults)[number];

/** What can befall a watch. */
export const watchFaults = [
  'refused',
  'ends',
  'cut',
  'silent',
  'garbage',
  'expired',
  'internalError',
] as const;
export type WatchFault = (typeof watchFaults)[number];

/** What can befall a request to ModelArts or IAM. */
export const upstreamFaults = [
  'refused',
  'reset',
  'lost',
  'answerLate',
  'internalError',
  'gatewayPage',
  'throttled',
  'throttledFor',
  'unauthorized',
  'forbidden',
  'notPublished',
  'malformed',
  'truncated',
  'otherObject',
  'emptyBody',
  'noRows',
  'halfRows',
  'skippedRow',
  'repeatedRow',
  'shiftedRows',
  'reversedRows',
  'garbageRow',
  'wrongTotals',
] as const;
export type UpstreamFault = (typeof upstreamFaults)[number];

export interface FaultRates {
  readonly apiserver: { readonly rate: number; readonly kinds: readonly RequestFault[] };
  readonly watch: { readonly rate: number; readonly kinds: readonly WatchFault[] };
  readonly upstream: { readonly rate: number; readonly kinds: readonly UpstreamFault[] };
}

type Place = keyof FaultRates;

/**
 * Which faults strike. Each is named by its place and the number of the request there; a run may be told to let only
 * some of them strike, and all the others keep their numbers.
 */
export class Faults {
  readonly #seed: number;
  readonly #rates: FaultRates;
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #counts: Record<Place, number> = { apiserver: 0, watch: 0, upstream: 0 };
  /** Those that struck, in order. */
  readonly struck: string[] = [];
  #healed = false;

  constructor(seed: number, rates: FaultRates, allowed?: ReadonlySet<string>) {
    this.#seed = seed;
    this.#rates = rates;
    this.#allowed = allowed;
  }

  /** For the next request at this place: its fault, and the chances that belong to it alone. */
  next<P extends Place>(
    place: P,
  ): { readonly kind: FaultRates[P]['kinds'][number] | undefined; readonly draws: Draws } {
    const n = this.#counts[place]++;
    const draws = drawsOf(this.#seed, place, n);
    const { rate, kinds } = this.#rates[place];
    const strikes = draws.chance(rate) && kinds.length > 0;
    const kind = strikes ? draws.pick<FaultRates[P]['kinds'][number]>(kinds) : undefined;
    return { kind: kind !== undefined && this.allow(`${place}#${n}:${kind}`) ? kind : undefined, draws };
  }

  /** Asked for each thing that may be left out of a run; notes those that strike. */
  allow(id: string): boolean {
    if (this.#healed || this.#allowed?.has(id) === false) return false;
    this.struck.push(id);
    return true;
  }

  /** Nothing strikes any more. */
  heal(): void {
    this.#healed = true;
  }
}
