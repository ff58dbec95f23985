import { leaseResource, Lease, type LeaseObject } from '../kubernetes/lease.ts';
import { LeaderElector } from '../kubernetes/leader-elector.ts';
import { ResourceClient } from '../kubernetes/resource-client.ts';
import { fieldManager } from '../mirror/identity.ts';
import type { Logger } from '../observability/logger.ts';
import { assembleOperator, type Assembly } from './assembly/operator-assembly.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import { loadKubeConfig, podNamespace } from './kube-config.ts';
import { openRecorder } from './open-recorder.ts';
import type { ClusterOptions, LeaseOptions, RecordOptions } from './options.ts';

/** client-go's LeaseDuration. */
const leaseDurationMs = 15_000;
/** A write must end within the lease that it was begun under; this leaves two renewals' time. */
const leasedWriteDeadlineMs = 5_000;

/** The operator of a command's flags, working under a Lease where the flags ask for one. */
export interface LedOperator {
  readonly assembly: Assembly;
  /** Both absent without `--leader-elect`. */
  readonly lease?: Lease;
  readonly elector?: LeaderElector;
  /** Works (once it leads) until the signal aborts. Rejects with LeaseLost, or with what ended the work. */
  work(signal: AbortSignal): Promise<void>;
}

export function assembleLed(
  options: ClusterOptions & LeaseOptions & RecordOptions,
  context: CommandContext,
  log: Logger,
  /** `namespace/name` of the one project to work on. */
  only?: string,
): LedOperator {
  const place = leaseOf(options, context);
  const gate: { admit?: (deadlineMs: number) => void } = {};
  const kubeConfig = loadKubeConfig(options.kubeconfig, context);
  const recorder = openRecorder(options, context, log);
  const assembled = assembleOperator({
    kubeConfig,
    runtime: context.runtime,
    log,
    redactor: context.redactor,
    instance: context.hostname,
    version: context.version,
    namespaces: options.namespace,
    only,
    endpoints: {
      allowLocal: options.allowLocalEndpoints,
      ...(options.allowedEndpointHosts && { hostGlobs: options.allowedEndpointHosts }),
    },
    proxy: context.proxy,
    onExchange: recorder?.record,
    ...(place && {
      // Nothing works before it leads, and so before the elector is there.
      admitWrite: (deadlineMs: number) => gate.admit?.(deadlineMs),
      writeDeadlineMs: leasedWriteDeadlineMs,
    }),
  });
  const { operator, metrics, transport } = assembled;
  const assembly: Assembly = {
    ...assembled,
    close: async () => {
      await assembled.close();
      await recorder?.close();
    },
  };
  if (place === undefined) return { assembly, work: (signal) => operator.run(signal) };

  const { runtime } = context;
  const name = `${place.namespace}/${place.name}`;
  metrics.engine.leading(place.name, false);
  const lease = new Lease({
    client: new ResourceClient<LeaseObject>({ transport, resource: leaseResource, fieldManager }),
    ...place,
    identity: `${context.hostname}_${context.processID}`,
    clock: runtime,
    durationMs: leaseDurationMs,
  });
  const elector = new LeaderElector({
    lease,
    runtime,
    lead: (signal) => operator.run(signal),
    onLeading: (leading) => {
      metrics.engine.leading(place.name, leading);
      log.info(leading ? 'This process leads.' : 'This process leads no more.', { lease: name });
    },
    onError: (error) => log.warn('The lease could not be taken or renewed.', { lease: name, error }),
  });
  gate.admit = elector.admit;
  return { assembly, lease, elector, work: (signal) => elector.run(signal) };
}

function leaseOf(
  options: LeaseOptions,
  context: CommandContext,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!options.leaderElect) return undefined;
  const namespace = options.leaderElectionNamespace ?? podNamespace(context);
  if (namespace === undefined) {
    throw new CliFailure('outside a cluster --leader-elect needs --leader-election-namespace', {
      exitCode: 2,
    });
  }
  return { namespace, name: options.leaderElectionId };
}
