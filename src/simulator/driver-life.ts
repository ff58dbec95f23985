import type { JobLife } from './job-life.ts';
import { driverKindOf } from './node-life.ts';
import type { SimDriver, SimNode, SimPool, Surroundings } from './model.ts';
import { WorldError } from './operations.ts';
import type { DriverKind } from './schema.ts';

/** Replacing the driver of one node takes this long. */
const upgradeMs = [40_000, 100_000] as const;

/** Drivers: an upgrade goes from node to node and ends when every node has the wanted version. */
export class DriverLife {
  readonly #world: Surroundings;
  readonly #jobs: JobLife;

  constructor(world: Surroundings, jobs: JobLife) {
    this.#world = world;
    this.#jobs = jobs;
  }

  upgrade(pool: SimPool, kind: DriverKind, version: string, strategy: 'force' | 'idle' | undefined): void {
    const driver = this.#driver(pool, kind);
    if (strategy !== undefined) pool.updateStrategy = strategy;
    driver.desired = version;
    driver.upgrading = true;
    driver.state = 'Upgrading';
    this.#world.settle(pool);
  }

  setState(pool: SimPool, kind: DriverKind, state: string): void {
    this.#driver(pool, kind).state = state;
  }

  /** Takes the next node in hand when none is. With `idle` a busy node takes no new jobs until its turn. */
  settle(pool: SimPool): void {
    for (const [kind, driver] of Object.entries(pool.drivers) as [DriverKind, SimDriver][]) {
      if (!driver.upgrading) continue;
      const nodes = pool.nodes.filter(
        (n) => driverKindOf(n.hardware.card) === kind && !n.retiring && n.phase !== 'Creating',
      );
      if (nodes.some((n) => n.upgrading)) continue;
      const behind = nodes.filter((n) => n.driverVersion !== driver.desired);
      if (behind.length === 0) {
        driver.upgrading = false;
        driver.version = driver.desired;
        driver.state = 'Running';
        continue;
      }
      const ready = behind.filter((n) => n.phase === 'Available');
      const next = ready.find((n) => n.jobs.size === 0) ?? ready.find((n) => n.cordoned) ?? ready[0];
      if (next === undefined) continue;
      next.cordoned = true;
      if (next.jobs.size > 0 && pool.updateStrategy === 'idle') continue;
      this.#begin(pool, driver, next);
    }
  }

  #begin(pool: SimPool, driver: SimDriver, node: SimNode): void {
    node.upgrading = true;
    for (const job of [...node.jobs]) this.#jobs.finish(pool, job, 'Failed');
    const version = driver.desired;
    this.#world.after(Math.round(pool.random.between(...upgradeMs)), () => {
      node.upgrading = false;
      node.driverVersion = version;
      node.cordoned = node.retiring;
      this.#world.settle(pool);
    });
  }

  #driver(pool: SimPool, kind: DriverKind): SimDriver {
    const driver = pool.drivers[kind];
    if (driver === undefined) throw new WorldError(`pool ${pool.id} has no ${kind} driver`);
    return driver;
  }
}
