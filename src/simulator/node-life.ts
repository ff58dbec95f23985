import { hardwareOf } from './flavors.ts';
import type { JobLife } from './job-life.ts';
import type { SimNode, SimPool, Surroundings } from './model.ts';
import { WorldError } from './operations.ts';
import type { PoolResourceSpec } from './schema.ts';

const createMs = [20_000, 90_000] as const;
const deleteMs = [10_000, 30_000] as const;

/** Nodes: created, lost and found, taken away; and the pool's own beginning and end, which follow from its nodes. */
export class NodeLife {
  readonly #world: Surroundings;
  readonly #jobs: JobLife;

  constructor(world: Surroundings, jobs: JobLife) {
    this.#world = world;
    this.#jobs = jobs;
  }

  /** Adds what `row` asks for, spread over its zones. */
  addRow(pool: SimPool, row: PoolResourceSpec, ready: boolean): void {
    const zones = Object.entries(row.azs ?? {}).flatMap(([az, count]) => Array<string>(count).fill(az));
    for (let i = 0; i < row.count; i++) this.#add(pool, row, zones[i] ?? pool.azs[0] ?? '', ready, i);
  }

  scale(pool: SimPool, flavor: string, count: number, az: string | undefined): void {
    const row = pool.resources.find((r) => r.flavor === flavor);
    if (row === undefined)
      pool.resources.push({ flavor, count, ...(az === undefined ? {} : { azs: { [az]: count } }) });
    else {
      row.count = count;
      if (row.maxCount !== undefined) row.maxCount = Math.max(row.maxCount, count);
    }
    const staying = pool.nodes.filter((n) => n.flavor === flavor && !n.retiring && n.phase !== 'Deleting');
    for (let i = staying.length; i < count; i++) {
      this.#add(pool, row ?? { flavor, count }, az ?? pool.azs[0] ?? '', false, i - staying.length);
    }
    // The newest go first; those with jobs wait until they are idle.
    for (const node of staying.slice(count)) node.retiring = node.cordoned = true;
    if (row !== undefined && (row.azs !== undefined || az !== undefined)) row.azs = zonesOf(pool, flavor);
    this.#world.settle(pool);
  }

  fail(pool: SimPool, name: string | undefined): string {
    const node = pool.nodes.find((n) =>
      name === undefined ? n.phase === 'Available' : n.name === name || n.ip === name,
    );
    if (node === undefined)
      throw new WorldError(
        `pool ${pool.id} has no ${name === undefined ? 'available node' : `node ${name}`}`,
      );
    node.phase = 'Abnormal';
    for (const job of [...node.jobs]) this.#jobs.suspend(pool, job);
    this.#world.settle(pool);
    return node.name;
  }

  recover(pool: SimPool, name: string | undefined): void {
    for (const node of pool.nodes) {
      if (node.phase !== 'Abnormal' || (name !== undefined && node.name !== name && node.ip !== name))
        continue;
      node.phase = 'Available';
      for (const job of [...node.jobs]) this.#jobs.resume(pool, job);
    }
    this.#world.settle(pool);
  }

  beginDeletion(pool: SimPool): void {
    pool.life = 'Deleting';
    pool.stopLoad();
    for (const scope of pool.scopes) scope.state = 'Disabling';
    for (const status of ['Queue', 'Pending', 'Creating', 'Running', 'Abnormal']) {
      for (const job of [...pool.jobs.list(status)]) this.#jobs.stop(pool, job);
    }
    for (const node of pool.nodes) node.retiring = node.cordoned = true;
    this.#world.settle(pool);
  }

  /** Lets idle retiring nodes go, and ends the pool's creation when its nodes are there. */
  settle(pool: SimPool): void {
    for (const node of pool.nodes) {
      if (!node.retiring || node.jobs.size > 0 || node.phase === 'Deleting' || node.upgrading) continue;
      node.phase = 'Deleting';
      this.#world.after(Math.round(pool.random.between(...deleteMs)), () => {
        pool.nodes = pool.nodes.filter((n) => n !== node);
        this.#world.settle(pool);
      });
    }
    if (pool.life === 'Creating' && pool.nodes.every((n) => n.phase !== 'Creating')) {
      pool.life = 'Ready';
      for (const driver of Object.values(pool.drivers)) driver.state = 'Running';
      for (const scope of pool.scopes) scope.state = 'Enabled';
    }
  }

  #add(pool: SimPool, row: PoolResourceSpec, az: string, ready: boolean, place: number): void {
    const number = pool.nodeNumber++;
    const hardware = hardwareOf(row.flavor);
    const kind = driverKindOf(hardware.card);
    const node: SimNode = {
      name: `os-node-created-${pool.random.hex(5)}`,
      ip: `192.168.${10 + (number >> 8)}.${number & 255}`,
      flavor: row.flavor,
      nodePool: row.nodePool,
      az,
      hardware,
      createdAt: ready ? pool.createdAt : this.#world.now(),
      phase: ready ? 'Available' : 'Creating',
      free: { cpuMilli: hardware.cpuMilli, memoryMi: hardware.memoryMi, cards: hardware.cards },
      jobs: new Set(),
      driverVersion: (kind === undefined ? undefined : pool.drivers[kind]?.desired) ?? '',
      upgrading: false,
      cordoned: false,
      retiring: false,
    };
    pool.nodes.push(node);
    if (ready) return;
    this.#world.after(Math.round((place + 1) * pool.random.between(...createMs)), () => {
      if (node.phase === 'Creating') node.phase = 'Available';
      this.#world.settle(pool);
    });
  }
}

/** Which of a pool's drivers a card needs. */
export function driverKindOf(card: string): 'gpu' | 'npu' | undefined {
  if (card === '') return undefined;
  return card.startsWith('nvidia.com/') ? 'gpu' : 'npu';
}

function zonesOf(pool: SimPool, flavor: string): Record<string, number> {
  const zones: Record<string, number> = {};
  for (const node of pool.nodes) {
    if (node.flavor === flavor && !node.retiring) zones[node.az] = (zones[node.az] ?? 0) + 1;
  }
  return zones;
}
