/** What every benchmark needs: a control plane, a simulator, and the operator between them, in this process. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KubeConfig } from '@kubernetes/client-node';
import type { Assembly } from '../src/cli/assembly/operator-assembly.ts';
import { systemRuntime } from '../src/runtime/system.ts';
import { startSimulator, type Simulator } from '../src/simulator/simulator.ts';
import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';
import { startOperator } from '../test/support/operator.ts';
import { MirroredWorlds } from './mirrored-world.ts';
import { buildPrograms, type Programs } from './programs.ts';

/** One line of the output. `ratio` is value against baseline, where there is a baseline. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  readonly ratio?: number;
}

export interface Bench {
  readonly name: string;
  run(cluster: Cluster): Promise<readonly Figure[]>;
}

export interface Cluster {
  readonly kubeconfig: string;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Builds what is measured from outside. */
  programs(options?: { readonly peer?: boolean }): Promise<Programs>;
  readonly worlds: MirroredWorlds;
}

export function figure(name: string, value: number, unit: string): Figure {
  return { name, value: round(value), unit };
}

export function against(name: string, value: number, unit: string, baseline: number): Figure {
  return { ...figure(name, value, unit), baseline: round(baseline), ratio: round(value / baseline) };
}

const round = (value: number): number => Number(value.toPrecision(4));

const run = promisify(execFile);

export function clusterAt(kubeconfig: string, kubectl: string): Cluster {
  return {
    kubeconfig,
    programs: buildPrograms,
    worlds: new MirroredWorlds(),
    kubectl: async (args, input) => {
      const child = run(kubectl, [`--kubeconfig=${kubeconfig}`, ...args], { maxBuffer: 64 * 1024 * 1024 });
      child.child.stdin?.end(input ?? '');
      return (await child).stdout;
    },
  };
}

export interface Mirrored {
  readonly namespace: string;
  readonly operator: Assembly;
  readonly simulator: Simulator;
  stop(): Promise<void>;
}

/** A namespace of this name with one ModelArtsProject that reads `endpoint`, and every ended job kept. */
export async function prepareNamespace(
  cluster: Cluster,
  namespace: string,
  endpoint: string,
  spec: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'credentials', namespace },
      stringData: { token: demoToken },
    },
    {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsProject',
      metadata: { name: 'bench', namespace },
      spec: {
        endpoint,
        projectID: demoProjectID,
        credentials: { secretRef: { name: 'credentials' } },
        rateLimit: { requestsPerSecond: 1000, burst: 1000 },
        ...spec,
      },
    },
  ];
  await cluster.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  );
}

/** A namespace with one ModelArtsProject on `simulator`, and an operator in this process that has just been started. */
export async function mirror(
  cluster: Cluster,
  options: {
    readonly name: string;
    readonly simulator: Simulator;
    readonly spec?: Readonly<Record<string, unknown>>;
  },
): Promise<Mirrored> {
  const namespace = `bench-${options.name}-${process.pid}`;
  const { simulator } = options;
  await prepareNamespace(cluster, namespace, simulator.url, options.spec);
  const operator = startOperator({ kubeconfig: cluster.kubeconfig, namespaces: [namespace] });
  return {
    namespace,
    operator,
    simulator,
    // What it made stays: deleting thousands of objects would disturb the next measurement.
    stop: async () => {
      await operator.stop();
      await simulator.stop();
    },
  };
}

export function simulate(
  scenario: Parameters<typeof startSimulator>[0]['scenario'],
  manualClock = false,
): Promise<Simulator> {
  return startSimulator({ runtime: systemRuntime, scenario, manualClock });
}

/** Requests to the apiserver so far, by method. */
export async function apiserverRequests(operator: Assembly): Promise<Readonly<Record<string, number>>> {
  const metric = await operator.metrics.registry.getSingleMetric('rest_client_requests_total')?.get();
  const byMethod: Record<string, number> = {};
  for (const { labels, value } of metric?.values ?? []) {
    const method = String(labels['method']);
    byMethod[method] = (byMethod[method] ?? 0) + value;
  }
  return byMethod;
}

export function writesOf(byMethod: Readonly<Record<string, number>>): number {
  return ['POST', 'PUT', 'PATCH', 'DELETE'].reduce((sum, method) => sum + (byMethod[method] ?? 0), 0);
}

/** Of two in the middle, what lies between. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.floor(sorted.length / 2))) / 2;
}

/** Waits until `done` holds; throws, naming what did not come, after `ms`. `pause`: milliseconds before it is asked again. */
export async function until(
  what: string,
  ms: number,
  done: () => boolean | Promise<boolean>,
  pause = () => 20,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, pause()));
  }
}

/** Does `work` `count` times, so many at once. Answers how long it took, seconds. */
export async function atOnce(concurrency: number, count: number, work: () => Promise<void>): Promise<number> {
  let left = count;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await work();
    }),
  );
  return (performance.now() - started) / 1000;
}

/** As `--expose-gc` does, in a process that runs already. */
export function exposeGC(): NonNullable<typeof globalThis.gc> {
  setFlagsFromString('--expose-gc');
  return (globalThis.gc ??= runInNewContext('gc') as NonNullable<typeof globalThis.gc>);
}

export function kubeConfigOf(cluster: Cluster): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  return config;
}
