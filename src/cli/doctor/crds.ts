import type { CustomResourceDefinition } from '../../api/kinds/custom-resource-definition.ts';
import { group } from '../../api/kinds/metadata.ts';
import { customResourceDefinitions } from '../../api/kinds/registry.ts';
import { get, unanswered, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';

const installCommand = 'modelarts-operator crds | kubectl apply --server-side -f -';

interface StoredDefinition {
  readonly spec: unknown;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Whether each kind is installed, and as this program knows it. */
export function checkCRDs(cluster: ClusterQuestions): Promise<Finding[]> {
  return Promise.all(customResourceDefinitions().map((wanted) => checkOne(cluster, wanted)));
}

async function checkOne(cluster: ClusterQuestions, wanted: CustomResourceDefinition): Promise<Finding> {
  const { name } = wanted.metadata;
  const say = findingsOf('crd', wanted.spec.names.kind);
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  const answer = await get<StoredDefinition>(cluster, path);
  if (answer.is === 'absent') return say.fail('not installed', installCommand);
  if (answer.is === 'forbidden') return checkServed(cluster, wanted);
  if (answer.is !== 'answered') return unanswered(say, answer, `the CRD ${name}`);
  const { spec, status } = answer.value;
  const established = status?.conditions?.find(({ type }) => type === 'Established')?.status === 'True';
  if (!established) return say.fail('installed, but not established', `kubectl describe crd ${name}`);
  const missing = firstMissing(wanted.spec, spec);
  return missing === undefined
    ? say.ok('installed and current')
    : say.warn(`installed, but not as this version needs it: ${missing} differs`, installCommand);
}

/** Everybody may see what is served; what its schema is, not. */
async function checkServed(cluster: ClusterQuestions, { spec }: CustomResourceDefinition): Promise<Finding> {
  const say = findingsOf('crd', spec.names.kind);
  const path = `/apis/${group}/${spec.versions[0]?.name ?? ''}`;
  const answer = await get<{ readonly resources?: readonly { readonly name: string }[] }>(cluster, path);
  const served =
    answer.is === 'answered' &&
    answer.value.resources?.some(({ name }) => name === spec.names.plural) === true;
  if (served) {
    return say.warn(
      'installed; not checked whether it is current: this credential may not read it',
      'run doctor with one that may',
    );
  }
  return say.fail('not installed', installCommand);
}

/** The first path of `wanted` that `stored` does not have. An apiserver adds defaults and drops nothing. */
export function firstMissing(wanted: unknown, stored: unknown, path = 'spec'): string | undefined {
  if (typeof wanted !== 'object' || wanted === null) return wanted === stored ? undefined : path;
  if (typeof stored !== 'object' || stored === null) return path;
  if (Array.isArray(wanted) && (!Array.isArray(stored) || stored.length !== wanted.length)) return path;
  for (const [key, value] of Object.entries(wanted)) {
    const below = (stored as Readonly<Record<string, unknown>>)[key];
    const missing = firstMissing(value, below, `${path}.${key}`);
    if (missing !== undefined) return missing;
  }
  return undefined;
}
