import { leaseResource, Lease, type LeaseObject } from '../kubernetes/lease.ts';
import { LeaderElector } from '../kubernetes/leader-elector.ts';
import { ResourceClient } from '../kubernetes/resource-client.ts';
import { fieldManager } from '../mirror/identity.ts';
import type { Logger } from '../observability/logger.ts';
import { assembleOperator, type Assembly } from './assembly/operator-assembly.ts';
import { leaseTiming } from './assembly/sharded-assembly.ts';
import type { CommandContext } from './context.ts';
import { engineOfFlags, leaseIdentity, leaseOfFlags } from './engine-of-flags.ts';
import type { ClusterOptions, LeaseOptions, RecordOptions } from './options.ts';

export const cachesAreFilled = 'the caches are being filled';

/** What `run` runs. */
export interface Working {
  readonly assembly: Pick<Assembly, 'metrics' | 'transport' | 'close'>;
  /** Why it could not take over or go on with the work now; undefined when it could. */
  notReady(): string | undefined;
  /** Works until the signal aborts. Rejects with LeaseLost, or with what ended the work. */
  work(signal: AbortSignal): Promise<void>;
}

/** The operator of a command's flags, working under a Lease where the flags ask for one. */
export interface LedOperator extends Working {
  readonly assembly: Assembly;
  /** Absent without `--leader-elect`. */
  readonly lease?: Lease;
}

export function assembleLed(
  options: ClusterOptions & LeaseOptions & RecordOptions,
  context: CommandContext,
  log: Logger,
  /** `namespace/name` of the one project to work on. */
  only?: string,
): LedOperator {
  const place = leaseOfFlags(options, context);
  const gate: { admit?: (deadlineMs: number) => void } = {};
  const flagged = engineOfFlags(options, context, log);
  const assembled = assembleOperator({
    ...flagged.engine,
    only,
    ...(place && {
      // Nothing works before it leads, and so before the elector is there.
      admitWrite: (deadlineMs: number) => gate.admit?.(deadlineMs),
      writeDeadlineMs: leaseTiming.writeDeadlineMs,
    }),
  });
  const { operator, work, metrics, transport } = assembled;
  const assembly: Assembly = {
    ...assembled,
    close: async () => {
      await assembled.close();
      await flagged.close();
    },
  };
  const filling = (): string | undefined => (operator.ready ? undefined : cachesAreFilled);
  if (place === undefined) {
    return { assembly, notReady: filling, work };
  }

  const { runtime } = context;
  const name = `${place.namespace}/${place.name}`;
  metrics.engine.leading(place.name, false);
  const lease = new Lease({
    client: new ResourceClient<LeaseObject>({ transport, resource: leaseResource, fieldManager }),
    ...place,
    identity: leaseIdentity(context),
    clock: runtime,
    durationMs: leaseTiming.durationMs,
  });
  const elector = new LeaderElector({
    lease,
    runtime,
    lead: work,
    onLeading: (leading) => {
      metrics.engine.leading(place.name, leading);
      log.info(leading ? 'This process leads.' : 'This process leads no more.', { lease: name });
    },
    onError: (error) => log.warn('The lease could not be taken or renewed.', { lease: name, error }),
  });
  gate.admit = elector.admit;
  return {
    assembly,
    lease,
    // One that waits for the lease has nothing to fill yet.
    notReady: () => (elector.isLeader() ? filling() : undefined),
    work: (signal) => elector.run(signal),
  };
}
