import type { KubeConfig } from '@kubernetes/client-node';

import { HttpTransport } from '../../kubernetes/http-transport.ts';
import type { Transport } from '../../kubernetes/transport.ts';
import type { CommandContext } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { loadKubeConfig, podNamespace } from '../kube-config.ts';
import { Mirrors } from './mirrors.ts';
import type { Wanted, WhereOptions } from './options.ts';

/** An open way into the cluster, and where in it a command looks. */
export interface OpenMirrors {
  readonly mirrors: Mirrors;
  readonly transport: Transport;
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
}

/** Opens the cluster for `work`, and closes it whatever comes of that. */
export async function withMirrors<T>(
  options: Pick<WhereOptions, 'kubeconfig' | 'context' | 'namespace' | 'allNamespaces'>,
  context: CommandContext,
  work: (open: OpenMirrors) => Promise<T>,
): Promise<T> {
  const { runtime, signal, version } = context;
  const kubeConfig = loadKubeConfig(options.kubeconfig, context, options.context);
  const transport = new HttpTransport({ kubeConfig, runtime, userAgent: `kubectl-modelarts/${version}` });
  const namespace = options.allNamespaces
    ? undefined
    : (options.namespace ?? namespaceOf(kubeConfig) ?? podNamespace(context) ?? 'default');
  try {
    return await work({ mirrors: new Mirrors({ transport, signal }), transport, namespace });
  } catch (error) {
    if (!signal.aborted || error instanceof CliFailure) throw error;
    throw new CliFailure('the command was interrupted before it had its answer; ask again', {
      cause: error,
    });
  } finally {
    await transport.close();
  }
}

function namespaceOf(kubeConfig: KubeConfig): string | undefined {
  return kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace || undefined;
}

/** Where an object, or all, is looked for, and how to say that. */
export function placeOfSearch(
  wanted: Wanted | undefined,
  { namespace }: Pick<OpenMirrors, 'namespace'>,
): { readonly namespace: string | undefined; readonly where: string } {
  const searched = wanted?.namespace ?? namespace;
  return {
    namespace: searched,
    where: searched === undefined ? 'in any namespace' : `in namespace ${searched}`,
  };
}
