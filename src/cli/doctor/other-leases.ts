import type { LeaseObject } from '../../kubernetes/lease.ts';
import type { Runtime } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/wait.ts';
import { get, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { LeasePlace } from './required-rights.ts';

const say = findingsOf('other-leases');
/** A live holder renews every two seconds. */
const watchedMs = 3_000;

/**
 * Whether operators work under Leases of the same name in other namespaces, also such as no Deployment shows: they are
 * seen to renew. Undefined where those Leases may not be listed.
 */
export async function checkOtherLeases(
  cluster: ClusterQuestions,
  own: Pick<LeasePlace, 'namespace' | 'name'>,
  runtime: Runtime,
): Promise<Finding | undefined> {
  const before = await holders(cluster, own);
  if (before === undefined) return undefined;
  if (before.size === 0) return say.ok(`no other Lease ${own.name} is held in this cluster`);
  await sleep(runtime, watchedMs, cluster.signal);
  const after = (await holders(cluster, own)) ?? new Map<string, Held>();
  const alive = [...after].filter(([at, { renewTime }]) => before.get(at)?.renewTime !== renewTime);
  if (alive.length === 0) return say.ok(`no other Lease ${own.name} is renewed in this cluster`);
  return say.warn(
    `another operator works under ${alive.map(([at, { holder }]) => `the Lease ${at} (${holder})`).join(', ')}`,
    'make sure that no two of them share a namespace: give each its own with --namespace',
  );
}

interface Held {
  readonly holder: string;
  readonly renewTime: string | undefined;
}

/** By `namespace/name`. */
async function holders(
  cluster: ClusterQuestions,
  own: Pick<LeasePlace, 'namespace' | 'name'>,
): Promise<ReadonlyMap<string, Held> | undefined> {
  const answer = await get<{ readonly items: readonly LeaseObject[] }>(
    cluster,
    '/apis/coordination.k8s.io/v1/leases',
    { fieldSelector: `metadata.name=${own.name}` },
  );
  if (answer.is !== 'answered') return undefined;
  return new Map(
    answer.value.items.flatMap(({ metadata, spec }) => {
      const { holderIdentity: holder = '', renewTime } = spec ?? {};
      const held = holder !== '' && metadata.namespace !== own.namespace;
      return held ? [[`${metadata.namespace}/${own.name}`, { holder, renewTime }] as const] : [];
    }),
  );
}
