import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { demoToken } from '../../../src/simulator/scenarios/demo.ts';
import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import type { Action, Scenario } from '../../../src/simulator/schema.ts';
import { findBinaries, findKubectl } from '../../../tools/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../../tools/control-plane/control-plane.ts';
import { kubectlFor, type Kubectl } from '../../../tools/demo/kubectl.ts';
import { root } from '../../../tools/run-command.ts';
import { tcpProxy, type TcpProxy } from '../../integration/kubernetes/support/tcp-proxy.ts';
import { buildBundle } from '../../support/bundle.ts';
import { Program } from '../../support/program.ts';

export interface OperatorOptions {
  readonly namespace: string;
  /** Flags beside those that every one of them has. */
  readonly flags?: readonly string[];
  /** Flags of Node. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `modelarts-operator run` in a process of its own. */
export interface OperatorProcess {
  readonly program: Program;
  readonly metricsURL: string;
}

/** A simulated ModelArts in a process of its own, and its control API. */
export interface SimulatedModelArts {
  readonly url: string;
  /** Begins anew. */
  play(scenario: Scenario): Promise<void>;
  act(...actions: readonly Action[]): Promise<void>;
  fault(rules: readonly FaultRule[]): Promise<void>;
  /** Ends every fault. */
  heal(): Promise<void>;
  get<T>(path: 'state' | 'state?jobs=true' | 'requests'): Promise<T>;
}

/**
 * Everything as it runs elsewhere, each in a process of its own: etcd (which flushes to disk), kube-apiserver, the
 * bundled operator, a simulated ModelArts; and a proxy on the operator's way to the apiserver.
 */
export interface RealParts extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** On the operator's way to the apiserver; `kubectl` goes past it. */
  readonly way: TcpProxy;
  readonly kubectl: Kubectl;
  readonly modelArts: SimulatedModelArts;
  /** The operator's; its server is the proxy. */
  readonly kubeconfig: string;
  readonly bundle: string;
  /** `modelarts-operator run`; it may not even have begun when this returns. */
  launch(options: OperatorOptions): Program;
  /** The same, when it listens. */
  operator(options: OperatorOptions): Promise<OperatorProcess>;
}

export async function startRealParts(scenario: Scenario): Promise<RealParts> {
  await using parts = new AsyncDisposableStack();
  const kubectlProgram = findKubectl();
  if (kubectlProgram === undefined)
    throw new Error('no kubectl on PATH and none came with the control plane');
  const bundle = await buildBundle();
  parts.defer(() => bundle.remove());
  const controlPlane = await startControlPlane({
    binaries: await findBinaries(() => undefined),
    unsafeNoFsync: false,
  });
  parts.defer(() => controlPlane.stop());
  const kubectl = kubectlFor(kubectlProgram, controlPlane.kubeconfigPath);
  const crds = join(root, 'crds');
  await kubectl(['apply', '--server-side', '-f', crds]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', crds]);

  const way = await tcpProxy({ host: '127.0.0.1', port: Number(new URL(controlPlane.url).port) });
  parts.defer(() => way.close());
  const kubeconfig = join(controlPlane.directory, 'operator.kubeconfig');
  const own = await readFile(controlPlane.kubeconfigPath, 'utf8');
  await writeFile(kubeconfig, own.replace(controlPlane.url, `https://127.0.0.1:${way.port}`), {
    mode: 0o600,
  });

  /** None of them outlives this process, however it ends. */
  const running = new Set<Program>();
  const killAll = (): void => running.forEach((program) => program.kill('SIGKILL'));
  process.once('exit', killAll);
  parts.defer(async () => {
    killAll();
    await Promise.all([...running].map(({ ended }) => ended));
    process.removeListener('exit', killAll);
  });
  const start = (command: readonly [string, ...string[]], env = {}): Program => {
    const program = new Program(command, { cwd: bundle.folder, env });
    running.add(program);
    void program.ended.finally(() => running.delete(program)).catch(() => undefined);
    return program;
  };

  const file = join(bundle.folder, 'scenario.json');
  await writeFile(file, JSON.stringify(scenario));
  const simulator = start([process.execPath, bundle.file, 'simulate', '--port', '0', '--scenario', file]);
  const [, url = ''] = await simulator.says(/^ModelArts and IAM: (\S+)$/m);
  const modelArts = simulated(url);

  const launch = ({ namespace, flags = [], node = [], env = {} }: OperatorOptions): Program =>
    start(
      [
        process.execPath,
        ...node,
        bundle.file,
        'run',
        `--kubeconfig=${kubeconfig}`,
        `--namespace=${namespace}`,
        '--allow-local-endpoints',
        '--log-format=json',
        '--metrics-bind-address=127.0.0.1:0',
        '--health-probe-bind-address=0',
        ...flags,
      ],
      env,
    );
  const owned = parts.move();
  return {
    controlPlane,
    way,
    kubectl,
    modelArts,
    kubeconfig,
    bundle: bundle.file,
    launch,
    operator: async (options) => {
      const program = launch(options);
      const [, address = ''] = await program.says(/"listening":\["([^"]+)"/);
      return { program, metricsURL: `http://${address}/metrics` };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function simulated(url: string): SimulatedModelArts {
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${url}/_sim/${path}`, init);
    if (!answer.ok) throw new Error(`the simulator refused ${path}: ${await answer.text()}`);
    return answer;
  };
  const post = async (path: string, body: unknown): Promise<void> => {
    await send(path, { method: 'POST', body: JSON.stringify(body) });
  };
  return {
    url,
    play: (scenario) => post('scenario', scenario),
    act: (...actions) => post('actions', actions),
    fault: (rules) => post('faults', rules),
    heal: async () => void (await send('faults', { method: 'DELETE' })),
    get: async <T>(path: string) => (await (await send(path)).json()) as T,
  };
}

/** A namespace with a ModelArtsProject and its Secret for each of these, as `kubectl apply` takes them. */
export function projectObjects(
  namespace: string,
  endpoint: string,
  projects: readonly { readonly name: string; readonly projectID: string; readonly token?: string }[],
  spec: object,
): string {
  const items = projects.flatMap(({ name, projectID, token = demoToken }) => [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { token } },
    {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsProject',
      metadata: { name, namespace },
      spec: {
        endpoint,
        projectID,
        credentials: { secretRef: { name } },
        rateLimit: { requestsPerSecond: 1000, burst: 1000 },
        ...spec,
      },
    },
  ]);
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
