import { KubeConfig } from '@kubernetes/client-node';

import type { EngineOptions } from '../../src/cli/assembly/engine.ts';
import { assembleOperator } from '../../src/cli/assembly/operator-assembly.ts';
import { assembleSharded } from '../../src/cli/assembly/sharded-assembly.ts';
import { LeaderElector, LeaseLost } from '../../src/kubernetes/leader-elector.ts';
import { leaseResource, Lease, type LeaseObject } from '../../src/kubernetes/lease.ts';
import { ResourceClient } from '../../src/kubernetes/resource-client.ts';
import { fieldManager } from '../../src/mirror/identity.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { Redactor } from '../../src/observability/redactor.ts';
import type { SimProcess } from './process.ts';
import type { Story } from './story.ts';

/** What a mutation changes of the way in which the operator is put together. */
export interface Misassembly {
  /** Writes are not asked whether the lease is held. */
  readonly unadmitted?: boolean;
}

export interface ReplicaOptions {
  readonly process: SimProcess;
  readonly story: Story;
  readonly network: NonNullable<EngineOptions['network']>;
  readonly log: Logger;
  readonly misassembly?: Misassembly | undefined;
}

/** An operator process at work. */
export interface Replica {
  /** Which lease it must hold to write for a project; undefined where none is needed. */
  readonly leaseOf: (project: string | undefined) => string | undefined;
  /** As SIGTERM does. */
  stop(): void;
  /** Resolves when it has ended; with what it ended, unless that was a lost lease or somebody's wish. */
  readonly ended: Promise<unknown>;
}

const leaseName = 'modelarts-operator';

/** Puts together what `run` does (src/cli/run.ts), but over the simulation's network and without HTTP servers. */
export function startReplica({ process, story, network, log, misassembly = {} }: ReplicaOptions): Replica {
  const { runtime, name: identity } = process;
  const { namespace, size } = story;
  const engine: Omit<EngineOptions, 'workers'> = {
    kubeConfig: new KubeConfig(),
    network,
    runtime,
    log,
    redactor: new Redactor(),
    instance: identity,
    version: '0.0.0-simulation',
    namespaces: [namespace],
    endpoints: { allowLocal: false },
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const begin = (work: Promise<void>, close: () => Promise<void>): Pick<Replica, 'stop' | 'ended'> => ({
    stop: () => stopping.abort(new Error('SIGTERM')),
    ended: work.then(close, (error: unknown) => (error instanceof LeaseLost ? undefined : error)),
  });
  if (story.sharing === 'sharded') {
    const sharded = assembleSharded({
      ...engine,
      shards: 2,
      namespace,
      name: leaseName,
      identity,
      timing: size.lease,
    });
    return {
      leaseOf: (project) =>
        project === undefined ? undefined : `${leaseName}-shard-${sharded.shards.of(namespace, project)}`,
      ...begin(sharded.work(signal), () => sharded.close()),
    };
  }
  if (story.sharing === 'alone') {
    const { operator, close } = assembleOperator(engine);
    return { leaseOf: () => undefined, ...begin(operator.run(signal), close) };
  }
  const gate: { admit?: (deadlineMs: number) => void } = {};
  const { operator, transport, close } = assembleOperator({
    ...engine,
    admitWrite: misassembly.unadmitted === true ? () => undefined : (deadlineMs) => gate.admit?.(deadlineMs),
    writeDeadlineMs: size.lease.writeDeadlineMs,
  });
  const lease = new Lease({
    client: new ResourceClient<LeaseObject>({ transport, resource: leaseResource, fieldManager }),
    namespace,
    name: leaseName,
    identity,
    clock: runtime,
    durationMs: size.lease.durationMs,
  });
  const { renewDeadlineMs, retryPeriodMs } = size.lease;
  const elector = new LeaderElector({
    ...{ lease, runtime, renewDeadlineMs, retryPeriodMs },
    lead: (leading) => operator.run(leading),
  });
  gate.admit = elector.admit;
  return { leaseOf: () => leaseName, ...begin(elector.run(signal), close) };
}
