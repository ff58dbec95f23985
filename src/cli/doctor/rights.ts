import { review, type Answered, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';
import { requiredRights, type LeasePlace, type Right } from './required-rights.ts';

const say = findingsOf('rights');
const howTo = 'kubectl apply -k manifests/, or bind the ClusterRole modelarts-operator to it';

type Reviewed = Answered<{ readonly status?: { readonly allowed?: boolean } }>;

/** Whether whoever runs this may do all that the operator does. `namespaces`: where it works; absent: everywhere. */
export async function checkRights(
  cluster: ClusterQuestions,
  where: { readonly namespaces?: readonly string[] | undefined; readonly lease: LeasePlace },
): Promise<Finding> {
  const who = await review<{ readonly status?: { readonly userInfo?: { readonly username?: string } } }>(
    cluster,
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  );
  const name = (who.is === 'answered' && who.value.status?.userInfo?.username) || 'this credential';
  const rights = requiredRights(where.lease).flatMap((right) =>
    right.namespace !== undefined || where.namespaces === undefined
      ? [right]
      : where.namespaces.map((namespace) => ({ ...right, namespace })),
  );
  const reviewed = await Promise.all(
    rights.map(async (right) => ({ right, answer: await reviewOne(cluster, right) })),
  );
  const unknown = reviewed.find(({ answer }) => answer.is !== 'answered');
  if (unknown !== undefined) {
    const why =
      unknown.answer.is === 'failed' ? unknown.answer.why : `access reviews are ${unknown.answer.is}`;
    return say.warn(`not checked: ${why}`, 'run doctor with a credential that may create access reviews');
  }
  const missing = reviewed.filter(
    ({ answer }) => answer.is === 'answered' && answer.value.status?.allowed !== true,
  );
  return missing.length === 0
    ? say.ok(`${name} may do all that the operator does (${rights.length} rights)`)
    : say.fail(`${name} may not ${textOf(missing.map(({ right }) => right))}`, howTo);
}

function reviewOne(cluster: ClusterQuestions, resourceAttributes: Right): Promise<Reviewed> {
  return review(cluster, '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  });
}

/** `list and watch secrets; get leases in modelarts-operator`. */
function textOf(rights: readonly Right[]): string {
  const verbs = new Map<string, string[]>();
  for (const { resource, subresource, namespace, name, verb } of rights) {
    const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}`;
    const on = `${what}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
    verbs.set(on, [...(verbs.get(on) ?? []), verb]);
  }
  return [...verbs].map(([on, all]) => `${all.join(', ')} ${on}`).join('; ');
}
