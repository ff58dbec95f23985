import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { poolFacts, workloadFacts } from '../../test/support/builders.ts';
import { upstreamFailure } from '../../test/support/fake-modelarts.ts';
import { MemoryCluster, namespace } from '../../test/support/memory-cluster.ts';
import type { OperatorOptions } from './operator.ts';

const second = 1_000;
const vision = `${namespace}/vision`;

let cluster: MemoryCluster;
beforeEach(() => {
  cluster = new MemoryCluster();
  cluster.modelarts.pools.set('pool-a', poolFacts({ id: 'pool-a' }));
  cluster.modelarts.workloads.set('pool-a', [workloadFacts({ uid: 'job-1', namespace: 'pool-a' })]);
  cluster.project();
});
afterEach(() => cluster.stop());

/** What `Operator.sync` answers within a minute; undefined when it takes longer. */
async function sync(
  options: Partial<OperatorOptions> = {},
  only?: string,
): Promise<readonly string[] | undefined> {
  let answer: readonly string[] | undefined;
  const done = cluster
    .start(options)
    .sync(new AbortController().signal, only)
    .then((failed) => (answer = failed));
  done.catch(() => undefined);
  await cluster.clock.advance(60 * second);
  return answer;
}

const apiError = (code: number): Error =>
  Object.assign(new Error('no'), { name: 'ApiError', code, reason: 'No' });

describe('Operator.sync', () => {
  it('answers no project where all was read and written', async () => {
    expect(await sync()).toEqual([]);
    expect(cluster.workloads.size).toBe(1);
    expect(cluster.projectStatus()).toMatchObject({ pools: 1, workloads: 1 });
  });

  it('waits for a write that works only when it is tried again', async () => {
    let refusals = 2;
    cluster.workloads.refusal = () => (refusals-- > 0 ? apiError(409) : undefined);
    expect(await sync()).toEqual([]);
    expect(cluster.workloads.size).toBe(1);
    expect(cluster.projectStatus()).toMatchObject({ workloads: 1 });
  });

  it.each([
    ['again and again', 500],
    ['for good', 422],
  ])('answers a project of which a write is refused %s', async (_, code) => {
    cluster.workloads.refusal = () => apiError(code);
    expect(await sync()).toEqual([vision]);
  });

  it('answers a project that is read in part only', async () => {
    cluster.modelarts.failure = (call) =>
      call.startsWith('statistics') ? upstreamFailure('Unreachable') : undefined;
    expect(await sync()).toEqual([vision]);
  });

  it('answers a project whose label selector cannot be read', async () => {
    cluster.project({ discovery: { labelSelector: 'a in' } });
    expect(await sync()).toEqual([vision]);
  });

  it('works on one project only where it is told so', async () => {
    cluster.project({}, {}, 'speech');
    expect(await sync({ owns: (ns, name) => `${ns}/${name}` === vision }, vision)).toEqual([]);
    expect([...cluster.pools.values()].map(({ project }) => project)).toEqual(['vision']);
    expect(cluster.projectStatus('speech')).toEqual({});
  });
});
