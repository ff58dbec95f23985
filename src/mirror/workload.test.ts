import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WorkloadFacts } from '../api/facts.ts';
import type { ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';
import {
  aProject,
  aProjectWith,
  aWorkloadMirror,
  aWorkloadWorld,
  minute,
  noon,
  workloadFacts,
  without,
} from '../../test/support/builders.ts';
import { checkStatus } from '../../test/support/check-status.ts';
import { workloadRecord } from './records.ts';
import { storedSize } from './stored-size.ts';
import { planWorkload, type WorkloadDecision } from './workload.ts';
import type { WorkloadRecord, WorkloadWorld } from './world.ts';

/** The record of a mirror after that status was written and came back from the apiserver. */
function written(mirror: WorkloadRecord, status: ModelArtsWorkloadStatus): WorkloadRecord {
  checkStatus({ kind: 'ModelArtsWorkload', metadata: { generation: 1 }, status });
  const { namespace, name, uid, resourceVersion, generation, labels } = mirror;
  const record = workloadRecord({
    metadata: {
      namespace,
      name,
      uid,
      resourceVersion,
      generation,
      labels: { ...labels },
      creationTimestamp: new Date(mirror.createdAt).toISOString(),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'x', name: 'x', uid: mirror.ownerUID ?? '', controller: true },
      ],
    },
    spec: {
      projectRef: { name: 'vision' },
      poolName: mirror.poolName,
      source: mirror.source,
      uid: mirror.identity,
    },
    status: JSON.parse(JSON.stringify(status)),
  });
  return record;
}

function settle(world: WorkloadWorld): {
  mirror: WorkloadRecord | undefined;
  status?: ModelArtsWorkloadStatus;
  steps: string[];
} {
  const steps: string[] = [];
  let mirror = world.mirrors[0];
  let status: ModelArtsWorkloadStatus | undefined;
  for (let i = 0; i < 6; i++) {
    const decision: WorkloadDecision = planWorkload({ ...world, mirrors: mirror ? [mirror] : [] });
    steps.push(`${decision.do} ${decision.reason}`);
    if (decision.do === 'nothing' || decision.do === 'wait')
      return { mirror, steps, ...(status && { status }) };
    if (decision.do === 'create') mirror = aWorkloadMirror({ name: decision.object.metadata.name });
    if (decision.do === 'delete') mirror = undefined;
    if (decision.do === 'object')
      mirror = { ...mirror!, ownerUID: 'pool-uid', labels: aWorkloadMirror().labels };
    if (decision.do === 'status') mirror = written(mirror!, (status = decision.status));
  }
  throw new Error(`Not settled: ${steps.join(', ')}`);
}

const present = (over: Partial<WorkloadFacts> = {}, readAt = noon, selected = true) =>
  ({ is: 'present', poolName: 'pool-a', facts: workloadFacts(over), readAt, selected }) as const;
const filled = (over: Partial<WorkloadFacts> = {}, mirror = aWorkloadMirror()) =>
  settle(aWorkloadWorld({ mirrors: [mirror], upstream: present(over) })).mirror!;
const ended = { status: 'Completed', runningSeconds: 700 } as const;
const noProject = without(aWorkloadWorld(), 'project');
const noPool = without(aWorkloadWorld(), 'pool');
const noHistory = aProjectWith({ workloads: { mode: 'Active' } });

