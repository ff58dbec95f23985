import type { ModelArtsProject } from '../api/kinds/modelarts-project.ts';
import type { AskedProject } from './ask-holder.ts';
import type { CommandContext } from './context.ts';
import { CliFailure } from './failure.ts';
import type { SyncOptions } from './options.ts';
import { unwell, type Why } from './unwell.ts';

/** What a pass made of a project. */
export interface Outcome {
  readonly object: ModelArtsProject;
  readonly failed: boolean;
  /** What reading it failed with; a condition says so only when that has lasted. */
  readonly failure?: Why | undefined;
}

/** Prints a line a project; answers the exit code. */
export function report(outcomes: readonly Outcome[], options: SyncOptions, context: CommandContext): number {
  if (options.project !== undefined && outcomes.length === 0) {
    throw new CliFailure(
      `there is no ModelArtsProject ${options.project}; see kubectl get modelartsprojects -A`,
    );
  }
  for (const outcome of outcomes) context.stdout(`${lineOf(outcome)}\n`);
  return outcomes.some(({ failed }) => failed) ? 1 : 0;
}

export function outcomeOf({ object, handled }: AskedProject): Outcome {
  return { object, failed: !handled || unwell(object) !== undefined };
}

export function interrupted(cause?: unknown): CliFailure {
  return new CliFailure(
    'the pass was interrupted; what it had written stays, and the next pass goes on from there',
    { cause },
  );
}

function lineOf({ object, failed, failure }: Outcome): string {
  const { namespace = '', name } = object.metadata;
  const bad = unwell(object, failure);
  const { pools = 0, workloads = 0 } = object.status ?? {};
  if (object.spec.suspend === true) return `${namespace}/${name}: suspended`;
  if (!failed) return `${namespace}/${name}: in sync, ${pools} pools, ${workloads} workloads`;
  return `${namespace}/${name}: failed: ${bad === undefined ? 'not read whole' : `${bad.reason}: ${bad.message}`}`;
}
