import { apiVersion } from '../../api/kinds/metadata.ts';
import { withDefaults, type ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import type { SecretObject } from '../assembly/cluster-ports.ts';
import { get, unanswered, type Answered, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';
import { targetOf, type Target } from './target.ts';

const say = findingsOf('projects');

export interface Wanted {
  /** `namespace/name` of the only one. */
  readonly project?: string | undefined;
  /** Absent: all. */
  readonly namespaces?: readonly string[] | undefined;
}

interface ProjectList {
  readonly items: readonly ModelArtsProject[];
}

/** The ModelArtsProjects to look at, or why there are none. */
export async function findProjects(
  cluster: ClusterQuestions,
  { project, namespaces }: Wanted,
): Promise<readonly ModelArtsProject[] | Finding> {
  if (project !== undefined) {
    const [namespace = '', name = ''] = project.split('/');
    // Listed, as the operator reads it: its own account may not get a single one.
    const only = await get<ProjectList>(
      cluster,
      `/apis/${apiVersion}/namespaces/${namespace}/modelartsprojects`,
      { fieldSelector: `metadata.name=${name}` },
    );
    if (only.is === 'answered' && only.value.items.length > 0) return only.value.items;
    const absent = only.is === 'answered' ? ({ is: 'absent' } as const) : only;
    return unanswered(say, absent, `ModelArtsProject ${project}`);
  }
  const places = namespaces?.map((namespace) => `/namespaces/${namespace}`) ?? [''];
  const found: ModelArtsProject[] = [];
  for (const place of places) {
    const list = await get<ProjectList>(cluster, `/apis/${apiVersion}${place}/modelartsprojects`);
    if (list.is !== 'answered') return unanswered(say, list, 'ModelArtsProjects');
    found.push(...list.value.items);
  }
  if (found.length > 0) return found;
  return say.warn('there is no ModelArtsProject: nothing is mirrored', 'create one, see README.md');
}

/** What the operator would connect to for a project: its Secret read, as the operator reads it. */
export async function projectTarget(
  cluster: ClusterQuestions,
  { metadata, spec: written }: ModelArtsProject,
): Promise<Target | Finding> {
  const { namespace = '', name } = metadata;
  const about = `${namespace}/${name}`;
  if (written.suspend === true)
    return findingsOf('projects', about).ok('suspended: nothing is read, and nothing asked');
  const spec = withDefaults(written);
  const secretName = spec.credentials.secretRef.name;
  const secret: Answered<SecretObject> = await get(
    cluster,
    `/api/v1/namespaces/${namespace}/secrets/${secretName}`,
  );
  const source = `Secret ${namespace}/${secretName}`;
  if (secret.is === 'answered') return targetOf(about, spec, secret.value, source);
  const sayOf = findingsOf('credentials', about);
  if (secret.is === 'absent') {
    return sayOf.fail(
      `there is no ${source}`,
      'create it with the keys of one kind of credential, see docs/concepts.md',
    );
  }
  return unanswered(sayOf, secret, source);
}
