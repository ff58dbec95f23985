import type { Logger } from '../observability/logger.ts';
import { assembleSharded, type ShardedAssembly } from './assembly/sharded-assembly.ts';
import type { CommandContext } from './context.ts';
import { engineOfFlags, leaseIdentity, leaseOfFlags } from './engine-of-flags.ts';
import { CliFailure } from './failure.ts';
import { cachesAreFilled, type Working } from './leadership.ts';
import type { ClusterOptions, RecordOptions, ShardOptions } from './options.ts';

/** One of several processes that share the projects. */
export interface Replica extends Working {
  readonly sharded: ShardedAssembly;
}

/** The replica of a command's flags, which ask for two shards or more. */
export function assembleReplica(
  options: ClusterOptions & ShardOptions & RecordOptions,
  context: CommandContext,
  log: Logger,
): Replica {
  const place = leaseOfFlags(options, context);
  if (place === undefined) throw new CliFailure('--shards needs --leader-elect', { exitCode: 2 });
  const flagged = engineOfFlags(options, context, log);
  const sharded = assembleSharded({
    ...flagged.engine,
    ...place,
    shards: options.shards,
    identity: leaseIdentity(context),
  });
  const { metrics, transport } = sharded.engine;
  return {
    sharded,
    assembly: {
      metrics,
      transport,
      close: async () => {
        await sharded.close();
        await flagged.close();
      },
    },
    notReady: () => (sharded.ready ? undefined : cachesAreFilled),
    work: (signal) => sharded.work(signal),
  };
}
