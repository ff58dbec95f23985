import { PassThrough } from 'node:stream';

import { commandsIn, pluginCommandsIn } from '../../src/cli/commands.ts';
import type { CommandContext } from '../../src/cli/context.ts';
import { CliFailure } from '../../src/cli/failure.ts';
import { runPlugin } from '../../src/cli/plugin/plugin-program.ts';
import { runProgram } from '../../src/cli/program.ts';
import { Redactor } from '../../src/observability/redactor.ts';
import { systemRuntime } from '../../src/runtime/system.ts';
import type { Outcome } from './program.ts';

export type ProgramName = 'modelarts-operator' | 'kubectl modelarts';

/**
 * A program as main.ts runs it, but within this process: quick, and with a terminal where the test brings one. A failure
 * that is no CliFailure is a fault, and rejects.
 */
export async function runInProcess(
  program: ProgramName,
  args: readonly string[],
  over: Partial<CommandContext> = {},
): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const never = new AbortController().signal;
  const context: CommandContext = {
    runtime: systemRuntime,
    heap: undefined,
    redactor: new Redactor(),
    signal: never,
    stdout: (text) => void (stdout += text),
    terminal: undefined,
    outputClosed: never,
    logStream: new PassThrough().on('data', (chunk: Buffer) => void (stderr += chunk.toString())),
    version: '0.0.0',
    hostname: 'test',
    processID: 'test',
    proxy: {},
    credentials: {
      token: undefined,
      accessKeyID: undefined,
      secretAccessKey: undefined,
      securityToken: undefined,
    },
    kubeconfigVariable: undefined,
    serviceAccountFolder: '/nonexistent',
    ...over,
  };
  const output = {
    version: context.version,
    stdout: context.stdout,
    stderr: (text: string) => void (stderr += text),
  };
  try {
    const code =
      program === 'modelarts-operator'
        ? await runProgram(args, { ...output, defaultLogFormat: 'json', commands: commandsIn(context) })
        : await runPlugin(args, { ...output, commands: pluginCommandsIn(context) });
    return { code, stdout, stderr };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return { code: error.exitCode, stdout, stderr: `${stderr}${program}: ${error.message}\n` };
  }
}