describe('planWorkload', () => {
  const table: [string, WorkloadWorld, string[]][] = [
    [
      'a new row is created and then filled',
      aWorkloadWorld(),
      ['create NotMirrored', 'status StatusDiffers', 'nothing InSync'],
    ],
    [
      'a row that is not selected is not made',
      aWorkloadWorld({ upstream: present(ended, noon, false) }),
      ['nothing NotMirrored'],
    ],
    ['no project', noProject, ['nothing ProjectMissing']],
    [
      'a project that is being deleted',
      aWorkloadWorld({ project: aProject({ deleting: true }) }),
      ['nothing BeingDeleted'],
    ],
    ['suspended', aWorkloadWorld({ project: aProjectWith({ suspend: true }) }), ['nothing Suspended']],
    ['unread', aWorkloadWorld({ upstream: { is: 'unread' }, mirrors: [filled()] }), ['nothing NotReadYet']],
    ['no pool to own it', noPool, ['nothing OwnerMissing']],
    [
      'a pool that is being deleted',
      aWorkloadWorld({ pool: { name: 'p', uid: 'p', poolName: 'pool-a', deleting: true } }),
      ['nothing OwnerMissing'],
    ],
    [
      'a mirror that is being deleted',
      aWorkloadWorld({ mirrors: [aWorkloadMirror({ deleting: true })] }),
      ['nothing BeingDeleted'],
    ],
    ['in sync', aWorkloadWorld({ mirrors: [filled()] }), ['nothing InSync']],
    [
      'labels that a person changed, and no pool to own it',
      { ...noPool, mirrors: [{ ...filled(), labels: {} }] },
      ['nothing InSync'],
    ],
    [
      'another owner',
      aWorkloadWorld({ mirrors: [{ ...filled(), ownerUID: 'old' }] }),
      ['object MetadataDiffers', 'nothing InSync'],
    ],
    [
      'a hand edit',
      aWorkloadWorld({ mirrors: [{ ...filled(), digest: 1 }] }),
      ['status StatusDiffers', 'nothing InSync'],
    ],
    [
      'excluded',
      aWorkloadWorld({ upstream: { is: 'excluded' }, mirrors: [filled()] }),
      ['delete NotSelected', 'nothing NotMirrored'],
    ],
    [
      'its pool is gone',
      aWorkloadWorld({ upstream: { is: 'poolGone' }, mirrors: [filled()] }),
      ['delete UpstreamGone', 'nothing NotMirrored'],
    ],
    [
      'absent once',
      aWorkloadWorld({ upstream: { is: 'absent', confirmed: false, blocked: false }, mirrors: [filled()] }),
      ['wait DeletionUnconfirmed'],
    ],
    [
      'too many absent',
      aWorkloadWorld({ upstream: { is: 'absent', confirmed: true, blocked: true }, mirrors: [filled()] }),
      ['nothing DeletionBlocked'],
    ],
    [
      'absent as often as asked',
      aWorkloadWorld({ upstream: { is: 'absent', confirmed: true, blocked: false }, mirrors: [filled()] }),
      ['delete UpstreamGone', 'nothing NotMirrored'],
    ],
    [
      'absent soon after its end',
      aWorkloadWorld({
        upstream: { is: 'absent', confirmed: true, blocked: false },
        mirrors: [filled(ended)],
      }),
      ['wait MinRetention'],
    ],
    [
      'seen active, ended out of the history: its end is written first and stays',
      aWorkloadWorld({ project: noHistory, upstream: present(ended, noon, false), mirrors: [filled()] }),
      ['status StatusDiffers', 'wait MinRetention'],
    ],
    [
      'seen active, and not asked for any more',
      aWorkloadWorld({ upstream: present({}, noon, false), mirrors: [filled()] }),
      ['delete NotSelected', 'nothing NotMirrored'],
    ],
    [
      'of another owner, unread',
      aWorkloadWorld({ upstream: { is: 'unread' }, mirrors: [{ ...filled(), ownerUID: 'old' }] }),
      ['nothing NotReadYet'],
    ],
    [
      'absent and never filled',
      aWorkloadWorld({
        upstream: { is: 'absent', confirmed: true, blocked: false },
        mirrors: [{ ...aWorkloadMirror(), completionTime: noon }],
      }),
      ['delete UpstreamGone', 'nothing NotMirrored'],
    ],
    [
      'absent while it was active, whatever end a person wrote',
      aWorkloadWorld({
        upstream: { is: 'absent', confirmed: true, blocked: false },
        mirrors: [{ ...filled(), completionTime: noon }],
      }),
      ['delete UpstreamGone', 'nothing NotMirrored'],
    ],
    [
      'absent at the very end of its retention',
      aWorkloadWorld({
        now: Date.parse('2026-03-01T12:08:40Z'),
        upstream: { is: 'absent', confirmed: true, blocked: false },
        mirrors: [filled(ended)],
      }),
      ['delete UpstreamGone', 'nothing NotMirrored'],
    ],
    [
      'out of the history after that',
      aWorkloadWorld({
        now: noon + 11 * minute,
        upstream: present(ended, noon, false),
        mirrors: [filled(ended)],
      }),
      ['delete HistoryPruned', 'nothing NotMirrored'],
    ],
    [
      'out of the history without a row',
      aWorkloadWorld({ now: noon + 11 * minute, upstream: { is: 'pruned' }, mirrors: [filled(ended)] }),
      ['delete HistoryPruned', 'nothing NotMirrored'],
    ],
    [
      'out of the history without a row, too soon',
      aWorkloadWorld({ upstream: { is: 'pruned' }, mirrors: [filled(ended)] }),
      ['wait MinRetention'],
    ],
  ];
  it.each(table)('%s', (_name, world, expected) => {
    expect(settle(world).steps).toEqual(expected);
  });

  it('replaces a mirror whose pool is another one now', () => {
    const world = aWorkloadWorld({ upstream: { ...present(), poolName: 'pool-b' }, mirrors: [filled()] });
    expect(planWorkload(world)).toMatchObject({ do: 'delete', reason: 'NotSelected' });
    expect(planWorkload({ ...world, mirrors: [] })).toMatchObject({
      object: { spec: { poolName: 'pool-b' } },
    });
  });

  it('makes an object that its pool owns', () => {
    const uid = aWorkloadMirror().identity;
    const made = planWorkload(aWorkloadWorld());
    expect(made.do === 'create' && made.object).toEqual({
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsWorkload',
      metadata: {
        namespace: 'team',
        name: uid,
        labels: {
          'app.kubernetes.io/managed-by': 'modelarts-operator',
          'modelarts-operator.dev/project': 'vision',
          'modelarts-operator.dev/pool': 'pool-a',
        },
        ownerReferences: [
          {
            apiVersion: 'modelarts-operator.dev/v1alpha1',
            kind: 'ModelArtsPool',
            name: 'pool-a',
            uid: 'pool-uid',
            controller: true,
            blockOwnerDeletion: false,
          },
        ],
      },
      spec: { projectRef: { name: 'vision' }, source: 'Workload', uid, poolName: 'pool-a' },
    });
  });

  it('gives a job whose pool is gone to the project, before it is read again', () => {
    const world = aWorkloadWorld({ upstream: { is: 'unread' }, projectOwned: true, mirrors: [filled()] });
    expect(planWorkload(world)).toMatchObject({
      do: 'object',
      metadata: { ownerReferences: [{ kind: 'ModelArtsProject', uid: 'project-uid' }] },
    });
  });

  it('gives a job whose row no longer names its pool to the project', () => {
    const upstream = without(present(), 'poolName');
    expect(planWorkload(aWorkloadWorld({ upstream, mirrors: [filled()] }))).toMatchObject({
      do: 'object',
      metadata: { ownerReferences: [{ kind: 'ModelArtsProject', uid: 'project-uid' }] },
    });
  });

  it('writes without an Event, and deletes with all that the mirror owns', () => {
    const mirrors = [filled()];
    const status = planWorkload(aWorkloadWorld({ mirrors: [{ ...filled(), digest: 1 }] }));
    expect(status).toMatchObject({ do: 'status', events: [] });
    const gone = planWorkload(aWorkloadWorld({ mirrors, upstream: { is: 'excluded' } }));
    expect(gone).toMatchObject({ do: 'delete', orphan: false });
  });

  it('waits as long as the project says', () => {
    const project = aProjectWith({ polling: { workloadInterval: '20s' } });
    const upstream = { is: 'absent', confirmed: false, blocked: false } as const;
    const missing = planWorkload(aWorkloadWorld({ project, upstream, mirrors: [filled()] }));
    expect(missing).toMatchObject({ do: 'wait', ms: 20_000 });
    const gone = { ...upstream, confirmed: true };
    const over = planWorkload(aWorkloadWorld({ upstream: gone, mirrors: [filled(ended)] }));
    expect(over).toMatchObject({ do: 'wait', reason: 'MinRetention', ms: 520_000 });
  });

  it('lets the project own a training-job version without a pool', () => {
    const upstream = without(present(), 'poolName');
    const decision = planWorkload({ ...noPool, source: 'TrainingJobVersion', uid: '42', upstream });
    expect(decision).toMatchObject({
      object: {
        metadata: {
          name: expect.stringMatching(/^tjv-42-[0-9a-f]{8}$/),
          ownerReferences: [{ kind: 'ModelArtsProject' }],
        },
        spec: { source: 'TrainingJobVersion', uid: '42' },
      },
    });
    expect(Object.keys(decision.do === 'create' ? decision.object.spec : {})).not.toContain('poolName');
  });
});

