import { get, unanswered, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';

/** Selectable fields of custom resources are generally available from here on. */
const oldest = { major: 1, minor: 31 };

const say = findingsOf('kubernetes-version');

/** Whether the apiserver answers and is new enough. */
export async function checkKubernetesVersion(cluster: ClusterQuestions): Promise<Finding> {
  const answer = await get<{ readonly gitVersion?: string }>(cluster, '/version');
  if (answer.is !== 'answered') return unanswered(say, answer, "the apiserver's /version");
  return judgeVersion(answer.value.gitVersion ?? '');
}

export function judgeVersion(gitVersion: string): Finding {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  const wanted = `${oldest.major}.${oldest.minor}`;
  if (major === undefined || minor === undefined) {
    return say.warn(
      `the apiserver says that it is ${JSON.stringify(gitVersion)}`,
      `make sure that it is Kubernetes ${wanted} or newer`,
    );
  }
  const enough =
    Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
  return enough
    ? say.ok(gitVersion)
    : say.fail(`${gitVersion} is too old`, `upgrade the cluster to ${wanted} or newer`);
}
