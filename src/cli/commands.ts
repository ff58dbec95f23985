import type { CommandContext } from './context.ts';
import type { PluginCommands, TopOptions } from './plugin/options.ts';
import type { Commands } from './program.ts';

/** Loaded when asked for: `--version` need not read the operator, nor `simulate` the Kubernetes client. */
export function commandsIn(context: CommandContext): Commands {
  return {
    run: async (options) => (await import('./run.ts')).run(options, context),
    sync: async (options) => (await import('./sync.ts')).sync(options, context),
    export: async (options) => (await import('./export/export.ts')).exportMirrors(options, context),
    doctor: async (options) => (await import('./doctor/doctor.ts')).doctor(options, context),
    top: (options) => top(options, context),
    simulate: async (options) => (await import('./simulate.ts')).simulate(options, context),
  };
}

/** The same for the plugin of kubectl. */
export function pluginCommandsIn(context: CommandContext): PluginCommands {
  return {
    top: (options) => top(options, context),
    queue: async (pool, options) => (await import('./plugin/queue.ts')).queue(pool, options, context),
    why: async (job, options) => (await import('./plugin/why.ts')).why(job, options, context),
    sync: async (pool, options) => (await import('./plugin/sync.ts')).sync(pool, options, context),
    describe: async (pool, options) =>
      (await import('./plugin/describe.ts')).describe(pool, options, context),
    budget: async (project, options) =>
      (await import('./plugin/budget.ts')).budget(project, options, context),
    doctor: async (options) => (await import('./plugin/doctor.ts')).doctor(options, context),
  };
}

async function top(options: TopOptions, context: CommandContext): Promise<number> {
  return (await import('./top.ts')).top(options, context);
}