describe('invariant 1, Quiet', () => {
  it.each([
    'Queue',
    'Pending',
    'Creating',
    'Running',
    'Abnormal',
    'Terminating',
    'Completed',
    'Failed',
    'Hibernating',
  ])('a job that stays %s is written once', (status) => {
    const mirror = filled({ status, queuePosition: 3 });
    for (const seconds of [15, 3_600, 86_400]) {
      const readAt = noon + seconds * 1000;
      const counting = status === 'Running' ? { runningSeconds: 600 + seconds } : { pendingSeconds: 120 };
      const upstream = present({ status, queuePosition: 3, ...counting }, readAt);
      expect(planWorkload(aWorkloadWorld({ now: readAt, mirrors: [mirror], upstream }))).toMatchObject({
        do: 'nothing',
      });
    }
  });
});

describe('times', () => {
  const statusOf = (over: Partial<WorkloadFacts>, mirror = aWorkloadMirror(), readAt = noon) => {
    const decision = planWorkload(aWorkloadWorld({ mirrors: [mirror], upstream: present(over, readAt) }));
    return decision.do === 'status' ? decision.status : undefined;
  };

  it('start is the Date of the answer less the running duration', () => {
    expect(statusOf({})).toMatchObject({ startTime: '2026-03-01T11:50:00Z' });
  });
  it.each([
    [59, undefined],
    [-59, undefined],
    [61, '2026-03-01T11:48:59Z'],
    [-61, '2026-03-01T11:51:01Z'],
  ])('a contradiction of %d s moves it to %s', (seconds, startTime) => {
    expect(statusOf({ runningSeconds: 600 + seconds }, filled())?.startTime).toBe(startTime);
  });
  it('a job first seen ended began when it left the queue', () => {
    expect(statusOf(ended)).toMatchObject({
      startTime: '2026-03-01T11:47:00Z',
      completionTime: '2026-03-01T11:58:40Z',
    });
  });
  it('a job seen running keeps its start when it ends', () => {
    const status = statusOf(ended, filled(), noon + 5 * minute);
    expect(status).toMatchObject({
      startTime: '2026-03-01T11:50:00Z',
      completionTime: '2026-03-01T12:01:40Z',
    });
  });
  it('a job stopped in the queue never began', () => {
    const waited = without(workloadFacts({ status: 'Terminated' }), 'runningSeconds');
    const decision = planWorkload(
      aWorkloadWorld({ mirrors: [aWorkloadMirror()], upstream: { ...present(), facts: waited } }),
    );
    expect(decision).toMatchObject({
      status: { startTime: undefined, completionTime: '2026-03-01T11:47:00Z' },
    });
  });
  it('a start that a person edited to before the creation is put right', () => {
    const edited = { ...filled(ended), startTime: noon - 600 * minute, digest: 1 };
    expect(statusOf(ended, edited)?.startTime).toBe('2026-03-01T11:47:00Z');
  });

  const conditionTable: [string, string[]][] = [
    ['Queue', ['Running False Queue 11:45:00', 'Queued True Queue 11:45:00']],
    ['Creating', ['Running False Creating 11:45:00', 'Queued False Creating 11:47:00']],
    ['Running', ['Running True Running 11:50:00', 'Queued False Running 11:50:00']],
    [
      'Completed',
      [
        'Complete True Completed 11:57:00',
        'Running False Completed 11:57:00',
        'Queued False Completed 11:47:00',
      ],
    ],
    [
      'Failed',
      ['Failed True Failed 11:57:00', 'Running False Failed 11:57:00', 'Queued False Failed 11:47:00'],
    ],
    [
      'Terminated',
      [
        'Failed True Terminated 11:57:00',
        'Running False Terminated 11:57:00',
        'Queued False Terminated 11:47:00',
      ],
    ],
    ['Hibernating', ['Running Unknown UnknownPhase 12:00:00', 'Queued Unknown UnknownPhase 12:00:00']],
  ];
  it.each(conditionTable)('the conditions of a job that is %s follow from facts', (status, expected) => {
    const found = statusOf({ status })?.conditions?.map(
      (c) => `${c.type} ${c.status} ${c.reason} ${c.lastTransitionTime.slice(11, 19)}`,
    );
    expect(found).toEqual(expected);
  });
});

