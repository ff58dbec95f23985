import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { seededRandom } from '../../test/support/virtual-clock.ts';
import { divide, type Division, type SeenShard } from './shard-division.ts';

const graceMs = 5_000;
const nothing: Division = { take: [], yield: [], request: [] };

/** `a` held by a; `a?b` held by a, asked for by b; `a>b` on its way; `-` free just now; `--` for long; `-?b` asked for by b. */
function shards(...texts: string[]): SeenShard[] {
  return texts.map((text) => {
    const [, holder = '', free, sign, requestedBy = ''] = /^([a-z]*)(-*)([?>]?)([a-z]*)$/.exec(text) ?? [];
    return { holder, freeMs: free === '--' ? graceMs : 0, requestedBy, leaving: sign === '>' };
  });
}

describe('divide', () => {
  it.each<[string, string[], Partial<Division>]>([
    ['takes all where nobody else is', ['-', '-', '--'], { take: [0, 1, 2] }],
    ['takes what falls to it, being one of those that hold fewest', ['b', '-', '-', '-'], { take: [1, 2] }],
    ['leaves what falls to another', ['a', 'a', 'b', '-'], {}],
    ['takes it when the other has let it lie', ['a', 'a', 'b', '--'], { take: [3] }],
    ['leaves what another has asked for', ['-?b'], {}],
    ['takes what it has asked for itself', ['b', 'b', '-?a', 'a'], { take: [2] }],
    ['asks until it is even', ['b', 'b', 'b', 'b'], { request: [0, 1] }],
    ['asks the one that holds most', ['b', 'c', 'c', 'c'], { request: [1] }],
    ['asks for no less than two more', ['b', 'b', 'a'], {}],
    ['does not ask for what was asked for', ['b?c', 'b', 'b', 'b', 'c'], { request: [1] }],
    ['does not ask twice', ['b?a', 'b?a', 'b', 'b'], {}],
    ['yields while the other would not have to give it back', ['a?b', 'a?b', 'a?b', 'a'], { yield: [0, 1] }],
    ['counts what is on its way', ['a>b', 'a?b', 'a'], {}],
    ['yields nothing to one that has as much', ['a?b', 'b'], {}],
    ['shares nothing where there are as many as shards', ['b', 'c'], {}],
  ])('%s', (_, seen, expected) => {
    expect(divide('a', shards(...seen), graceMs)).toEqual({ ...nothing, ...expected });
  });

  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

  it('comes to an even division and rests there, whoever joins and whoever dies', () => {
    const change = fc.record({ who: fc.nat(names.length - 1), rounds: fc.nat(4) });
    const given = [
      fc.integer({ min: 1, max: 64 }),
      fc.array(change, { maxLength: 12 }),
      fc.integer(),
    ] as const;
    fc.assert(
      fc.property(...given, (count, changes, seed) => {
        const world = new World(count, seed);
        world.replicas.add('a');
        for (const { who, rounds } of changes) {
          world.toggle(names[who] as string);
          for (let n = 0; n < rounds; n++) world.round();
        }
        // As many rounds as a lease's time and a grace take, and twice that for what was in between.
        for (let n = 0; n < 30; n++) world.round();
        const held = [...world.replicas].map(
          (me) => world.leases.filter(({ holder }) => holder === me).length,
        );
        expect(held.reduce((sum, n) => sum + n, 0)).toBe(count);
        expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
        expect(world.round()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('makes a newcomer equal in a few looks', () => {
    for (const [count, before] of [
      [4, 1],
      [4, 2],
      [64, 1],
      [64, 5],
    ] as const) {
      const world = new World(count, 1);
      for (const name of names.slice(0, before)) world.replicas.add(name);
      for (let n = 0; n < 30; n++) world.round();
      world.replicas.add('g');
      for (let n = 0; n < 6; n++) world.round();
      const mine = world.leases.filter(({ holder }) => holder === 'g').length;
      expect(mine).toBeGreaterThanOrEqual(Math.floor(count / (before + 1)));
    }
  });
});

/** Leases and replicas, a look of each a round: all decide on the same state, and act on it in any order. */
class World {
  readonly replicas = new Set<string>();
  readonly leases: { holder: string; requestedBy: string; freeFor: number; silentFor: number }[];
  readonly #next: () => number;

  constructor(count: number, seed: number) {
    this.#next = seededRandom(seed);
    this.leases = Array.from({ length: count }, () => ({
      holder: '',
      requestedBy: '',
      freeFor: 0,
      silentFor: 0,
    }));
  }

  /** One joins, or dies without a word; the last stays. */
  toggle(name: string): void {
    if (!this.replicas.has(name)) this.replicas.add(name);
    else if (this.replicas.size > 1) this.replicas.delete(name);
  }

  /** How much was done. */
  round(): number {
    const before = this.leases.map((lease) => ({ ...lease }));
    const seen = before.map(({ holder, requestedBy, freeFor }) => ({
      holder,
      requestedBy,
      freeMs: freeFor * 2_000,
      leaving: false,
    }));
    const order = [...this.replicas].map((me) => ({ me, at: this.#next() })).sort((x, y) => x.at - y.at);
    let done = 0;
    for (const { me } of order) {
      const todo = divide(me, seen, graceMs);
      // A write is refused where another was quicker.
      const act = (
        indexes: readonly number[],
        change: (lease: (typeof this.leases)[number]) => void,
      ): void => {
        for (const i of indexes) {
          const lease = this.leases[i] as (typeof this.leases)[number];
          const old = before[i];
          if (lease.holder !== old?.holder || lease.requestedBy !== old.requestedBy) continue;
          change(lease);
          done++;
        }
      };
      act(todo.yield, (lease) => (lease.holder = ''));
      act(todo.take, (lease) => Object.assign(lease, { holder: me, requestedBy: '' }));
      act(todo.request, (lease) => (lease.requestedBy = me));
    }
    for (const lease of this.leases) {
      lease.silentFor = this.replicas.has(lease.holder) ? 0 : lease.silentFor + 1;
      if (lease.holder !== '' && lease.silentFor > 7) lease.holder = '';
      lease.freeFor = lease.holder === '' ? lease.freeFor + 1 : 0;
    }
    return done;
  }
}
