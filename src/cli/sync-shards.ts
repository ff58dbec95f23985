import { LeaderElector } from '../kubernetes/leader-elector.ts';
import { askHolder, takeLease } from './ask-holder.ts';
import type { CommandContext } from './context.ts';
import { assembleReplica, type Replica } from './replica.ts';
import type { SyncOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { commandLogger } from './run.ts';
import { interrupted, outcomeOf, report, type Outcome } from './sync-outcome.ts';
import { passOver } from './sync-pass.ts';

/** `sync` beside replicas that share the projects: free shards are taken for the pass, the holders of others are asked. */
export async function syncShards(options: SyncOptions, context: CommandContext): Promise<number> {
  const replica = assembleReplica(options, context, commandLogger(options, context));
  const { sharded, assembly } = replica;
  const stop = new AbortController();
  let filling: Promise<void> | undefined;
  try {
    await preflight(assembly.transport, { signal: context.signal, mustAnswer: true });
    filling = sharded.engine.runCaches(stop.signal);
    await sharded.synced(context.signal);
    return report(await outcomes(options, context, replica), options, context);
  } catch (error) {
    throw context.signal.aborted ? interrupted(error) : error;
  } finally {
    stop.abort();
    await filling;
    await assembly.close();
  }
}

async function outcomes(options: SyncOptions, context: CommandContext, replica: Replica): Promise<Outcome[]> {
  const { leases, shards, engine } = replica.sharded;
  const wanted = (project: string): boolean => options.project === undefined || project === options.project;
  const shardOf = (project: string): number => {
    const [namespace = '', name = ''] = project.split('/');
    return shards.of(namespace, name);
  };
  const projects = [...engine.caches.projects.values()].map(({ namespace, name }) => `${namespace}/${name}`);
  const asked = new Set<number>();
  const passes = [...new Set(projects.filter(wanted).map(shardOf))].map(async (shard) => {
    const lease = leases[shard];
    if (!lease) return [];
    if ((await takeLease(lease, context.runtime, context.signal)) === 'taken')
      return passOverShard(shard, options, context, replica);
    asked.add(shard);
    return [];
  });
  const own = await Promise.all(passes);
  const others = await askOthers();
  return [...own.flat(), ...others].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));

  async function askOthers(): Promise<Outcome[]> {
    if (asked.size === 0) return [];
    const answers = await askHolder({
      transport: replica.assembly.transport,
      runtime: context.runtime,
      signal: context.signal,
      namespaces: options.namespace,
      wanted: (project) => wanted(project) && asked.has(shardOf(project)),
      timeoutMs: options.timeout,
    });
    return answers.map(outcomeOf);
  }
}

function passOverShard(
  shard: number,
  options: SyncOptions,
  context: CommandContext,
  { sharded }: Replica,
): Promise<Outcome[]> {
  const { leases, shards, engine } = sharded;
  const { operator, work } = sharded.operatorOf(shard, (deadlineMs) => elector.admit(deadlineMs));
  const elector: LeaderElector = new LeaderElector({
    lease: leases[shard] as (typeof leases)[number],
    runtime: context.runtime,
    lead: work,
  });
  const projects = () =>
    [...engine.caches.projects.values()].filter(
      ({ namespace, name }) => shards.of(namespace, name) === shard,
    );
  return passOver({ operator, work: (signal) => elector.hold(signal), projects }, options, context);
}

const nameOf = ({ object: { metadata } }: Outcome): string => `${metadata.namespace ?? ''}/${metadata.name}`;
