import { describe, expect, it } from '@jest/globals';
import { DeletionGuard } from './deletion-guard.ts';
import type { KnownPool } from './pool-observations.ts';

const minute = 60_000;

/** A project whose list loses pools, and whose mirrors go as soon as they may. */
class Project {
  readonly guard = new DeletionGuard();
  known: KnownPool[];
  now = 0;

  constructor(pools: number, workspaceOf: (n: number) => string = () => '0') {
    this.known = Array.from({ length: pools }, (_, n) => ({
      poolName: `pool-${String(n).padStart(3, '0')}`,
      workspaceID: workspaceOf(n),
      declared: false,
    }));
    this.review([]);
  }

  names(count: number): string[] {
    return this.known.slice(0, count).map(({ poolName }) => poolName);
  }

  review(missing: readonly string[], confirmation?: string) {
    return this.guard.review({
      known: this.known,
      isMissing: (name) => missing.includes(name),
      maxPercent: 50,
      confirmation,
      now: this.now,
    });
  }

  /** True where those went. */
  lose(missing: readonly string[], confirmation?: string): boolean {
    this.now += minute;
    if (this.review(missing, confirmation) !== undefined) return false;
    this.known = this.known.filter(({ poolName }) => !missing.includes(poolName));
    return true;
  }
}

describe('invariant 3 (Never guess a deletion): too many pools at once', () => {
  it.each([
    [1, 1, true],
    [2, 1, true],
    [2, 2, false],
    [10, 5, true],
    [10, 6, false],
    [10, 10, false],
  ])('of %i pools %i may go: %s', (pools, missing, may) => {
    const project = new Project(pools);
    expect(project.lose(project.names(missing))).toBe(may);
  });

  it('counts what went within the hour, or a list could lose all a few at a time', () => {
    const project = new Project(10);
    expect(project.lose(project.names(3))).toBe(true);
    expect(project.lose(project.names(2))).toBe(true);
    for (const count of [1, 2, 5]) expect(project.lose(project.names(count))).toBe(false);
    project.now += 60 * minute;
    expect(project.lose(project.names(1))).toBe(true);
  });

  it('holds in each workspace by itself', () => {
    const project = new Project(20, (n) => (n < 4 ? 'small' : 'large'));
    expect(project.lose(project.names(3))).toBe(false);
    expect(project.lose(project.names(2))).toBe(true);
    // What went in one is no reason to hold back in another, while the project as a whole may lose it.
    const large = project.known.filter(({ workspaceID }) => workspaceID === 'large').slice(0, 3);
    expect(project.lose(large.map(({ poolName }) => poolName))).toBe(true);
  });

  it('lets go what a person releases, exactly that, and does not count it against the next', () => {
    const project = new Project(10);
    const missing = project.names(8);
    const blocked = project.review(missing);
    expect(blocked).toMatchObject({ ids: missing, total: 10, what: 'pools' });
    expect(project.lose(project.names(9), blocked?.token)).toBe(false);
    expect(project.lose(missing, blocked?.token)).toBe(true);
    expect(project.lose(project.names(1))).toBe(true);
  });

  it('does not count pools that ModelArts said it is deleting, nor those that a person declared', () => {
    const project = new Project(4);
    project.known = project.known.map((pool, n) => ({
      ...pool,
      ...(n < 2 && { phase: 'Deleting' }),
      declared: n === 2,
    }));
    expect(project.lose(project.names(4))).toBe(true);
  });

  it('counts none that came back', () => {
    const project = new Project(4);
    const all = project.known;
    expect(project.lose(project.names(2))).toBe(true);
    project.lose([]);
    project.known = all;
    project.lose([]);
    expect(project.lose(project.names(2))).toBe(true);
  });

  it('counts none that it let go and that turned out to be there', () => {
    const project = new Project(4);
    expect(project.review(project.names(2))).toBeUndefined();
    project.review([]);
    expect(project.lose(project.names(2))).toBe(true);
  });
});
