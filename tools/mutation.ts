import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { LogLevel } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';

import { choose, type Chosen, type Part } from './mutation/parts.ts';
import { scoreOf } from './mutation/score.ts';
import { root } from './run-command.ts';

/**
 * `npm run mutation [-- part or file ...]`: changes the deciding code in one small way after another, and looks whether
 * a test notices. Prints what none noticed and a score for each part, and fails where one is below what is demanded.
 * docs/mutation.md explains the survivors.
 */
const demanded = 90;
/** Two: each is a jest of its own, and a machine has other work. */
const concurrency = Number(process.env['MUTATION_CONCURRENCY'] ?? 2);
const cache = '.cache/mutation';

const filesOf = ({ mutate }: Part): string[] => {
  const excluded = mutate.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  return globSync(
    mutate.filter((glob) => !glob.startsWith('!')),
    { cwd: root, exclude: excluded },
  );
};

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

async function run({ part, mutate }: Chosen): Promise<Result[]> {
  const stryker = new Stryker({
    mutate: [...mutate],
    testRunner: 'resident',
    plugins: [join(root, 'tools', 'mutation', 'resident-runner.ts')],
    testRunnerNodeArgs: ['--disable-warning=ExperimentalWarning'],
    resident: { tests: part.tests },
    coverageAnalysis: 'perTest',
    // A constant of a module is made before any test runs: nobody can say which tests would notice it.
    ignoreStatic: true,
    concurrency,
    timeoutMS: 20_000,
    incremental: true,
    incrementalFile: `${cache}/${part.name}.json`,
    tempDirName: `${cache}/sandbox-${part.name}`,
    ignorePatterns: ['.cache', 'dist', 'coverage', 'bench', 'docs', 'crds', 'charts', 'manifests'],
    reporters: ['html', 'progress-append-only'],
    htmlReporter: { fileName: `${cache}/${part.name}.html` },
    logLevel: 'warn' as LogLevel,
  });
  return stryker.runMutationTest();
}

let below = 0;
const chosen = choose(process.argv.slice(2), filesOf);
for (const one of chosen) {
  const started = performance.now();
  const results = await run(one);
  const score = scoreOf(results);
  for (const mutant of score.survivors) {
    const { line, column } = mutant.location.start;
    const file = relative(root, mutant.fileName);
    console.log(
      `${mutant.status} ${file}:${line + 1}:${column + 1} ${mutant.mutatorName}: ${mutant.replacement.replaceAll(/\s+/g, ' ')}`,
    );
  }
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(
    `${one.part.name}: ${score.percent.toFixed(1)} % (${score.noticed} of ${score.noticed + score.survivors.length} mutants noticed, ${score.ignored} constants left out, ${minutes} min); ${join(cache, `${one.part.name}.html`)} shows them`,
  );
  if (score.percent < demanded) below += 1;
}
if (below > 0) {
  console.error(`${below} of ${chosen.length} are below ${demanded} %`);
  process.exitCode = 1;
}
