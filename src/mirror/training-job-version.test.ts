/** Where a training-job version is planned otherwise than a workload of a pool. */
import { describe, expect, it } from '@jest/globals';
import {
  aWorkloadMirror,
  aWorkloadWorld,
  noon,
  without,
  workloadFacts,
} from '../../test/support/builders.ts';
import { checkStatus } from '../../test/support/check-status.ts';
import type { WorkloadFacts } from '../api/facts.ts';
import { acceleratorOfCards } from './accelerator.ts';
import { mirrorLabels } from './identity.ts';
import { storedSize } from './stored-size.ts';
import { planWorkload } from './workload.ts';
import type { WorkloadWorld } from './world.ts';

const old = 'pool9928813f';

const facts = (over: Partial<WorkloadFacts> = {}): WorkloadFacts => ({
  ...without(workloadFacts(), 'name', 'pendingSeconds', 'namespace'),
  uid: '1485',
  namespace: old,
  jobName: 'trainjob-3f47',
  status: 'Terminated',
  message: 'Status 12: cancel succeeded.',
  description: 'nightly run',
  resources: {},
  resourcesIncomplete: true,
  cards: { gpu: 1, npu: 0 },
  creationTime: Date.parse('2026-03-01T10:00:00Z'),
  startTime: Date.parse('2026-03-01T10:00:10Z'),
  completionTime: Date.parse('2026-03-01T10:01:03Z'),
  runningSeconds: 53,
  hostIPs: [],
  ...over,
});

const aMirror = aWorkloadMirror({
  name: 'tjv-1485-01234567',
  source: 'TrainingJobVersion',
  identity: '1485',
  poolName: old,
  ownerUID: 'project-uid',
  labels: mirrorLabels('vision', old),
});

const aWorld = (over: Partial<WorkloadWorld> = {}): WorkloadWorld => ({
  ...without(aWorkloadWorld(), 'pool'),
  source: 'TrainingJobVersion',
  uid: '1485',
  projectOwned: true,
  mirrors: [aMirror],
  upstream: { is: 'present', poolName: old, facts: facts(), readAt: noon, selected: true },
  ...over,
});

function statusOf(over: Partial<WorkloadFacts>) {
  const upstream = {
    is: 'present',
    poolName: old,
    facts: facts(over),
    readAt: noon,
    selected: true,
  } as const;
  const decision = planWorkload(aWorld({ upstream }));
  if (decision.do !== 'status') throw new Error(decision.do);
  checkStatus({ kind: 'ModelArtsWorkload', metadata: { generation: 1 }, status: decision.status });
  return decision.status;
}

describe('a training-job version', () => {
  it('is made under the project, with the id of its pool, which is none of the newer API', () => {
    const decision = planWorkload(aWorld({ mirrors: [] }));
    expect(decision).toMatchObject({
      do: 'create',
      object: {
        metadata: {
          name: expect.stringMatching(/^tjv-1485-[0-9a-f]{8}$/),
          labels: mirrorLabels('vision', old),
          ownerReferences: [{ kind: 'ModelArtsProject', uid: 'project-uid' }],
        },
        spec: { source: 'TrainingJobVersion', uid: '1485', poolName: old },
      },
    });
  });

  it('is made under its pool where that has a mirror, and waits for one that is to come', () => {
    const pool = { name: old, uid: 'pool-uid', poolName: old, deleting: false };
    const owned = aWorld({ mirrors: [], projectOwned: false });
    expect(planWorkload(owned)).toEqual({ do: 'nothing', reason: 'OwnerMissing' });
    expect(planWorkload({ ...owned, pool })).toMatchObject({
      object: { metadata: { ownerReferences: [{ kind: 'ModelArtsPool', uid: 'pool-uid' }] } },
    });
  });

  it.each(['present', 'unread'] as const)('goes to the project when its pool is gone, also %s', (is) => {
    const upstream = is === 'unread' ? ({ is } as const) : aWorld().upstream;
    const decision = planWorkload(aWorld({ upstream, mirrors: [{ ...aMirror, ownerUID: 'pool-uid' }] }));
    expect(decision).toMatchObject({
      do: 'object',
      metadata: { ownerReferences: [{ kind: 'ModelArtsProject', uid: 'project-uid' }] },
    });
  });

  it('shows the times that ModelArts says', () => {
    expect(statusOf({})).toMatchObject({
      phase: 'Terminated',
      message: 'Status 12: cancel succeeded.',
      description: 'nightly run',
      creationTime: '2026-03-01T10:00:00Z',
      startTime: '2026-03-01T10:00:10Z',
      completionTime: '2026-03-01T10:01:03Z',
      accelerator: { type: 'gpu', count: 1, summary: '1 gpu' },
    });
  });

  it.each<[string, Partial<WorkloadFacts>, string[], [string | undefined, string | undefined]]>([
    ['that runs', { status: 'Running' }, ['completionTime'], ['2026-03-01T10:00:10Z', undefined]],
    ['that waits has no times', { status: 'Queue' }, ['startTime', 'completionTime'], [undefined, undefined]],
    ['that never ran', { status: 'Failed' }, ['startTime'], [undefined, '2026-03-01T10:01:03Z']],
    [
      'that ended, its end not said',
      { status: 'Completed' },
      ['completionTime'],
      ['2026-03-01T10:00:10Z', '2026-03-01T10:01:03Z'],
    ],
    ['of unknown state', { status: 'Unknown(42)' }, ['completionTime'], ['2026-03-01T10:00:10Z', undefined]],
  ])('%s', (_name, over, missing, [start, completion]) => {
    const given = without(facts(over), ...(missing as 'startTime'[]));
    const upstream = { is: 'present', poolName: old, facts: given, readAt: noon, selected: true } as const;
    const decision = planWorkload(aWorld({ upstream }));
    if (decision.do !== 'status') throw new Error(decision.do);
    expect(decision.status.startTime).toBe(start);
    expect(decision.status.completionTime).toBe(completion);
  });

  it.each([
    [{ gpu: 0, npu: 0 }, undefined],
    [
      { gpu: 2, npu: 0 },
      { type: 'gpu', count: 2, summary: '2 gpu' },
    ],
    [
      { gpu: 0, npu: 8 },
      { type: 'npu', count: 8, summary: '8 npu' },
    ],
    [
      { gpu: 1, npu: 8 },
      { type: 'gpu', count: 1, summary: '1 gpu, 8 npu' },
    ],
  ])('with %j shows %j', (cards, accelerator) => {
    expect(acceleratorOfCards(cards)).toEqual(accelerator);
  });

  it('Small: its texts are cut before its facts are', () => {
    const long = '<'.repeat(1024);
    const status = statusOf({ description: long, jobName: long.slice(0, 256), flavor: long.slice(0, 256) });
    expect(storedSize(status)).toBeLessThan(4_000);
    expect(status.message).toContain('description');
    expect(status.accelerator?.count).toBe(1);
  });
});
