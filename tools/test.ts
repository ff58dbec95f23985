import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { runChecks } from './check.ts';
import { countsLine, noCounts, sum, type Counts } from './counts.ts';
import { GoMissing } from './go/run-go.ts';
import { buildManifestTools } from './manifest-tools/manifest-tools.ts';
import { readRequests, requestProblems, requestsFolderVariable, requestsReport } from './read-only.ts';
import { root } from './run-command.ts';
import { runJest } from './run-jest.ts';
import { readSeen, reasonProblems, seenFolderVariable } from './seen-reasons.ts';
import { withClusters } from './test-clusters.ts';
import { kubeconfigsOf } from './test-kubeconfigs.ts';

/**
 * `npm test [-- PHASE ...] [-- jest's own arguments]`: static checks, unit tests, then the integration tests against
 * real control planes. With jest arguments (`-t name`, a path) and no phase named, checks are left out. `all` names every
 * phase, also those that need programs of others: helm and kustomize for `chart`, Prometheus for `monitoring`, and
 * `chaos`, which kills control planes of its own.
 * The last line counts everything; the exit code is 0 when nothing failed.
 *
 * MODELARTS_TEST_KUBECONFIG in the environment names a cluster to use instead of our own, or several, for as many workers.
 */
const phases = ['check', 'unit', 'integration', 'chart', 'monitoring', 'chaos'] as const;
type Phase = (typeof phases)[number];

/** Each has a control plane of half a gigabyte. */
const mostWorkers = 4;

const usual: readonly Phase[] = ['check', 'unit', 'integration'];

function wanted(args: readonly string[]): { run: readonly Phase[]; jest: readonly string[] } {
  const jest = args.filter((arg) => arg !== 'all' && !(phases as readonly string[]).includes(arg));
  if (args.includes('all')) return { run: phases, jest };
  const named = phases.filter((phase) => args.includes(phase));
  if (named.length > 0) return { run: named, jest };
  return { run: jest.length > 0 ? ['unit', 'integration'] : usual, jest };
}

const witness = join(root, 'test/support/witness.mjs');

/** Runs tests, and then holds what their servers were asked against the reads that there are (invariant 9). */
async function runWitnessed(
  env: NodeJS.ProcessEnv,
  tests: (env: NodeJS.ProcessEnv) => Promise<Counts>,
  complete: (counts: Counts) => boolean,
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-requests-'));
  const options = [env['NODE_OPTIONS'], `--import=${pathToFileURL(witness).href}`].filter(Boolean).join(' ');
  try {
    const counts = await tests({ ...env, NODE_OPTIONS: options, [requestsFolderVariable]: folder });
    const requests = await readRequests(folder);
    const problems = requestProblems(requests, complete(counts));
    for (const line of requestsReport(requests)) console.log(line);
    for (const problem of problems) console.error(problem);
    return sum([counts, { ...noCounts(), [problems.length === 0 ? 'passed' : 'failed']: 1 }]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One worker for each cluster: some tests look at how quickly their apiserver is asked. */
function jestOnClusters(
  project: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Counts> {
  return runJest({ project, workers: kubeconfigsOf(env).length, args, env }, signal);
}

/** The integration tests, and then whether the reasons that they saw are those of the catalogue. */
async function runAndCompare(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-seen-'));
  try {
    const counts = await jestOnClusters(
      'integration',
      args,
      { ...env, [seenFolderVariable]: folder },
      signal,
    );
    if (signal.aborted) return counts;
    const seen = await readSeen(folder);
    const all = args.length === 0 && counts.failed === 0;
    const problems = reasonProblems(seen, all);
    const compared = all
      ? 'with the whole catalogue'
      : 'not every test ran well, so what is missing is not looked for';
    console.log(`${seen.length} conditions and Events were seen on the apiserver (${compared})`);
    for (const problem of problems) console.error(problem);
    return sum([counts, { ...noCounts(), [problems.length === 0 ? 'passed' : 'failed']: 1 }]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs what needs helm, kustomize and kubeconform; without Go to build them it is one thing that was skipped. */
async function withManifestTools(run: () => Promise<Counts>, signal: AbortSignal): Promise<Counts> {
  try {
    await buildManifestTools((line) => console.log(line), signal);
  } catch (error) {
    if (!(error instanceof GoMissing)) throw error;
    console.log(
      'skipped: helm, kustomize and kubeconform are built with Go 1.25 or newer, and there is no go on PATH',
    );
    return { ...noCounts(), skipped: 1 };
  }
  return run();
}

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const { run, jest } = wanted(process.argv.slice(2));
  const { signal } = stop;
  // Two even on one core: tests wait more than they work.
  const workers = Math.min(Math.max(2, availableParallelism()), mostWorkers);
  const onCluster = (project: string) => (): Promise<Counts> =>
    withClusters(
      1,
      (env) =>
        runWitnessed(
          env,
          (witnessed) => jestOnClusters(project, jest, witnessed, signal),
          () => false,
        ),
      signal,
    );
  // Where each test ran, each read was seen.
  const whole = (counts: Counts): boolean => jest.length === 0 && counts.failed === 0 && !signal.aborted;
  const runners: Record<Phase, () => Promise<Counts>> = {
    check: () => runChecks(signal),
    unit: () => runJest({ project: 'unit', workers, args: jest, env: process.env }, signal),
    integration: () =>
      withClusters(
        workers,
        (env) => runWitnessed(env, (witnessed) => runAndCompare(jest, witnessed, signal), whole),
        signal,
      ),
    chart: () => withManifestTools(onCluster('chart'), signal),
    monitoring: onCluster('monitoring'),
    chaos: onCluster('chaos'),
  };
  const results: Counts[] = [];
  for (const phase of run) {
    if (stop.signal.aborted) break;
    console.log(`\n— ${phase} —`);
    const result = await runners[phase]().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : String(error));
      return { ...noCounts(), failed: 1 };
    });
    results.push(result);
  }
  const total = sum(results);
  if (stop.signal.aborted) console.log('\nstopped by a signal: what did not run is not counted');
  console.log(countsLine(total));
  process.exitCode = stop.signal.aborted ? 130 : total.failed === 0 ? 0 : 1;
}

await main();
