import { apiVersion } from '../api/kinds/metadata.ts';
import { LeaseLost } from '../kubernetes/leader-elector.ts';
import { formatBindAddress } from '../observability/bind-address.ts';
import { healthRoutes, metricsRoutes } from '../observability/health.ts';
import { startHttpEndpoint, type HttpEndpoint } from '../observability/http-endpoint.ts';
import { createLogger, type Logger } from '../observability/logger.ts';
import { registerProcessMetrics } from '../observability/process-metrics.ts';
import { keepHeapSmall } from '../runtime/heap.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import { assembleLed } from './leadership.ts';
import type { ClusterOptions, RunOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { assembleReplica } from './replica.ts';

/** Runs the operator until the context's signal aborts, then resolves with 0; rejects with CliFailure, BindError or what went wrong. */
export async function run(options: RunOptions, context: CommandContext): Promise<number> {
  const log = commandLogger(options, context);
  const assemble = options.shards > 1 ? assembleReplica : assembleLed;
  const { assembly, notReady, work } = assemble(options, context, log);
  const { metrics, transport } = assembly;

  const endpoints: HttpEndpoint[] = [];
  const ended = new AbortController();
  if (context.heap) void keepHeapSmall(context.runtime, context.heap, ended.signal);
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
      registerProcessMetrics(metrics.registry);
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
      leaderElection: options.leaderElect,
      ...(options.shards > 1 && { shards: options.shards }),
      listening: endpoints.map(({ address }) => formatBindAddress(address)),
    });
    await work(context.signal);
    log.info('The operator has stopped.');
    return 0;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    throw new CliFailure(`${error.message}; this process ends so that a fresh one can take part again`, {
      cause: error,
    });
  } finally {
    ended.abort();
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
