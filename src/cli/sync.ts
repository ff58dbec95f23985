import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import type { SyncOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { assemble, commandLogger } from './run.ts';

/** One full pass over every project; resolves with 0 when all are in sync, 1 when one is not. */
export async function sync(options: SyncOptions, context: CommandContext): Promise<number> {
  const assembly = assemble(options, context, commandLogger(options, context));
  const { operator, stores, transport } = assembly;
  const passed = new AbortController();
  const running = operator.run(AbortSignal.any([context.signal, passed.signal]));
  // It resolves only when it is told to stop, and rejects when it cannot go on: either ends the pass.
  const ended = running.then((): never => {
    throw new CliFailure(
      'the pass was interrupted; what it had written stays, and the next pass goes on from there',
    );
  });
  ended.catch(() => undefined);
  try {
    await preflight(transport, { signal: context.signal, mustAnswer: true });
    const failed = await Promise.race([operator.sync(context.signal, options.project), ended]);
    for (const { namespace, name, object } of stores.projects.values()) {
      const project = `${namespace}/${name}`;
      if (options.project !== undefined && project !== options.project) continue;
      const { pools, workloads, conditions } = object.status ?? {};
      const bad = conditions?.find(
        ({ type, status }) => (type === 'Ready' || type === 'Synced') && status !== 'True',
      );
      context.stdout(
        failed.includes(project)
          ? `${project}: failed: ${bad === undefined ? 'not read whole' : `${bad.reason}: ${bad.message}`}\n`
          : `${project}: in sync, ${pools ?? 0} pools, ${workloads ?? 0} workloads\n`,
      );
    }
    if (options.project !== undefined && failed.includes(options.project)) {
      const [namespace = '', name = ''] = options.project.split('/');
      if (stores.projects.get(namespace, name) === undefined) {
        throw new CliFailure(
          `there is no ModelArtsProject ${options.project}; see kubectl get modelartsprojects -A`,
        );
      }
    }
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (context.signal.aborted) return await ended;
    throw error;
  } finally {
    passed.abort();
    await running.catch(() => undefined);
    await assembly.close();
  }
}
