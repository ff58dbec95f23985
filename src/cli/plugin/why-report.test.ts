import { describe, expect, it } from '@jest/globals';

import {
  aCondition,
  poolObject,
  projectObject,
  workloadObject,
} from '../../../test/support/mirror-objects.ts';
import type { ModelArtsPoolStatus } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsWorkloadStatus } from '../../api/kinds/modelarts-workload.ts';
import { plain } from './terminal-text.ts';
import { whyLines, whyReport, type WhyFacts } from './why-report.ts';

const gpu = 'nvidia.com/gpu';
const pool = (status: ModelArtsPoolStatus = {}) =>
  poolObject('pool', { capacity: { [gpu]: '16' }, free: { [gpu]: '4' }, ...status });
const job = (status: ModelArtsWorkloadStatus = {}) =>
  workloadObject('mine', { queuePosition: 3, queuePositionAtMost: 3, resources: { [gpu]: '8' }, ...status });
const exactly = (queuePosition: number) => ({ queuePosition, queuePositionAtMost: queuePosition });
const atMost = (queuePositionAtMost: number) => ({ queuePositionAtMost });
const other = (name: string, status: ModelArtsWorkloadStatus) => workloadObject(name, status);
const why = (facts: Partial<WhyFacts>) =>
  whyReport({ workload: job(), pool: pool(), project: projectObject('eu'), others: [], ...facts });

describe('why: what a job waits for', () => {
  it.each<[string, Partial<WhyFacts>, readonly string[]]>([
    [
      'fewer are free than it asks for',
      { workload: job(exactly(1)) },
      ['It is next in the queue.', 'It asks for 8 gpu, and 4 are free.'],
    ],
    [
      'it asks for more than there is',
      { workload: job({ ...exactly(1), resources: { [gpu]: '32' } }) },
      [
        'It is next in the queue.',
        'It asks for 32 gpu, more than the 16 of all available nodes together: the pool must grow before it can start.',
      ],
    ],
    [
      'enough is free, and ModelArts does not say more',
      { workload: job({ ...exactly(1), resources: { [gpu]: '2' } }) },
      [
        'It is next in the queue.',
        'As much as it asks for is free in the pool as a whole. What is free on single nodes, and what the scheduler keeps for others, ModelArts does not say.',
      ],
    ],
    [
      'what is free is not known',
      { workload: job(exactly(1)), pool: poolObject('pool') },
      ['It is next in the queue.', 'What is free in the pool is not known.'],
    ],
    [
      'what is free is not known for all that it asks for',
      { workload: job({ ...exactly(1), resources: { [gpu]: '2', cpu: '1' } }) },
      ['It is next in the queue.', 'What is free in the pool is not known for all that it asks for.'],
    ],
    [
      'ModelArts does not say what it asks for',
      { workload: job({ ...exactly(1), resources: {} }) },
      ['It is next in the queue.', 'ModelArts does not say what it asks for.'],
    ],
    [
      'the pool is not mirrored',
      { workload: job(exactly(1)), pool: undefined },
      ['Its pool is not mirrored: nothing is known of what is free there.', 'It is next in the queue.'],
    ],
    [
      'the pool is in trouble',
      {
        workload: job({ ...exactly(1), resources: { [gpu]: '8' } }),
        pool: pool({
          phase: 'Abnormal',
          message: 'two nodes lost',
          nodes: { abnormal: 2, creating: 1 },
          restrictions: { value: 8, flags: ['Frozen'] },
        }),
      },
      [
        'The pool is in phase Abnormal: two nodes lost.',
        'The pool is restricted: Frozen.',
        '2 of its nodes are out of order.',
        '1 of its nodes is being created.',
        'It is next in the queue.',
        'It asks for 8 gpu, and 4 are free.',
      ],
    ],
  ])('%s', (_what, facts, sentences) => {
    expect(why(facts).waitsFor).toEqual(sentences);
  });
});

