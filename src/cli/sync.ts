import { askHolder, takeLease } from './ask-holder.ts';
import type { CommandContext } from './context.ts';
import { assembleLed, type LedOperator } from './leadership.ts';
import type { SyncOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { commandLogger } from './run.ts';
import { interrupted, outcomeOf, report, type Outcome } from './sync-outcome.ts';
import { passOver } from './sync-pass.ts';
import { syncShards } from './sync-shards.ts';

/**
 * One full pass over every project, by this process or by the one that holds the Lease. Resolves with 0 when all are in
 * sync, 1 when one is not.
 */
export async function sync(options: SyncOptions, context: CommandContext): Promise<number> {
  if (options.shards > 1) return syncShards(options, context);
  const led = assembleLed(options, context, commandLogger(options, context), options.project);
  const { transport, operator, stores } = led.assembly;
  try {
    await preflight(transport, { signal: context.signal, mustAnswer: true });
    const held =
      led.lease !== undefined && (await takeLease(led.lease, context.runtime, context.signal)) === 'held';
    const outcomes = held
      ? await ask(options, context, led)
      : await passOver(
          { operator, work: (signal) => led.work(signal), projects: () => stores.projects.values() },
          options,
          context,
        );
    return report(outcomes, options, context);
  } catch (error) {
    throw context.signal.aborted ? interrupted(error) : error;
  } finally {
    await led.assembly.close();
  }
}

async function ask(options: SyncOptions, context: CommandContext, led: LedOperator): Promise<Outcome[]> {
  const asked = await askHolder({
    transport: led.assembly.transport,
    runtime: context.runtime,
    signal: context.signal,
    namespaces: options.namespace,
    wanted: (project) => options.project === undefined || project === options.project,
    timeoutMs: options.timeout,
  });
  return asked.map(outcomeOf);
}
