import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { LogLevel } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';

import { choose, type Chosen, type Part } from './mutation/parts.ts';
import { scoreOf } from './mutation/score.ts';
import { changeOf, explainedIn, without, type Survivor } from './mutation/survivors.ts';
import { root } from './run-command.ts';

/**
 * `npm run mutation [-- part or file ...]`: changes the deciding code in one small way after another, and looks whether
 * a test notices. Prints a score for each part, and fails where one is below what is demanded, where a mutant survives
 * that docs/mutation-survivors.md does not explain, and where it explains one that does not survive.
 */
const demanded = 90;
/** Two: each is a process of its own, and a machine has other work. */
const concurrency = Number(process.env['MUTATION_CONCURRENCY'] ?? 2);
const output = '.cache/mutation';

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
    tempDirName: `${output}/sandbox-${part.name}`,
    ignorePatterns: ['.cache', 'dist', 'coverage', 'bench', 'docs', 'crds', 'charts', 'manifests'],
    reporters: ['html', 'progress-append-only'],
    htmlReporter: { fileName: `${output}/${part.name}.html` },
    logLevel: 'warn' as LogLevel,
  });
  return stryker.runMutationTest();
}

const explained = explainedIn(readFileSync(join(root, 'docs', 'mutation-survivors.md'), 'utf8'));
let failed = false;

for (const one of choose(process.argv.slice(2), filesOf)) {
  const started = performance.now();
  const files = new Set(filesOf({ ...one.part, mutate: one.mutate }));
  const score = scoreOf(await run(one));
  const survivors = score.survivors.map((mutant): Survivor => {
    const change = changeOf(readFileSync(mutant.fileName, 'utf8'), mutant);
    return { file: relative(root, mutant.fileName), change };
  });
  const here = explained.filter(({ file }) => files.has(file));
  const [unexplained, gone] = [without(survivors, here), without(here, survivors)];
  print('survives and is not explained', unexplained);
  print('is explained and does not survive', gone);

  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(
    `${one.part.name}: ${score.percent.toFixed(1)} % (${score.noticed} of ${score.noticed + survivors.length} mutants noticed, ${score.ignored} constants left out, ${minutes} min), ${unexplained.length} survivors unexplained, ${gone.length} explained in vain; ${join(output, `${one.part.name}.html`)} shows them`,
  );
  if (score.percent < demanded) console.error(`${one.part.name} is below ${demanded} %`);
  if (score.percent < demanded || unexplained.length + gone.length > 0) failed = true;
}
if (failed) process.exitCode = 1;

/** As the list holds them, so that a line can be copied into it. */
function print(what: string, survivors: readonly Survivor[]): void {
  for (const [file, ofFile] of Map.groupBy(survivors, (one) => one.file)) {
    console.log(`${what}:\n${file}`);
    for (const { change } of ofFile) console.log(`  ${change}`);
  }
}