describe('why: who is ahead', () => {
  const others = [
    other('first', exactly(1)),
    other('second', exactly(2)),
    other('behind', exactly(4)),
    other('band', atMost(20)),
    other('same-band', atMost(50)),
    other('unknown', {}),
    other('running', { phase: 'Running', ...exactly(1) }),
  ];
  const names = (jobs: readonly { readonly name: string }[]): string[] => jobs.map(({ name }) => name);

  it.each<[string, ModelArtsWorkloadStatus, string, readonly string[], readonly string[]]>([
    ['an exact place', exactly(3), 'It is number 3 in the queue: 2 jobs are ahead.', ['first', 'second'], []],
    ['the first place', exactly(1), 'It is next in the queue.', [], []],
    ['the second place', exactly(2), 'It is number 2 in the queue: 1 job is ahead.', ['first'], []],
    [
      'a band',
      atMost(50),
      'It is between 21 and 50 in the queue (beyond 10 only bands are known): 20 to 49 jobs are ahead.',
      ['first', 'second', 'behind', 'band'],
      ['same-band'],
    ],
    ['no place', {}, 'Its place in the queue is not known: nobody can be said to be ahead.', [], []],
  ])('%s', (_what, place, sentence, ahead, perhaps) => {
    const workload = workloadObject('mine', { resources: { [gpu]: '8' }, ...place });
    const report = why({ workload, others: [...others, workload] });
    expect(report.waitsFor[0]).toBe(sentence);
    expect(names(report.ahead)).toEqual(ahead);
    expect(names(report.perhapsAhead)).toEqual(perhaps);
  });

  it('says how many of those ahead are not mirrored', () => {
    const report = why({ workload: job(exactly(8)), others });
    expect(report.waitsFor).toContain('At least 4 of those ahead are not mirrored.');
    expect(why({ workload: workloadObject('mine', atMost(20)) }).waitsFor).toContain(
      'At least 10 of those ahead are not mirrored.',
    );
  });

  it('says why there is no place', () => {
    const project = projectObject('eu', { workloads: { queuePosition: 'None' } });
    expect(why({ workload: workloadObject('mine'), project }).notes).toEqual([
      'Its project mirrors no places (spec.workloads.queuePosition: None).',
    ]);
  });
});

describe('why: a job that does not wait', () => {
  it.each<[ModelArtsWorkloadStatus, string]>([
    [{ phase: 'Pending' }, 'It waits: Pending, ModelArts is placing it.'],
    [
      { phase: 'Creating', hostIPs: ['a'] },
      'It waits no more: it has been placed on one host and is being created.',
    ],
    [
      { phase: 'Running', hostIPs: ['a', 'b'], startTime: '2026-01-01T00:00:00Z' },
      'It waits no more: it runs on 2 hosts since 2026-01-01T00:00:00Z.',
    ],
    [{ phase: 'Abnormal' }, 'It does not wait: Abnormal.'],
    [
      { phase: 'Completed', completionTime: '2026-01-01T00:00:00Z' },
      'It has ended: Completed at 2026-01-01T00:00:00Z.',
    ],
    [{ phase: 'Resting' }, 'Its phase is Resting, a word that this version does not know.'],
    [{ phase: undefined }, 'ModelArts has not said its phase.'],
  ])('%j', (status, state) => {
    const report = why({ workload: workloadObject('mine', status) });
    expect(report.state).toBe(state);
    if (status.phase !== 'Pending')
      expect(report).toMatchObject({ waitsFor: [], ahead: [], perhapsAhead: [] });
  });
});

describe('why: what may be old', () => {
  it.each<[string, Partial<WhyFacts>, readonly string[]]>([
    ['nothing', {}, []],
    [
      'reading fails',
      { pool: pool({ conditions: [aCondition('Synced', 'False', 'Throttled', 'Too many requests.')] }) },
      ['These are the last known values. Throttled: Too many requests.'],
    ],
    [
      'the project is suspended',
      { project: projectObject('eu', { suspend: true }) },
      ['Its project is suspended: these are the last known values.'],
    ],
  ])('%s', (_what, facts, notes) => {
    expect(why(facts).notes).toEqual(notes);
  });
});

it('reads as a page', () => {
  const report = why({
    workload: job({
      jobName: 'llm-pretrain',
      priority: '2',
      nodeCount: 1,
      accelerator: { type: 'gpu', count: 8, summary: '8 gpu' },
      ...exactly(2),
    }),
    others: [other('first', { ...exactly(1), creationTime: '2026-01-01T00:00:00Z' })],
  });
  expect(whyLines(report, plain, Date.parse('2026-01-01T02:00:00Z'))).toEqual([
    'Job:        llm-pretrain',
    'Workload:   team/mine',
    'Pool:       team/pool',
    'Priority:   2',
    'Asks for:   8 gpu on 1 node',
    'Place:      2',
    '',
    'It waits in the queue.',
    '  - It is number 2 in the queue: 1 job is ahead.',
    '  - It asks for 8 gpu, and 4 are free.',
    '',
    'Ahead of it',
    'PLACE   JOB         TYPE   PHASE   PRIORITY   ACCEL   WAITING   WORKLOAD',
    '1       first-job          Queue                      2h        first',
  ]);
});
