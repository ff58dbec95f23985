import type { EngineOptions } from './assembly/engine.ts';
import type { Logger } from '../observability/logger.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import { loadKubeConfig, podNamespace } from './kube-config.ts';
import { openRecorder } from './open-recorder.ts';
import type { ClusterOptions, LeaseOptions, RecordOptions } from './options.ts';

export interface EngineOfFlags {
  readonly engine: Omit<EngineOptions, 'workers'>;
  /** After everything else was closed. */
  close(): Promise<void>;
}

/** What flags and environment say about the parts that every operator has. Opens the recording that was asked for. */
export function engineOfFlags(
  options: ClusterOptions & RecordOptions,
  context: CommandContext,
  log: Logger,
): EngineOfFlags {
  const kubeConfig = loadKubeConfig(options.kubeconfig, context);
  const recorder = openRecorder(options, context, log);
  return {
    engine: {
      kubeConfig,
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
      onExchange: recorder?.record,
    },
    close: async () => {
      await recorder?.close();
    },
  };
}

/** Where the Lease is, or those of the shards; undefined without `--leader-elect`. */
export function leaseOfFlags(
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

/** Who this process is in a Lease. */
export const leaseIdentity = ({ hostname, processID }: CommandContext): string => `${hostname}_${processID}`;
