import type { Operator } from '../../controller/operator.ts';
import { Shards } from '../../controller/shards.ts';
import { Lease, leaseResource, type LeaseObject } from '../../kubernetes/lease.ts';
import { ResourceClient } from '../../kubernetes/resource-client.ts';
import { ShardElector, type ShardTerm } from '../../kubernetes/shard-elector.ts';
import { annotations, fieldManager } from '../../mirror/identity.ts';
import {
  assembleEngine,
  mostWrites,
  type Engine,
  type EngineOptions,
  type PartialOperator,
} from './engine.ts';
import { shardLeaseName } from '../shard-lease-name.ts';
import { registerCacheMetrics } from './metrics.ts';

/** How leases are held, all in milliseconds. */
export interface LeaseTiming {
  /** What a holder promises to renew within. */
  readonly durationMs: number;
  /** How long renewing may fail before a lease is given up. */
  readonly renewDeadlineMs: number;
  /** Between two renewals, and two looks at the others' leases. */
  readonly retryPeriodMs: number;
  /** A write must end within the lease that it was begun under: this and two renewals fit in its duration. */
  readonly writeDeadlineMs: number;
}

/** client-go's. */
export const leaseTiming: LeaseTiming = {
  durationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
  writeDeadlineMs: 5_000,
};

export interface ShardedOptions extends Omit<EngineOptions, 'workers' | 'operators'> {
  /** Two or more. */
  readonly shards: number;
  /** Of the Leases: `<name>-shard-<n>`. */
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process. */
  readonly identity: string;
  /** Default: `leaseTiming`. */
  readonly timing?: LeaseTiming;
}

export interface ShardedAssembly {
  readonly engine: Engine;
  readonly shards: Shards;
  /** By shard. */
  readonly leases: readonly Lease[];
  /** An operator of one shard, for one run under the lease that admits its writes. */
  operatorOf(shard: number, admit: ShardTerm['admit']): PartialOperator;
  /** Resolves when the engine's caches are filled; rejects with the signal's reason. */
  synced(signal: AbortSignal): Promise<void>;
  /** Fills the caches, and takes its part of the shards until the signal aborts. */
  work(signal: AbortSignal): Promise<void>;
  /** The caches are filled, so that a shard can be taken over at once. */
  readonly ready: boolean;
  close(): Promise<void>;
}

/** Joins the parts into one replica of several that share the projects. Opens no socket. */
export function assembleSharded(options: ShardedOptions): ShardedAssembly {
  const { shards: count, namespace, name, identity, timing = leaseTiming, ...rest } = options;
  const { runtime, log } = options;
  const engine = assembleEngine({
    ...rest,
    // What one operator does at once, the shards do together, wherever they are: the apiserver is the same.
    workers: Math.max(2, Math.ceil(mostWrites / count)),
    operators: count,
  });
  const { caches, metrics, transport } = engine;
  const shards = new Shards({ count, projects: caches.projects });
  const operators = new Map<number, Operator>();
  const client = new ResourceClient<LeaseObject>({ transport, resource: leaseResource, fieldManager });
  const leases = Array.from(
    { length: count },
    (_, shard) =>
      new Lease({
        client,
        namespace,
        name: shardLeaseName(name, shard),
        identity,
        clock: runtime,
        durationMs: timing.durationMs,
        requestAnnotation: annotations.shardRequestedBy,
      }),
  );
  const leaseOf = (shard: number | undefined): string => `${namespace}/${shardLeaseName(name, shard ?? '*')}`;
  for (const lease of leases) metrics.engine.leading(lease.name, false);

  const operatorOf: ShardedAssembly['operatorOf'] = (shard, admit) =>
    engine.operator({
      name: `mirrors-shard-${shard}`,
      owns: (ns, project) => shards.of(ns, project) === shard,
      admitWrite: admit,
      writeDeadlineMs: timing.writeDeadlineMs,
    });
  const lead = async (shard: number, { signal, admit }: ShardTerm): Promise<void> => {
    const { operator, work } = operatorOf(shard, admit);
    operators.set(shard, operator);
    try {
      await work(signal);
    } finally {
      operators.delete(shard);
    }
  };
  const elector = new ShardElector({
    leases,
    identity,
    list: async (deadlineMs) => (await client.list({ namespace, deadlineMs })).items,
    runtime,
    lead,
    onLeading: (shard, leading) => {
      metrics.engine.leading(shardLeaseName(name, shard), leading);
      log.info(leading ? 'This process works on a shard.' : 'This process works on a shard no more.', {
        lease: leaseOf(shard),
      });
    },
    onYield: (shard, to) => log.info('A shard goes to another process.', { lease: leaseOf(shard), to }),
    onLost: (shard, error) =>
      log.warn('A shard was lost; its work has ended, and it is contended for again.', {
        lease: leaseOf(shard),
        error,
      }),
    onError: (error, shard) =>
      log.warn('A lease could not be read, taken or renewed.', { lease: leaseOf(shard), error }),
    renewDeadlineMs: timing.renewDeadlineMs,
    retryPeriodMs: timing.retryPeriodMs,
  });
  const synced: ShardedAssembly['synced'] = async (signal) => {
    await Promise.all(
      Object.values(caches).map((cache: { synced(s: AbortSignal): Promise<void> }) => cache.synced(signal)),
    );
  };
  registerCacheMetrics(metrics.registry, {
    ...caches,
    shown: (ns, project) => operators.has(shards.of(ns, project)),
    reading: (ns, project) => operators.get(shards.of(ns, project))?.reading(ns, project),
  });
  return {
    engine,
    shards,
    leases,
    operatorOf,
    synced,
    work: async (signal) => {
      const stop = new AbortController();
      const filling = engine.runCaches(stop.signal);
      try {
        // Before, it could only hinder: a shard that it takes would rest until the caches are there.
        const filled = await synced(signal).then(
          () => true,
          () => false,
        );
        if (filled) await elector.run(signal);
      } finally {
        stop.abort(signal.reason);
        await filling;
      }
    },
    get ready() {
      return Object.values(caches).every((cache: { hasSynced(): boolean }) => cache.hasSynced());
    },
    close: () => transport.close(),
  };
}
