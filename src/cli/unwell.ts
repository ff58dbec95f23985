import type { ModelArtsProject } from '../api/kinds/modelarts-project.ts';

export interface Why {
  readonly reason: string;
  readonly message: string;
}

/**
 * What says most about what is wrong with reading a project; undefined of one that is well or suspended. That it was
 * not read yet, or not for long, only means that reading fails: `failure`, where the caller knows it, says more.
 */
export function unwell({ spec, status }: ModelArtsProject, failure?: Why): Why | undefined {
  if (spec.suspend === true) return undefined;
  const not = (wanted: string) =>
    status?.conditions?.find((condition) => condition.type === wanted && condition.status !== 'True');
  const [ready, synced] = [not('Ready'), not('Synced')];
  const said = [ready, synced].find((condition) => condition?.status === 'False');
  return said ?? failure ?? synced ?? ready;
}
