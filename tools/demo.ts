import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { startSimulator } from '../src/simulator/simulator.ts';
import { demoProjectID, demoScenario, demoToken } from '../src/simulator/scenarios/demo.ts';
import { systemRuntime } from '../src/runtime/system.ts';
import { findBinaries, findKubectl } from './control-plane/binaries.ts';
import { startControlPlane } from './control-plane/control-plane.ts';
import { kubectlFor, type Kubectl } from './demo/kubectl.ts';
import { OperatorProcess } from './demo/operator-process.ts';
import { fitTable, withoutAge } from './demo/table.ts';
import { terminalPicture } from './demo/terminal-picture.ts';

/**
 * `npm run demo`: a control plane, a simulated ModelArts and the operator between them, and what kubectl shows of it as
 * it changes, until Ctrl-C. `-- --exit` ends after the first full sync; `-- --picture FILE` keeps what it first shows as
 * an SVG.
 */
const root = join(import.meta.dirname, '..');
const namespace = 'demo';
const width = 110;
const shownWorkloads = 12;
/** How often kubectl is asked, and the least time between two prints, milliseconds. */
const pace = { untilSynced: 250, watching: 1_000, betweenPrints: 4_000 };
const syncWithinMs = 120_000;

const say = (text = ''): void => console.log(text);
const seconds = (): string => `${(performance.now() / 1000).toFixed(1)} s`;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
/** Ends at once when the demo is stopped. */
const pause = (ms: number): Promise<void> =>
  sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);

interface Options {
  readonly exit?: boolean | undefined;
  readonly picture?: string | undefined;
}

async function demo({ exit: exitAfterSync = false, picture }: Options): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const binaries = await findBinaries(say, stop.signal);
  const program = findKubectl();
  if (program === undefined) throw new Error('the demo needs kubectl: install it and run the demo again');

  say(`Starting etcd and kube-apiserver (${binaries.origin}) …`);
  const controlPlane = await startControlPlane({ binaries });
  parts.defer(() => controlPlane.stop());
  const kubectl = kubectlFor(program, controlPlane.kubeconfigPath);
  if (stop.signal.aborted) return;

  const simulator = await startSimulator({ runtime: systemRuntime, scenario: demoScenario });
  parts.defer(() => simulator.stop());
  say(
    `It is ready after ${seconds()}. A simulated ModelArts runs at ${simulator.url}, ${demoScenario.speed} times faster than life.`,
  );

  await install(kubectl, simulator.url);
  const operator = new OperatorProcess({
    kubeconfig: controlPlane.kubeconfigPath,
    logFile: join(controlPlane.directory, 'operator.log'),
  });
  parts.defer(() => operator.stop());
  void operator.ended.then(() => stop.signal.aborted || stop.abort(new Error('the operator ended')));
  say(`The operator was started after ${seconds()}; its log is ${operator.logFile}`);

  const synced = await firstSync(kubectl);
  if (!synced && !stop.signal.aborted) {
    throw new Error(`nothing was in sync after ${syncWithinMs / 1000} s\n${operator.lastLines(10)}`);
  }
  let shown = synced ? await tables(kubectl) : undefined;
  if (shown !== undefined) {
    say(`\n${render(shown)}\n`);
    say(`First complete kubectl get ${seconds()} after the start of the demo.`);
    if (picture !== undefined) await writeFile(picture, terminalPicture(render(shown)));
    if (!exitAfterSync) say(goOn(controlPlane.kubeconfigPath, simulator.url));
  }
  while (!exitAfterSync && !stop.signal.aborted) {
    await pause(pace.watching);
    const now = stop.signal.aborted ? undefined : await tables(kubectl);
    if (now === undefined || shown === undefined || now.state === shown.state) continue;
    shown = now;
    say(`\n${new Date().toLocaleTimeString()}\n${render(now)}`);
    await pause(pace.betweenPrints);
  }
  if (stop.signal.reason instanceof Error && stop.signal.reason.message === 'the operator ended') {
    throw new Error(`the operator ended by itself\n${operator.lastLines(10)}`);
  }
  say('\nStopping …');
  stop.abort();
}

