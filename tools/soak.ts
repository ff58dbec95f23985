import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { SeededRandom } from '../src/simulator/seeded-random.ts';
import { disturbances } from '../test/chaos/support/disturbances.ts';
import {
  projectObjects,
  startRealParts,
  type OperatorProcess,
  type RealParts,
} from '../test/chaos/support/real-parts.ts';
import { imageEnvironment, imageOptions } from './image-settings.ts';
import { root } from './run-command.ts';
import { chart } from './soak/chart.ts';
import { parseExposition } from './soak/exposition.ts';
import { quantities } from './soak/quantities.ts';
import { judge, table, type Sample } from './soak/report.ts';
import { churn, soakProjects, soakScenario, soakSpec } from './soak/scenario.ts';

/**
 * `npm run soak [-- --minutes N] [--seed N] [--folder DIR]`: the operator as it runs elsewhere, under a ModelArts in which
 * pools and jobs come and go, and disturbed again and again. What it holds is read from its /metrics the whole time; the
 * exit code is 0 when none of it grew and all was in sync at the end. Samples, log and plot are kept in the folder.
 */
const namespace = 'soak';
/** Milliseconds. */
const every = { sample: 10_000, change: 10_000, disturbance: 30_000, project: 120_000 };
/** Each so many samples a full collection is asked for first. */
const samplesToCollection = 3;
const settledWithinMs = 120_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: join(root, '.cache', 'soak') },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const { folder } = values;

const begun = performance.now();
const elapsed = (): number => (performance.now() - begun) / 60_000;
const say = (text: string): void => console.log(`${elapsed().toFixed(1).padStart(6)} min  ${text}`);

const over = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => over.abort());
const pause = (ms: number): Promise<unknown> =>
  sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
/** What went wrong with the soaking itself. */
const problems: unknown[] = [];
/** Again and again until the end. */
async function repeat(ms: number, what: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; ; round++) {
    await pause(ms);
    if (over.signal.aborted) return;
    await what(round).catch((error: unknown) => {
      problems.push(error);
      say(String(error));
    });
  }
}

/** The process that is measured lives from beginning to end; the other one is killed, and the two share the projects. */
const flags = [
  '--leader-elect',
  `--leader-election-namespace=${namespace}`,
  '--shards=4',
  '--log-level=info',
];
/** The image's own options let Node be told to collect. */
const collectsOnSignal = ['--import=data:text/javascript,process.on("SIGUSR2",()=>globalThis.gc())'];

async function soak(parts: RealParts): Promise<boolean> {
  const random = new SeededRandom(seed, 'soak');
  const samples: Sample[] = [];
  const done = new Map<string, number>();
  const file = join(folder, 'samples.jsonl');
  await mkdir(folder, { recursive: true });
  await writeFile(file, '');

  const [, , passing] = soakProjects;
  const objects = (projects: typeof soakProjects): string =>
    projectObjects(namespace, parts.modelArts.url, projects, soakSpec);
  await parts.kubectl(['create', 'namespace', namespace]);
  await parts.kubectl(['apply', '-f', '-'], objects(soakProjects));
  const measured = await parts.operator({
    namespace,
    flags,
    node: [...imageOptions(), ...collectsOnSignal],
    env: imageEnvironment(),
  });
  let other: OperatorProcess = await parts.operator({ namespace, flags });
  let ended = false;
  void measured.program.ended.then(async ({ code, stderr }) => {
    if (over.signal.aborted) return;
    ended = true;
    say(`the measured operator ended with ${code}: ${stderr.slice(-2_000)}`);
    over.abort();
  });
  say(`the operator's metrics: ${measured.metricsURL}, the simulator: ${parts.modelArts.url}`);
  void pause(minutes * 60_000).then(() => over.abort());

  const sample = async (round: number): Promise<void> => {
    const collected = round % samplesToCollection === 0;
    if (collected) {
      measured.program.kill('SIGUSR2');
      await pause(200);
    }
    const text = await (await fetch(measured.metricsURL)).text();
    await writeFile(join(folder, 'metrics.txt'), text);
    const series = parseExposition(text);
    const values = Object.fromEntries(
      quantities
        .filter(({ afterCollection }) => collected || !afterCollection)
        .map(({ name, of }) => [name, of(series)]),
    );
    const one = { minutes: elapsed(), values };
    samples.push(one);
    await appendFile(file, `${JSON.stringify(one)}\n`);
  };
  const disturb = async (): Promise<void> => {
    const disturbance = random.pick(disturbances)!;
    await disturbance.run({
      parts,
      random,
      killOperator: async () => {
        other.program.kill('SIGKILL');
        await other.program.ended;
        other = await parts.operator({ namespace, flags });
      },
    });
    done.set(disturbance.name, (done.get(disturbance.name) ?? 0) + 1);
  };
  /** By turns there and away. Whoever asks while the apiserver is down asks again later. */
  const passingProject = async (round: number): Promise<void> => {
    if (round % 2 === 0) await parts.kubectl(['delete', 'maproj', passing!.name, '-n', namespace]);
    else await parts.kubectl(['apply', '-f', '-'], objects([passing!]));
  };
  await Promise.all([
    repeat(every.sample, sample),
    repeat(every.change, (round) => parts.modelArts.act(...churn(round))),
    repeat(every.disturbance, disturb),
    repeat(every.project, (round) => passingProject(round).catch(() => undefined)),
  ]);
  if (ended) return false;

  await parts.modelArts.heal();
  await parts.kubectl(['apply', '-f', '-'], objects(soakProjects));
  const settled = await inSync(parts);
  say(settled ? 'all mirrors are in sync' : 'the mirrors were not in sync two minutes after the end');
  const judged = judge(samples);
  await writeFile(join(folder, 'soak.svg'), chart(samples, judged));
  const report = [
    `${elapsed().toFixed(0)} minutes, seed ${seed}, ${samples.length} samples.`,
    '',
    ...table(judged),
    '',
    '| disturbance | times |',
    '| --- | --- |',
    ...[...done].sort().map(([name, times]) => `| ${name} | ${times} |`),
    '',
  ].join('\n');
  await writeFile(join(folder, 'report.md'), report);
  console.log(`\n${report}`);
  return settled && problems.length === 0 && judged.every(({ flat }) => flat);
}

/** Every pool of ModelArts has its mirror, no other is there, and all say that they are in sync. */
async function inSync({ modelArts, kubectl }: RealParts): Promise<boolean> {
  const until = performance.now() + settledWithinMs;
  while (performance.now() < until) {
    const [{ projects }, { items }] = await Promise.all([
      modelArts.get<{ projects: { pools: { id: string }[] }[] }>('state'),
      kubectl(['get', 'mapool', '-n', namespace, '-o', 'json']).then(
        (text) => JSON.parse(text) as { items: MirroredPool[] },
      ),
    ]);
    const there = projects.flatMap(({ pools }) => pools.map(({ id }) => id)).sort();
    const shown = items.filter(isSynced).map(({ spec }) => spec.poolName);
    if (items.length === there.length && JSON.stringify(shown.sort()) === JSON.stringify(there)) return true;
    await sleep(1_000);
  }
  return false;
}

interface MirroredPool {
  readonly spec: { readonly poolName: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const isSynced = ({ status }: MirroredPool): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Synced' && status === 'True') ?? false;

await using parts = await startRealParts(soakScenario(seed));
if (!(await soak(parts))) process.exitCode = 1;
