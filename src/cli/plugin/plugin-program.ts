import { Option, type Command } from 'commander';

import { parseProgram, rootCommand } from '../parse-program.ts';
import * as flags from '../flags.ts';
import { topFlags, wanted, whereFlags } from './flags.ts';
import type { PluginCommands, SyncPoolOptions, TopOptions, Wanted, WhereOptions } from './options.ts';

export interface PluginOptions {
  readonly version: string;
  readonly commands: PluginCommands;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** The file name by which kubectl finds a plugin: `kubectl modelarts`. */
export const pluginName = 'kubectl-modelarts';

/** As `runProgram`, for the plugin of kubectl. */
export function runPlugin(args: readonly string[], options: PluginOptions): Promise<number> {
  return parseProgram(args, (done) => createPlugin(options, done));
}

function createPlugin(options: PluginOptions, done: (exitCode: number) => void): Command {
  const { commands, version } = options;
  const program = rootCommand({
    ...options,
    name: 'kubectl modelarts',
    description: 'Shows ModelArts pools, their queues and their jobs, from what modelarts-operator mirrors.',
  });
  const about = (name: string, description: string): Command =>
    whereFlags(program.command(name).description(description));

  topFlags(
    about(
      'top',
      'a table of pools, kept up to date on a terminal: what they have, what is allocated, what waits',
    ),
  ).action(async (top: TopOptions) => done(await commands.top(top)));

  about('queue', 'the jobs that wait in a pool, by place')
    .argument('<pool>', 'its name, id or display name; or NAMESPACE/NAME', wanted)
    .action(async (pool: Wanted, where: WhereOptions) => done(await commands.queue(pool, where)));

  about('why', 'what a job waits for, and who is ahead of it')
    .argument('<job>', "its object's name, id or display name; or NAMESPACE/NAME", wanted)
    .action(async (job: Wanted, where: WhereOptions) => done(await commands.why(job, where)));

  about('sync', 'have the operator read the project of a pool now, and wait for that')
    .argument('<pool>', 'its name, id or display name; or NAMESPACE/NAME', wanted)
    .addOption(
      new Option('--timeout <duration>', 'how long the operator may take')
        .argParser(flags.duration)
        .default(60_000, '1m'),
    )
    .action(async (pool: Wanted, where: SyncPoolOptions) => done(await commands.sync(pool, where)));

  about('describe', 'all that is known of a pool, on one page')
    .argument('<pool>', 'its name, id or display name; or NAMESPACE/NAME', wanted)
    .action(async (pool: Wanted, where: WhereOptions) => done(await commands.describe(pool, where)));

  about('budget', 'requests to ModelArts an hour by endpoint, and what a faster cadence would cost')
    .argument('[project]', 'a ModelArtsProject, or NAMESPACE/NAME (default: all)', wanted)
    .action(async (project: Wanted | undefined, where: WhereOptions) =>
      done(await commands.budget(project, where)),
    );

  about('doctor', 'check what the operator needs, a line each: 0 well, 1 something fails').action(
    async (where: WhereOptions) => done(await commands.doctor(where)),
  );

  program
    .command('version')
    .description('print the version')
    .action(() => options.stdout(`${version}\n`));

  return program;
}
