/** How replicas that see the same leases divide them, without speaking to each other. Pure: no clock, no I/O. */

/** One shard as a replica sees it. */
export interface SeenShard {
  /** Who works on it, this replica included; empty: nobody, so that it may be taken. */
  readonly holder: string;
  /** How long it may have been taken, as far as this replica saw, ms; 0 while somebody holds it. */
  readonly freeMs: number;
  /** Who asked for it last; empty: nobody. */
  readonly requestedBy: string;
  /** This replica is about to hand it to who asked for it. */
  readonly leaving: boolean;
}

export interface Division {
  /** Free shards for this replica to take. */
  readonly take: readonly number[];
  /** Shards of this replica for it to hand to who asked for them. */
  readonly yield: readonly number[];
  /** Shards of others to ask for. */
  readonly request: readonly number[];
}

/**
 * What the replica `me` does next. With every replica doing so, no two come to differ by more than one shard:
 * - a free shard goes to who holds fewest, and is left to it (or to who asked for it) for `graceMs`; then to whoever is there;
 * - a replica asks those who hold two or more above it, so often as makes it even;
 * - a holder yields to who asks, while it holds two or more above that one: never what would have to come back.
 */
export function divide(me: string, shards: readonly SeenShard[], graceMs: number): Division {
  const held = countHeld(me, shards);
  const yielded = toYield(me, shards, held);
  const taken = toTake(me, shards, held, graceMs);
  return { take: taken, yield: yielded, request: toRequest(me, shards, held) };
}

type Counts = Map<string, number>;

function countHeld(me: string, shards: readonly SeenShard[]): Counts {
  const held: Counts = new Map([[me, 0]]);
  for (const { holder, leaving, requestedBy } of shards) {
    if (holder !== '') add(held, leaving ? requestedBy : holder, 1);
  }
  return held;
}

function toYield(me: string, shards: readonly SeenShard[], held: Counts): number[] {
  return indexesOf(shards, ({ holder, leaving, requestedBy }) => {
    if (holder !== me || leaving || !wouldYield(held, me, requestedBy)) return false;
    move(held, me, requestedBy);
    return true;
  });
}

function toTake(me: string, shards: readonly SeenShard[], held: Counts, graceMs: number): number[] {
  return indexesOf(shards, ({ holder, freeMs, requestedBy }) => {
    if (holder !== '') return false;
    const first = requestedBy === '' ? fewest(held) : requestedBy;
    const taker = freeMs >= graceMs ? me : first;
    add(held, taker, 1);
    return taker === me;
  });
}

function toRequest(me: string, shards: readonly SeenShard[], held: Counts): number[] {
  // What its holder will yield counts as given; another's wish that it will not yield to may be replaced.
  const given = new Set<number>();
  shards.forEach(({ holder, leaving, requestedBy }, i) => {
    if (holder === '' || holder === me || leaving || !wouldYield(held, holder, requestedBy)) return;
    move(held, holder, requestedBy);
    given.add(i);
  });
  const asked: number[] = [];
  for (;;) {
    const richest = most(held);
    if (!wouldYield(held, richest, me)) return asked;
    const shard = shards.findIndex(({ holder }, i) => holder === richest && !given.has(i));
    if (shard === -1) return asked;
    given.add(shard);
    asked.push(shard);
    move(held, richest, me);
  }
}

/** It would still hold as much as the other then. */
function wouldYield(held: Counts, holder: string, to: string): boolean {
  return to !== '' && of(held, holder) - of(held, to) >= 2;
}

const of = (counts: Counts, replica: string): number => counts.get(replica) ?? 0;

function add(counts: Counts, replica: string, n: number): void {
  counts.set(replica, of(counts, replica) + n);
}

function move(counts: Counts, from: string, to: string): void {
  add(counts, from, -1);
  add(counts, to, 1);
}

/** Of several with the same count the first by name, so that all replicas mean the same one. */
const sorted = (counts: Counts): [string, number][] =>
  [...counts].sort(([a, n], [b, m]) => n - m || (a < b ? -1 : 1));
const fewest = (counts: Counts): string => sorted(counts)[0]?.[0] ?? '';
const most = (counts: Counts): string => sorted(counts).at(-1)?.[0] ?? '';

function indexesOf(shards: readonly SeenShard[], wanted: (shard: SeenShard) => boolean): number[] {
  return shards.flatMap((shard, i) => (wanted(shard) ? [i] : []));
}
