import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { countJest, noCounts, type Counts, type JestReport } from './counts.ts';
import { nodeProgram, root } from './run-command.ts';

/** How long jest may go on after its report is written. */
const graceMs = 5_000;

export interface JestRun {
  /** One of jest's projects. */
  readonly project: string;
  /** Files that run at once. */
  readonly workers: number;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs one of jest's projects with its report on the terminal, and counts how its tests ended. A jest that ends without
 * a report, or that does not end because a test left something open, is one failure more.
 */
export async function runJest(
  { project, workers, args, env }: JestRun,
  signal: AbortSignal,
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-jest-'));
  const report = join(folder, 'report.json');
  try {
    const flags = [
      ...['--selectProjects', project, '--json', `--outputFile=${report}`, '--passWithNoTests'],
      `--maxWorkers=${workers}`,
    ];
    const [node, ...jest] = nodeProgram('jest/bin/jest.js', ...flags, ...args);
    const command = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest];
    // With --json, what jest has to say to people goes to standard error, and the JSON to standard output too.
    const child = spawn(node, command, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'], signal });
    const hung = await endOrHang(child, report);
    const text = await readFile(report, 'utf8').catch(() => undefined);
    if (text === undefined) {
      console.error(`jest ended without a report of the ${project} tests: they count as one failure`);
      return { ...noCounts(), failed: 1 };
    }
    const counts = countJest(JSON.parse(text) as JestReport);
    if (!hung) return counts;
    console.error(
      `jest did not end by itself: a ${project} test leaves a server, timer or process open; this counts as one failure`,
    );
    return { ...counts, failed: counts.failed + 1 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves when the process has ended: `true` when it had to be killed because it did not after its report. */
function endOrHang(child: ChildProcess, report: string): Promise<boolean> {
  return new Promise((resolve) => {
    let hung = false;
    let grace: NodeJS.Timeout | undefined;
    const look = setInterval(() => {
      if (grace !== undefined || !existsSync(report)) return;
      grace = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, graceMs);
    }, 250);
    const end = (): void => {
      clearInterval(look);
      clearTimeout(grace);
      resolve(hung);
    };
    child.once('close', end);
    // Stopped by the signal, or not started at all: no report tells the rest.
    child.once('error', end);
  });
}
