import type { LeaseObject } from '../../kubernetes/lease.ts';
import type { Runtime } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/wait.ts';
import { get, unanswered, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { LeasePlace } from './required-rights.ts';

const say = findingsOf('lease');
/** A live holder renews every two seconds. */
const watchedMs = 5_000;
const lookAgainMs = 500;

/** Who holds the Lease, and whether that process lives: it is seen to renew. Clocks are not compared. */
export async function checkLease(
  cluster: ClusterQuestions,
  { namespace, name }: Pick<LeasePlace, 'namespace' | 'name'>,
  runtime: Runtime,
): Promise<Finding> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  const what = `the Lease ${namespace}/${name}`;
  const until = runtime.monotonic() + watchedMs;
  for (let first: string | undefined; ;) {
    const answer = await get<LeaseObject>(cluster, path);
    if (answer.is === 'absent') {
      return say.warn(
        `there is no Lease ${namespace}/${name}: no operator has worked under it`,
        'start one with --leader-elect, or name its Lease with --leader-election-namespace and --leader-election-id',
      );
    }
    if (answer.is !== 'answered') return unanswered(say, answer, what);
    const { holderIdentity = '', renewTime } = answer.value.spec ?? {};
    if (holderIdentity === '') {
      return say.warn(
        `nobody holds ${what}`,
        'see whether the operator runs: kubectl get pods --namespace ' + namespace,
      );
    }
    const version = `${holderIdentity} ${renewTime}`;
    if (first !== undefined && version !== first)
      return say.ok(`${what} is held by ${holderIdentity}, which renews it`);
    first = version;
    if (runtime.monotonic() >= until) {
      return say.warn(
        `${what} is stale: ${holderIdentity} renewed it last at ${renewTime ?? 'no time'} and not while this looked`,
        'see whether that pod still runs; another replica takes over by itself',
      );
    }
    await sleep(runtime, lookAgainMs, cluster.signal);
  }
}
