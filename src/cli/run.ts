import { apiVersion } from '../api/kinds/metadata.ts';
import { leaseResource, Lease, type LeaseObject } from '../kubernetes/lease.ts';
import { LeaderElector, LeaseLost } from '../kubernetes/leader-elector.ts';
import { ResourceClient } from '../kubernetes/resource-client.ts';
import type { Transport } from '../kubernetes/transport.ts';
import { fieldManager } from '../mirror/identity.ts';
import { formatBindAddress } from '../observability/bind-address.ts';
import { healthRoutes, metricsRoutes } from '../observability/health.ts';
import { startHttpEndpoint, type HttpEndpoint } from '../observability/http-endpoint.ts';
import { createLogger, type Logger } from '../observability/logger.ts';
import { assembleOperator, type Assembly } from './assembly/operator-assembly.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import { loadKubeConfig, podNamespace } from './kube-config.ts';
import type { ClusterOptions, RunOptions } from './options.ts';
import { preflight } from './preflight.ts';

/** client-go's LeaseDuration. */
const leaseDurationMs = 15_000;
/** A write must end within the lease that it was begun under; this leaves two renewals' time. */
const leasedWriteDeadlineMs = 5_000;

/** Runs the operator until the context's signal aborts, then resolves with 0; rejects with CliFailure, BindError or what went wrong. */
export async function run(options: RunOptions, context: CommandContext): Promise<number> {
  const log = commandLogger(options, context);
  const election = leaderElectionOf(options, context);
  let elector: LeaderElector | undefined;
  const assembly = assemble(
    options,
    context,
    log,
    election && {
      // Nothing is written before there is a lease: without an elector nothing leads.
      admitWrite: (deadlineMs) => elector?.admit(deadlineMs),
      writeDeadlineMs: leasedWriteDeadlineMs,
    },
  );
  const { operator, metrics, transport } = assembly;
  if (election) elector = electorOf(election, assembly, context, log);
  const notReady = (): string | undefined =>
    operator.ready || (elector !== undefined && !elector.isLeader())
      ? undefined
      : 'the caches are being filled';

  const endpoints: HttpEndpoint[] = [];
  try {
    if (options.healthProbeBindAddress !== 'off') {
      endpoints.push(
        await startHttpEndpoint({
          what: 'probes',
          flag: '--health-probe-bind-address',
          address: options.healthProbeBindAddress,
          routes: healthRoutes({ notReady }),
        }),
      );
    }
    if (options.metricsBindAddress !== 'off') {
      endpoints.push(
        await startHttpEndpoint({
          what: 'metrics',
          flag: '--metrics-bind-address',
          address: options.metricsBindAddress,
          routes: metricsRoutes(metrics.registry),
        }),
      );
    }
    await preflight(transport, { signal: context.signal, mustAnswer: false });
    log.info('The operator starts.', {
      version: context.version,
      apiVersion,
      namespaces: options.namespace ?? 'all',
      leaderElection: election !== undefined,
      listening: endpoints.map(({ address }) => formatBindAddress(address)),
    });
    await (elector ?? operator).run(context.signal);
    log.info('The operator has stopped.');
    return 0;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    throw new CliFailure(`${error.message}; this process ends so that a fresh one can take part again`, {
      cause: error,
    });
  } finally {
    await assembly.close();
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
}

export function commandLogger(options: ClusterOptions, context: CommandContext): Logger {
  return createLogger({
    level: options.logLevel,
    format: options.logFormat,
    stream: context.logStream,
    redactor: context.redactor,
    now: () => context.runtime.now(),
  });
}

/** The operator of a command's flags. */
export function assemble(
  options: ClusterOptions,
  context: CommandContext,
  log: Logger,
  writes: Pick<Parameters<typeof assembleOperator>[0], 'admitWrite' | 'writeDeadlineMs'> = {},
): Assembly {
  return assembleOperator({
    ...writes,
    kubeConfig: loadKubeConfig(options.kubeconfig, context),
    runtime: context.runtime,
    log,
    redactor: context.redactor,
    instance: context.hostname,
    version: context.version,
    namespaces: options.namespace,
    endpoints: {
      allowLocal: options.allowLocalEndpoints,
      ...(options.allowedEndpointHosts && { hostGlobs: options.allowedEndpointHosts }),
    },
    proxy: context.proxy,
  });
}

interface LeaderElection {
  readonly namespace: string;
  readonly name: string;
}

function leaderElectionOf(options: RunOptions, context: CommandContext): LeaderElection | undefined {
  if (!options.leaderElect) return undefined;
  const namespace = options.leaderElectionNamespace ?? podNamespace(context);
  if (namespace === undefined) {
    throw new CliFailure('outside a cluster --leader-elect needs --leader-election-namespace', {
      exitCode: 2,
    });
  }
  return { namespace, name: options.leaderElectionId };
}

function electorOf(
  { namespace, name }: LeaderElection,
  {
    operator,
    metrics,
    transport,
  }: { operator: Assembly['operator']; metrics: Assembly['metrics']; transport: Transport },
  context: CommandContext,
  log: Logger,
): LeaderElector {
  const { runtime } = context;
  metrics.engine.leading(name, false);
  const lease = new Lease({
    client: new ResourceClient<LeaseObject>({ transport, resource: leaseResource, fieldManager }),
    namespace,
    name,
    identity: `${context.hostname}_${context.processID}`,
    clock: runtime,
    durationMs: leaseDurationMs,
  });
  return new LeaderElector({
    lease,
    runtime,
    lead: (signal) => operator.run(signal),
    onLeading: (leading) => {
      metrics.engine.leading(name, leading);
      log.info(leading ? 'This process leads.' : 'This process leads no more.', {
        lease: `${namespace}/${name}`,
      });
    },
    onError: (error) =>
      log.warn('The lease could not be taken or renewed.', { lease: `${namespace}/${name}`, error }),
  });
}
