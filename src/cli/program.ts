import { Option, type Command } from 'commander';

import { optionalParts } from '../modelarts/permissions.ts';
import type { LogFormat } from '../observability/logger.ts';
import { crdDocuments } from './crds.ts';
import { exportParts, type DoctorOptions, type ExportOptions } from './endpoint-options.ts';
import { outputFormats } from './export/documents.ts';
import {
  checkShards,
  clusterFlags,
  connectionFlags,
  endpointFlags,
  leaseFlags,
  leaseNameFlags,
  recordFlags,
  shardsFlag,
  whereFlags,
} from './flag-groups.ts';
import * as flags from './flags.ts';
import { policyRemarks, policyText, type IAMPolicyOptions } from './iam-policy.ts';
import type { RunOptions, SimulateOptions, SyncOptions } from './options.ts';
import { parseProgram, rootCommand } from './parse-program.ts';
import { clusterFlags as clusterAndFormatFlags, topFlags } from './plugin/flags.ts';
import type { TopOptions } from './plugin/options.ts';

/** What the commands do. Each resolves with the exit code. */
export interface Commands {
  run(options: RunOptions): Promise<number>;
  sync(options: SyncOptions): Promise<number>;
  export(options: ExportOptions): Promise<number>;
  doctor(options: DoctorOptions): Promise<number>;
  top(options: TopOptions): Promise<number>;
  simulate(options: SimulateOptions): Promise<number>;
}

export interface ProgramOptions {
  readonly version: string;
  readonly commands: Commands;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Log format where none is asked for: `text` for a person's eyes. */
  readonly defaultLogFormat: LogFormat;
}

/**
 * Reads the arguments (without node and script) and carries the command out; resolves with the exit code: 2 and usage on
 * standard error for a bad flag. What a command rejects with goes to the caller.
 */
export function runProgram(args: readonly string[], options: ProgramOptions): Promise<number> {
  return parseProgram(args, (done) => createProgram(options, done));
}

