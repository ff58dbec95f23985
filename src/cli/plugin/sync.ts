import type { ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { askHolder } from '../ask-holder.ts';
import type { CommandContext } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { unwell } from '../unwell.ts';
import { apiFailure } from './api-failure.ts';
import type { SyncPoolOptions, Wanted } from './options.ts';
import { print } from './output.ts';
import { acceleratorsText, poolTitle, summaryOf, type PoolSummary } from './pool-summary.ts';
import { findPool } from './queue.ts';
import { harmless } from './terminal-text.ts';
import { withMirrors, type OpenMirrors } from './with-mirrors.ts';

/** Has the operator read the project of a pool at once, waits for that, and prints what the pool then shows. */
export function sync(wanted: Wanted, options: SyncPoolOptions, context: CommandContext): Promise<number> {
  return withMirrors(options, context, async (open) => {
    const pool = await findPool(wanted, open);
    const project = await readableProject(pool, open);
    const { namespace = '', name } = project.metadata;
    const [asked] = await askHolder({
      transport: open.transport,
      runtime: context.runtime,
      signal: context.signal,
      namespaces: [namespace],
      wanted: (each) => each === `${namespace}/${name}`,
      timeoutMs: options.timeout,
    }).catch((error: unknown) => {
      throw apiFailure(error, { verb: 'patch', resource: 'modelartsprojects', namespace });
    });
    if (asked?.handled !== true) throw notRead(asked?.object ?? project, options.timeout);
    const read = await findPool({ namespace, name: pool.metadata.name }, open);
    print(summaryOf(read), options.output, (summary) => [lineOf(summary)], context);
    return 0;
  });
}

/** The project of a pool, where the operator may read it. */
async function readableProject(pool: ModelArtsPool, { mirrors }: OpenMirrors): Promise<ModelArtsProject> {
  const { namespace = '', name } = pool.metadata;
  const wanted = pool.spec.projectRef.name;
  const project = (await mirrors.listProjects(namespace)).find(({ metadata }) => metadata.name === wanted);
  const title = `${namespace}/${wanted}`;
  if (project === undefined) {
    throw new CliFailure(
      `there is no ModelArtsProject ${title}, which the pool ${namespace}/${name} names; create it`,
    );
  }
  if (project.spec.suspend === true) {
    throw new CliFailure(`the project ${title} is suspended; set spec.suspend to false to have it read`);
  }
  return project;
}

function notRead(project: ModelArtsProject, timeoutMs: number): CliFailure {
  const { namespace = '', name } = project.metadata;
  const bad = unwell(project);
  const why =
    bad === undefined
      ? 'look whether the operator runs, and watches this namespace'
      : `${bad.reason}: ${bad.message}`;
  return new CliFailure(
    `the project ${namespace}/${name} was not read within ${timeoutMs / 1000} s; ${why} ` +
      '(--timeout waits longer)',
  );
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
