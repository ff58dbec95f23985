import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';

import packageJson from '../package.json' with { type: 'json' };
import { commandsIn, pluginCommandsIn } from './cli/commands.ts';
import type { CommandContext } from './cli/context.ts';
import { CliFailure } from './cli/failure.ts';
import { pluginName, runPlugin } from './cli/plugin/plugin-program.ts';
import { runProgram } from './cli/program.ts';
import { describeError } from './observability/describe-error.ts';
import { BindError } from './observability/http-endpoint.ts';
import { Redactor } from './observability/redactor.ts';
import { systemHeap, systemRuntime } from './runtime/system.ts';

/** A pod is killed 30 s after SIGTERM; what has not stopped before that is told so while it can still be said. */
const stopWithinMs = 20_000;

const [, script = '', ...args] = process.argv;
/** The same file under another name is the plugin of kubectl: a link is enough to install it. */
const isPlugin = basename(script).startsWith(pluginName);
const programName = isPlugin ? 'kubectl modelarts' : 'modelarts-operator';
const redactor = new Redactor();
const stopping = new AbortController();

function say(text: string): void {
  process.stderr.write(`${redactor.text(text)}\n`);
}

/** One sentence; the stack only where it was asked for. */
function explain(error: unknown): void {
  const debug = args.some(
    (arg, i) => arg === '--log-level=debug' || (arg === '--log-level' && args[i + 1] === 'debug'),
  );
  const known = error instanceof CliFailure || error instanceof BindError;
  const hint =
    known || debug || !['run', 'sync'].includes(args[0] ?? '') ? '' : '; --log-level debug shows where';
  say(`${programName}: ${known && !debug ? sentence(error) : describeError(error)}${hint}`);
  if (debug && error instanceof Error && error.stack !== undefined) say(error.stack);
}

/** What we say ourselves is whole; a cause that another part gave is added. */
function sentence(error: Error): string {
  return error instanceof BindError || error.cause === undefined
    ? error.message
    : `${error.message} (${describeError(error.cause)})`;
}

function onSignal(name: 'SIGTERM' | 'SIGINT'): void {
  const exitCode = name === 'SIGINT' ? 130 : 143;
  if (stopping.signal.aborted) process.exit(exitCode);
  stopping.abort(new Error(`${name} was received`));
  systemRuntime.timer(stopWithinMs, () => {
    say(`${programName}: not everything ended within ${stopWithinMs / 1000} s of ${name}; leaving`);
    process.exit(1);
  });
}
process.on('SIGTERM', () => onSignal('SIGTERM'));
process.on('SIGINT', () => onSignal('SIGINT'));
// A bug: Node's own report would hold the stack, and might hold a secret.
process.on('uncaughtException', (error) => {
  explain(error);
  process.exit(1);
});

// Who reads no further, as in `crds | head`, has what it wanted.
const outputClosed = new AbortController();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  outputClosed.abort(error);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { env } = process;
const context: CommandContext = {
  runtime: systemRuntime,
  heap: systemHeap(),
  redactor,
  signal: stopping.signal,
  stdout: (text) => process.stdout.write(text),
  terminal: terminalOf(process.stdout),
  outputClosed: outputClosed.signal,
  logStream: process.stderr,
  version: packageJson.version,
  hostname: env['HOSTNAME'] || hostname(),
  processID: randomUUID(),
  proxy: {
    ...proxyVariable('httpProxy', 'HTTP_PROXY'),
    ...proxyVariable('httpsProxy', 'HTTPS_PROXY'),
    ...proxyVariable('noProxy', 'NO_PROXY'),
  },
  credentials: {
    token: env['MODELARTS_TOKEN'],
    accessKeyID: env['HUAWEICLOUD_SDK_AK'],
    secretAccessKey: env['HUAWEICLOUD_SDK_SK'],
    securityToken: env['HUAWEICLOUD_SDK_SECURITY_TOKEN'],
  },
  kubeconfigVariable: env['KUBECONFIG'] || undefined,
  serviceAccountFolder: '/var/run/secrets/kubernetes.io/serviceaccount',
};

/** A pipe takes only what it has room for: without this, what a slow reader has not taken yet would end with us. */
function written(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()));
}

function terminalOf(stream: NodeJS.WriteStream): CommandContext['terminal'] {
  // https://no-color.org: any value but an empty one.
  const colour = !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return stream.isTTY
    ? { colour, size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }) }
    : undefined;
}

/** The lower case spelling wins, as in curl. */
function proxyVariable(field: keyof CommandContext['proxy'], name: string): CommandContext['proxy'] {
  const value = env[name.toLowerCase()] || env[name];
  return value ? { [field]: value } : {};
}

let exitCode: number;
try {
  const output = {
    version: packageJson.version,
    stdout: context.stdout,
    stderr: (text: string) => process.stderr.write(text),
  };
  exitCode = isPlugin
    ? await runPlugin(args, { ...output, commands: pluginCommandsIn(context) })
    : await runProgram(args, {
        ...output,
        commands: commandsIn(context),
        defaultLogFormat: process.stderr.isTTY ? 'text' : 'json',
      });
} catch (error) {
  explain(error);
  exitCode = error instanceof CliFailure ? error.exitCode : 1;
}
await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit(exitCode);
