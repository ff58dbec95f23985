import type { ModelArtsProject } from '../api/kinds/modelarts-project.ts';
import { askHolder, takeLease } from './ask-holder.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import { assembleLed, type LedOperator } from './leadership.ts';
import type { SyncOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { commandLogger } from './run.ts';

interface Outcome {
  readonly object: ModelArtsProject;
  readonly failed: boolean;
}

/**
 * One full pass over every project, by this process or by the one that holds the Lease. Resolves with 0 when all are in
 * sync, 1 when one is not.
 */
export async function sync(options: SyncOptions, context: CommandContext): Promise<number> {
  const led = assembleLed(options, context, commandLogger(options, context), options.project);
  const { transport } = led.assembly;
  try {
    await preflight(transport, { signal: context.signal, mustAnswer: true });
    const held =
      led.lease !== undefined && (await takeLease(led.lease, context.runtime, context.signal)) === 'held';
    const outcomes = held ? await ask(options, context, led) : await pass(options, context, led);
    if (options.project !== undefined && outcomes.length === 0) {
      throw new CliFailure(
        `there is no ModelArtsProject ${options.project}; see kubectl get modelartsprojects -A`,
      );
    }
    for (const outcome of outcomes) context.stdout(`${lineOf(outcome)}\n`);
    return outcomes.some(({ failed }) => failed) ? 1 : 0;
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
    project: options.project,
    timeoutMs: options.timeout,
  });
  return asked.map(({ object, handled }) => ({ object, failed: !handled || unwell(object) !== undefined }));
}

async function pass(options: SyncOptions, context: CommandContext, led: LedOperator): Promise<Outcome[]> {
  const { operator, stores } = led.assembly;
  const passed = new AbortController();
  const running = led.work(AbortSignal.any([context.signal, passed.signal]));
  // It resolves only when it is told to stop, and rejects when it cannot go on: either ends the pass.
  const ended = running.then((): never => {
    throw interrupted();
  });
  ended.catch(() => undefined);
  try {
    const failed = await Promise.race([operator.sync(context.signal, options.project), ended]);
    return [...stores.projects.values()]
      .map(({ namespace, name, object }) => ({ object, project: `${namespace}/${name}` }))
      .filter(({ project }) => options.project === undefined || project === options.project)
      .map(({ object, project }) => ({ object, failed: failed.includes(project) }));
  } finally {
    passed.abort();
    await running.catch(() => undefined);
  }
}

function interrupted(cause?: unknown): CliFailure {
  return new CliFailure(
    'the pass was interrupted; what it had written stays, and the next pass goes on from there',
    { cause },
  );
}

function lineOf({ object, failed }: Outcome): string {
  const { namespace = '', name } = object.metadata;
  const bad = unwell(object);
  const { pools = 0, workloads = 0 } = object.status ?? {};
  if (object.spec.suspend === true) return `${namespace}/${name}: suspended`;
  if (!failed) return `${namespace}/${name}: in sync, ${pools} pools, ${workloads} workloads`;
  return `${namespace}/${name}: failed: ${bad === undefined ? 'not read whole' : `${bad.reason}: ${bad.message}`}`;
}

function unwell({ spec, status }: ModelArtsProject) {
  if (spec.suspend === true) return undefined;
  return status?.conditions?.find(
    (condition) => (condition.type === 'Ready' || condition.type === 'Synced') && condition.status !== 'True',
  );
}
