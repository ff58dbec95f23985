import { askHolder } from '../ask-holder.ts';
import type { CommandContext } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { apiFailure } from './api-failure.ts';
import type { SyncPoolOptions, Wanted } from './options.ts';
import { print } from './output.ts';
import { acceleratorsText, findCondition, poolTitle, summaryOf, type PoolSummary } from './pool-summary.ts';
import { findPool } from './queue.ts';
import { harmless } from './terminal-text.ts';
import { withMirrors } from './with-mirrors.ts';

/** Has the operator read the project of a pool at once, waits for that, and prints what the pool then shows. */
export function sync(wanted: Wanted, options: SyncPoolOptions, context: CommandContext): Promise<number> {
  const { runtime, signal } = context;
  return withMirrors(options, context, async (open) => {
    const pool = await findPool(wanted, open);
    const { namespace = '', name } = pool.metadata;
    const project = `${namespace}/${pool.spec.projectRef.name}`;
    const [asked] = await askHolder({
      transport: open.transport,
      runtime,
      signal,
      namespaces: [namespace],
      wanted: (each) => each === project,
      timeoutMs: options.timeout,
    }).catch((error: unknown) => {
      throw apiFailure(error, { verb: 'patch', resource: 'modelartsprojects', namespace });
    });
    if (asked === undefined) {
      throw new CliFailure(
        `there is no ModelArtsProject ${project}, which the pool ${namespace}/${name} names; create it`,
      );
    }
    const { spec, status } = asked.object;
    if (spec.suspend === true) {
      throw new CliFailure(`the project ${project} is suspended; set spec.suspend to false to have it read`);
    }
    if (!asked.handled) {
      const bad = ['Ready', 'Synced']
        .map((type) => findCondition(status?.conditions, type))
        .find((condition) => condition !== undefined && condition.status !== 'True');
      const why =
        bad === undefined
          ? 'look whether the operator runs, and watches this namespace'
          : `${bad.reason}: ${bad.message}`;
      throw new CliFailure(
        `the project ${project} was not read within ${options.timeout / 1000} s; ${why} (--timeout waits longer)`,
      );
    }
    const found = await findPool({ namespace, name }, open);
    print(summaryOf(found), options.output, (summary) => [lineOf(summary)], context);
    return 0;
  });
}

function lineOf(pool: PoolSummary): string {
  const parts = [
    pool.phase ?? 'phase not known',
    ...(pool.nodes?.summary === undefined ? [] : [`${pool.nodes.summary} nodes`]),
    ...(acceleratorsText(pool) === '' ? [] : [`${acceleratorsText(pool)} allocated`]),
    ...(pool.running === undefined ? [] : [`${pool.running} running`, `${pool.queued ?? 0} queued`]),
  ];
  return harmless(`${poolTitle(pool)} was read: ${parts.join(', ')}`);
}