async function install(kubectl: Kubectl, endpoint: string): Promise<void> {
  const crds = join(root, 'crds');
  await kubectl(['apply', '--server-side', '-f', crds]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', crds]);
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'modelarts', namespace },
      type: 'modelarts-operator.dev/credentials',
      stringData: { token: demoToken },
    },
    {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsProject',
      metadata: { name: 'demo', namespace },
      spec: {
        endpoint,
        projectID: demoProjectID,
        credentials: { secretRef: { name: 'modelarts' } },
        discovery: { workspaces: ['*'] },
        // Quicker than the defaults, because the simulated time is.
        polling: { poolInterval: '5s', workloadInterval: '3s' },
        rateLimit: { requestsPerSecond: 50, burst: 50 },
      },
    },
  ];
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** True once the project is in sync and every mirror has its status; false when that takes too long. */
async function firstSync(kubectl: Kubectl): Promise<boolean> {
  const until = performance.now() + syncWithinMs;
  while (performance.now() < until && !stop.signal.aborted) {
    const { items } = JSON.parse(await kubectl(['get', 'maproj,mapool,mawl', '-n', namespace, '-o', 'json']));
    if (isComplete(items)) return true;
    await pause(pace.untilSynced);
  }
  return false;
}

interface Shown {
  readonly kind: string;
  readonly status?: {
    readonly phase?: string;
    readonly workloads?: { readonly byStatus?: Readonly<Record<string, number>> };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

function isComplete(items: readonly Shown[]): boolean {
  const of = (kind: string): readonly Shown[] => items.filter((item) => item.kind === kind);
  const pools = of('ModelArtsPool');
  const workloads = of('ModelArtsWorkload');
  const status = of('ModelArtsProject')[0]?.status;
  const is = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  const unfinished = pools.reduce((sum, pool) => {
    const { Running = 0, Queue = 0 } = pool.status?.workloads?.byStatus ?? {};
    return sum + Running + Queue;
  }, 0);
  // A project is in sync once everything is read: that may be before all of it is written.
  return (
    is('Ready') &&
    is('Synced') &&
    unfinished > 0 &&
    workloads.length >= unfinished &&
    [...pools, ...workloads].every((mirror) => mirror.status?.phase !== undefined)
  );
}

interface Tables {
  readonly pools: string;
  readonly workloads: string;
  /** Differs when something but time has changed. */
  readonly state: string;
}

async function tables(kubectl: Kubectl): Promise<Tables> {
  const [pools, workloads] = await Promise.all([
    kubectl(['get', 'mapool', '-n', namespace]),
    // Newest first would move every line; by name they stay where they are.
    kubectl(['get', 'mawl', '-n', namespace]),
  ]);
  return { pools, workloads, state: `${withoutAge(pools)}\n${withoutAge(workloads)}` };
}

/** Pools whole; of the workloads those that run or wait, as many as fit. */
function render({ pools, workloads }: Tables): string {
  const [header = '', ...rows] = workloads.trimEnd().split('\n');
  const live = rows.filter((row) => !/\s(Completed|Failed|Terminated)\s/.test(row));
  const shown = fitTable([header, ...live.slice(0, shownWorkloads)].join('\n'), width);
  const more = `… ${rows.length} workloads in all, ${live.length} of them unfinished`;
  return `$ kubectl get mapool\n${fitTable(pools, width)}\n\n$ kubectl get mawl\n${shown}\n${more}`;
}

function goOn(kubeconfig: string, simulator: string): string {
  return [
    '',
    'Look around in another terminal:',
    `  export KUBECONFIG=${kubeconfig}`,
    `  kubectl get mapool,mawl -n ${namespace} -o wide`,
    `  kubectl describe maproj demo -n ${namespace}`,
    '  kubectl explain mapool.status.driver',
    'Change the simulated ModelArts and watch the mirrors follow:',
    `  curl -X POST ${simulator}/_sim/actions -d '{"failNode": {"pool": "llm"}}'`,
    `  curl ${simulator}/_sim/state`,
    'Ctrl-C ends the demo and takes everything away again.',
  ].join('\n');
}

function optionsOf(args: readonly string[]): Options {
  const options = { exit: { type: 'boolean' }, picture: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: npm run demo [-- [--exit] [--picture FILE]]`);
    process.exit(2);
  }
}

await demo(optionsOf(process.argv.slice(2))).catch((error: unknown) => {
  console.error(error instanceof Error ? `The demo failed: ${error.message}` : error);
  process.exitCode = 1;
});
process.exit();