describe('what a workload shows', () => {
  it('is counted, placed and banded', () => {
    const upstream = present({
      status: 'Queue',
      queuePosition: 37,
      resources: { cpu: '8', 'huawei.com/ascend-1980': '8' },
      hostIPs: [],
    });
    expect(settle(aWorkloadWorld({ upstream })).status).toMatchObject({
      accelerator: { type: 'ascend-1980', count: 8, summary: '8 ascend-1980' },
      queuePositionAtMost: 50,
      nodeCount: undefined,
    });
  });

  it('invariant 10, Small: stays under 6 kB under hostile lengths, and comes to rest', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 600 });
    const facts = fc.record({
      status: fc.oneof(hostile, fc.constantFrom('Running', 'Queue', 'Failed')),
      name: hostile,
      jobName: hostile,
      jobID: hostile,
      type: hostile,
      priority: hostile,
      flavor: hostile,
      gvk: hostile,
      hostIPs: fc.array(hostile, { maxLength: 300 }),
      resources: fc.dictionary(hostile, fc.constantFrom('1', '1.5Gi', 'rubbish'), { maxKeys: 70 }),
    });
    fc.assert(
      fc.property(facts, (over) => {
        const { status, steps } = settle(aWorkloadWorld({ upstream: present(over) }));
        expect(storedSize(status)).toBeLessThan(4_100);
        expect(steps.at(-1)).toBe('nothing InSync');
      }),
      { numRuns: 60 },
    );
  });
});
