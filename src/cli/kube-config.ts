import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';

import { useTokenFiles } from '../kubernetes/token-files.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';

/**
 * Reads the kubeconfig: the flag's file; else KUBECONFIG; else the pod's service account; else the user's default file.
 * `contextName`: which of its contexts, instead of the current one. Throws CliFailure. Opens no connection.
 */
export function loadKubeConfig(
  flag: string | undefined,
  context: Pick<CommandContext, 'kubeconfigVariable' | 'serviceAccountFolder'>,
  contextName?: string,
): KubeConfig {
  const kubeConfig = new KubeConfig();
  const hint = 'name one that works with --kubeconfig';
  try {
    if (flag !== undefined) kubeConfig.loadFromFile(flag);
    else if (context.kubeconfigVariable === undefined && inCluster(context)) kubeConfig.loadFromCluster();
    else kubeConfig.loadFromDefault();
    useTokenFiles(kubeConfig, filesOf(flag, context.kubeconfigVariable));
  } catch (error) {
    throw new CliFailure(`cannot read the kubeconfig${flag === undefined ? '' : ` ${flag}`}; ${hint}`, {
      exitCode: 2,
      cause: error,
    });
  }
  if (contextName !== undefined) choose(kubeConfig, contextName);
  const cluster = kubeConfig.getCurrentCluster();
  // Where nothing is found, the library makes up a cluster at localhost:8080.
  if (cluster === null || cluster.server === 'http://localhost:8080') {
    throw new CliFailure(
      `the kubeconfig${flag === undefined ? '' : ` ${flag}`} has no current context with a cluster; ${hint}`,
      { exitCode: 2 },
    );
  }
  return kubeConfig;
}

function choose(kubeConfig: KubeConfig, contextName: string): void {
  const names = kubeConfig.getContexts().map(({ name }) => name);
  if (!names.includes(contextName)) {
    throw new CliFailure(
      `the kubeconfig has no context ${contextName}; ` +
        (names.length === 0 ? 'it has none at all' : `it has ${names.join(', ')}`),
      { exitCode: 2 },
    );
  }
  kubeConfig.setCurrentContext(contextName);
}

/** Those that may have been read; in a pod, with neither, there is none in the home folder. */
function filesOf(flag: string | undefined, variable: string | undefined): readonly string[] {
  if (flag !== undefined) return [flag];
  return variable?.split(delimiter) ?? [join(homedir(), '.kube', 'config')];
}

/** The namespace that this process' pod runs in; undefined outside a cluster. */
export function podNamespace({
  serviceAccountFolder,
}: Pick<CommandContext, 'serviceAccountFolder'>): string | undefined {
  try {
    return readFileSync(join(serviceAccountFolder, 'namespace'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function inCluster({ serviceAccountFolder }: Pick<CommandContext, 'serviceAccountFolder'>): boolean {
  return existsSync(join(serviceAccountFolder, 'token'));
}
