/** Numbers in [0, 1) that follow from a key alone, and what one does with them. */
export interface Draws {
  next(): number;
  chance(probability: number): boolean;
  between(low: number, high: number): number;
  /** A whole number, `low` to `high`. */
  whole(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

/**
 * Chance by name: each stream begins anew from the seed and its key, so that leaving one draw out (as the shrinker
 * does) changes none of the others.
 */
export function drawsOf(seed: number, stream: string, n = 0): Draws {
  let state = seed >>> 0;
  for (let i = 0; i < stream.length; i++) state = mixed(state ^ stream.charCodeAt(i));
  state = mixed(state ^ Math.imul(n + 1, 0x9e3779b1));
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mixed(state) / 4_294_967_296;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    between: (low, high) => low + next() * (high - low),
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (items) => {
      if (items.length === 0) throw new RangeError('there is nothing to pick from');
      return items[Math.floor(next() * items.length)] as (typeof items)[number];
    },
  };
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let t = value | 0;
  t = Math.imul(t ^ (t >>> 16), 0x85ebca6b);
  t = Math.imul(t ^ (t >>> 13), 0xc2b2ae35);
  return (t ^ (t >>> 16)) >>> 0;
}