function createProgram(options: ProgramOptions, done: (exitCode: number) => void): Command {
  const { commands, version } = options;
  const program = rootCommand({
    ...options,
    name: 'modelarts-operator',
    description: 'Mirrors ModelArts resource pools and their workloads into Kubernetes custom resources.',
  });

  recordFlags(
    leaseFlags(
      clusterFlags(
        program.command('run').description('run the operator until it is told to stop'),
        options.defaultLogFormat,
      ),
      'take a Lease before working, so that only one of several replicas writes; without it no Lease is read or written',
    ),
  )
    .addOption(
      new Option(
        '--metrics-bind-address <address>',
        "where /metrics is served: 'HOST:PORT', ':PORT', or '0' for off",
      )
        .argParser(flags.bindAddress)
        .default({ port: 8080 }, ':8080'),
    )
    .addOption(
      new Option(
        '--health-probe-bind-address <address>',
        "where /healthz and /readyz are served: 'HOST:PORT', ':PORT', or '0' for off",
      )
        .argParser(flags.bindAddress)
        .default({ port: 8081 }, ':8081'),
    )
    .action(async (run: RunOptions, command: Command) => {
      checkShards(run, command);
      done(await commands.run(run));
    });

  recordFlags(
    leaseFlags(
      clusterFlags(
        program
          .command('sync')
          .description('make one full pass over every project, then exit: 0 all in sync, 1 something failed'),
        options.defaultLogFormat,
      ),
      'take the Lease for the pass, or where another process holds it ask that one to make the pass',
    ),
  )
    .addOption(
      new Option('--timeout <duration>', 'with --leader-elect: how long the holder of the Lease may take')
        .argParser(flags.duration)
        .default(300_000, '5m'),
    )
    .option('--project <namespace/name>', 'only this ModelArtsProject', flags.namespacedName)
    .action(async (sync: SyncOptions, command: Command) => {
      checkShards(sync, command);
      done(await commands.sync(sync));
    });

  connectionFlags(
    endpointFlags(
      program
        .command('export')
        .description(
          'print the mirrors that the operator would write, without a cluster; credentials come from the environment ' +
            '(MODELARTS_TOKEN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK)',
        ),
      true,
    ),
  )
    .addOption(
      new Option('--namespace <name>', 'namespace of the mirrors')
        .argParser(flags.namespace)
        .default('default'),
    )
    .addOption(
      new Option('--name <name>', 'name of the ModelArtsProject that they belong to')
        .argParser(flags.objectName)
        .default('modelarts'),
    )
    .addOption(
      new Option('-o, --output <format>', 'YAML documents, or one JSON list')
        .choices(outputFormats)
        .default('yaml'),
    )
    .option(
      '--skip <part>',
      `what is not read, repeatable: ${exportParts.join(', ')}`,
      flags.listOf(flags.oneOf(exportParts)),
    )
    .addOption(
      new Option('--requests-per-second <number>', 'the most that ModelArts is asked, at a steady rate')
        .argParser(flags.rate)
        .default(5),
    )
    .option('--watch', 'then print what changes, until it is told to stop', false)
    .option(
      '--interval <duration>',
      'with --watch: between two reads (default: 30s for pools, 15s for workloads)',
      flags.interval,
    )
    .action(async (what: ExportOptions) => done(await commands.export(what)));

  connectionFlags(
    endpointFlags(
      shardsFlag(
        leaseNameFlags(
          whereFlags(
            program
              .command('doctor')
              .description(
                'check what the operator needs, a line each; with --endpoint and --project-id ModelArts alone, with the ' +
                  'credentials of the environment: 0 well, 1 something fails',
              ),
          ),
        ),
        'as run has it: over how many Leases replicas divide the projects',
      ),
      false,
    ),
  )
    .option('--project <namespace/name>', 'only this ModelArtsProject', flags.namespacedName)
    .addOption(
      new Option('-o, --output <format>', 'a line each, or one object')
        .choices(['text', 'json', 'yaml'])
        .default('text'),
    )
    .action(async (what: DoctorOptions, command: Command) => {
      if ((what.endpoint === undefined) !== (what.projectId === undefined)) {
        command.error("error: options '--endpoint <url>' and '--project-id <id>' go together");
      }
      done(await commands.doctor(what));
    });

  topFlags(
    clusterAndFormatFlags(
      program
        .command('top')
        .description(
          'a table of pools, kept up to date on a terminal: what they have, what is allocated, what waits',
        ),
    ),
  )
    .option('-n, --namespace <name>', 'namespace to look in (default: all)', flags.namespace)
    .action(async (what: Omit<TopOptions, 'allNamespaces'>) =>
      done(await commands.top({ ...what, allNamespaces: what.namespace === undefined })),
    );

  program
    .command('simulate')
    .description('serve a simulated ModelArts on this machine, with a control API to change it')
    .option('--scenario <file>', 'scenario, YAML or JSON (default: the demo)')
    .addOption(
      new Option(
        '--replay <file>',
        'serve what a recording holds (run --record), instead of a scenario',
      ).conflicts('scenario'),
    )
    .addOption(
      new Option('--port <number>', 'port on 127.0.0.1; 0 takes a free one')
        .argParser(flags.port)
        .default(8888),
    )
    .option(
      '--speed <factor>',
      "how much faster than real time (default: the scenario's; 1 for a recording)",
      flags.speed,
    )
    .action(async (simulate: SimulateOptions) => done(await commands.simulate(simulate)));

  program
    .command('crds')
    .description('print the CustomResourceDefinitions, for kubectl apply --server-side -f -')
    .action(() => options.stdout(crdDocuments()));

  program
    .command('iam-policy')
    .description('print the least policy that the user of a ModelArts credential needs in IAM')
    .addOption(
      new Option('-o, --output <format>', 'JSON, as the console takes it, or YAML')
        .choices(outputFormats)
        .default('json'),
    )
    .option(
      '--skip <part>',
      `what no project reads, repeatable: ${optionalParts.join(', ')}`,
      flags.listOf(flags.oneOf(optionalParts)),
    )
    .action((policy: IAMPolicyOptions) => {
      options.stdout(policyText(policy));
      for (const remark of policyRemarks(policy)) options.stderr(`${remark}\n`);
    });

  program
    .command('version')
    .description('print the version')
    .action(() => options.stdout(`${version}\n`));

  return program;
}
