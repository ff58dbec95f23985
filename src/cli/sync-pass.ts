import type { ProjectEntry } from '../controller/gather.ts';
import type { Operator } from '../controller/operator.ts';
import type { CommandContext } from './context.ts';
import type { SyncOptions } from './options.ts';
import { interrupted, type Outcome } from './sync-outcome.ts';

/** An operator that is not at work yet. */
export interface Pass {
  readonly operator: Pick<Operator, 'sync' | 'reading'>;
  /** Has the operator work until the signal aborts. */
  readonly work: (signal: AbortSignal) => Promise<void>;
  /** What it works on. */
  readonly projects: () => Iterable<ProjectEntry>;
}

/** Has the operator work until it has made one full pass. */
export async function passOver(
  { operator, work, projects }: Pass,
  options: SyncOptions,
  context: CommandContext,
): Promise<Outcome[]> {
  const passed = new AbortController();
  const running = work(AbortSignal.any([context.signal, passed.signal]));
  // It resolves only when it is told to stop, and rejects when it cannot go on: either ends the pass.
  const ended = running.then((): never => {
    throw interrupted();
  });
  ended.catch(() => undefined);
  try {
    const failed = await Promise.race([operator.sync(context.signal, options.project), ended]);
    return [...projects()]
      .map(({ namespace, name, object }) => ({
        object,
        project: `${namespace}/${name}`,
        failure: operator.reading(namespace, name)?.failure,
      }))
      .filter(({ project }) => options.project === undefined || project === options.project)
      .map(({ object, project, failure }) => ({ object, failed: failed.includes(project), failure }));
  } finally {
    passed.abort();
    await running.catch(() => undefined);
  }
}
