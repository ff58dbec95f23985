/** From what somebody typed to the one object that is meant. Pure. */
import type { ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { isTerminal } from '../../mirror/workload-phase.ts';
import { CliFailure } from '../failure.ts';
import { nearNames } from './near-names.ts';

/** Where was looked, for messages: `in namespace team-a`, `in any namespace`. */
export type Where = string;

/** At most so many candidates are named. */
const shown = 10;

/** By the object's name, else the pool's id, else its display name. Throws CliFailure unless that is one pool. */
export function choosePool(pools: readonly ModelArtsPool[], wanted: string, where: Where): ModelArtsPool {
  const ways = [
    ({ metadata }: ModelArtsPool) => metadata.name,
    ({ spec }: ModelArtsPool) => spec.poolName,
    ({ status }: ModelArtsPool) => status?.displayName,
  ];
  const found = firstMatches(pools, ways, wanted);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length > 1)
    throw ambiguous(
      'pools',
      wanted,
      found.map((pool) => pathOf(pool)),
    );
  const names = pools.flatMap((pool) => ways.map((way) => way(pool)).filter((name) => name !== undefined));
  throw unknown('pool', wanted, where, names, 'kubectl modelarts top');
}

/** Of jobs that were found by their object's name, their id or their display name. */
export function chooseJob(
  found: readonly ModelArtsWorkload[],
  wanted: string,
  where: Where,
  /** Names of others, for a hint. */
  names: readonly string[],
): ModelArtsWorkload {
  const active = found.filter(({ status }) => !isTerminal(status?.phase ?? ''));
  // Of a name that is used again and again, the one run that has not ended is meant.
  const [only, ...more] = found.length === 1 ? found : active;
  if (only !== undefined && more.length === 0) return only;
  if (found.length > 0) {
    const candidates = (active.length > 0 ? active : found).map(
      (job) => `${pathOf(job)} (${[job.status?.phase, job.status?.jobID].filter(Boolean).join(', ')})`,
    );
    throw ambiguous('jobs', wanted, candidates);
  }
  throw unknown('job', wanted, where, names, 'kubectl get modelartsworkloads');
}

export function chooseProject(
  projects: readonly ModelArtsProject[],
  wanted: string,
  where: Where,
): ModelArtsProject {
  const found = projects.filter(({ metadata }) => metadata.name === wanted);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length > 1)
    throw ambiguous(
      'projects',
      wanted,
      found.map((project) => pathOf(project)),
    );
  const names = projects.map(({ metadata }) => metadata.name);
  throw unknown('project', wanted, where, names, 'kubectl get modelartsprojects');
}

function firstMatches<T>(
  objects: readonly T[],
  ways: readonly ((object: T) => string | undefined)[],
  wanted: string,
): readonly T[] {
  for (const way of ways) {
    const found = objects.filter((object) => way(object) === wanted);
    if (found.length > 0) return found;
  }
  return [];
}

function ambiguous(what: string, wanted: string, candidates: readonly string[]): CliFailure {
  const more = candidates.length - shown;
  return new CliFailure(
    `${wanted} may be ${candidates.length} ${what}: ${[...candidates].sort().slice(0, shown).join(', ')}` +
      `${more > 0 ? ` and ${more} more` : ''}; name one of them as NAMESPACE/NAME`,
  );
}

function unknown(
  what: string,
  wanted: string,
  where: Where,
  names: readonly string[],
  list: string,
): CliFailure {
  const near = nearNames(wanted, names);
  const hint = near.length === 0 ? `${list} -A lists what there is` : `did you mean ${near.join(' or ')}?`;
  return new CliFailure(`there is no ${what} ${wanted} ${where}; ${hint}`);
}

function pathOf({
  metadata,
}: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
