import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { findKubectl } from '../../tools/control-plane/binaries.ts';
import { kubeconfigsOf } from '../../tools/test-kubeconfigs.ts';

export interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
}

/** A real cluster that integration tests share. Each test works in namespaces of its own. */
export interface TestCluster {
  /** Path of a kubeconfig with all rights. */
  kubeconfig: string;
  /** Whether owned objects are collected and deleted namespaces go away: a kube-controller-manager runs. */
  hasControllerManager: boolean;
  /** Runs the real kubectl; never rejects on what kubectl says, only when it cannot be run. `input` is its standard input. */
  kubectl(args: readonly string[], input?: string): Promise<CommandResult>;
  /** Creates a namespace that no other test has and returns its name. */
  uniqueNamespace(prefix?: string): Promise<string>;
}

/** Kubeconfigs of the clusters of all workers; see tools/test-kubeconfigs.ts. */
export const kubeconfigs = (): string[] => kubeconfigsOf(process.env);

/** Workers share where there are more of them: each test works in namespaces of its own. */
function kubeconfigOfWorker(): string | undefined {
  const all = kubeconfigs();
  return all[Number(process.env['JEST_WORKER_ID']) % all.length];
}

/**
 * The cluster that all tests of this worker share, or the one of another kubeconfig.
 *
 * @throws Error that names the command to use when no cluster was given.
 */
export function testCluster(kubeconfig = kubeconfigOfWorker()): TestCluster {
  if (kubeconfig === undefined) {
    throw new Error(
      'MODELARTS_TEST_KUBECONFIG is not set. Run the integration tests with `npm test -- integration`, ' +
        'or start a cluster with `npm run cluster:up` and set it to the path that this prints.',
    );
  }
  const program = findKubectl();
  if (program === undefined)
    throw new Error('no kubectl on PATH and none came with the control plane: install one');

  const kubectl = (args: readonly string[], input = ''): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      const options = { env: { ...process.env, KUBECONFIG: kubeconfig }, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile(program, [...args], options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number')
          reject(new Error(`kubectl ${args.join(' ')}`, { cause: error }));
        else resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : 0 });
      });
      // kubectl may end without reading its input: that is not an error.
      child.stdin?.on('error', () => undefined).end(input);
    });

  return {
    kubeconfig,
    hasControllerManager: process.env['MODELARTS_TEST_CONTROLLER_MANAGER'] !== 'false',
    kubectl,
    uniqueNamespace: async (prefix = 'test') => {
      const name = `${prefix}-${randomBytes(5).toString('hex')}`;
      const { code, stderr } = await kubectl(['create', 'namespace', name]);
      if (code !== 0) throw new Error(`namespace ${name} was not created: ${stderr}`);
      return name;
    },
  };
}
