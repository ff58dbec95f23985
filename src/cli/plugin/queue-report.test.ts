import { describe, expect, it } from '@jest/globals';

import { aCondition, poolObject, workloadObject } from '../../../test/support/mirror-objects.ts';
import { describeLines, describeReport } from './describe-report.ts';
import { queueLines, queueReport } from './queue-report.ts';
import { plain } from './terminal-text.ts';

const gpu = 'nvidia.com/gpu';
const counts = (Queue: number) => ({ workloads: { byStatus: { Queue, Running: 1 } } });

describe('the queue of a pool', () => {
  it('has the jobs that wait, by place', () => {
    const report = queueReport(poolObject('pool', counts(2)), [
      workloadObject('b', { queuePosition: 2, queuePositionAtMost: 2 }),
      workloadObject('pending', { phase: 'Pending' }),
      workloadObject('a', { queuePosition: 1, queuePositionAtMost: 1 }),
      workloadObject('running', { phase: 'Running' }),
    ]);
    expect(report.jobs.map(({ name }) => name)).toEqual(['a', 'b', 'pending']);
    expect(report.notes).toEqual([]);
  });

  it.each([
    [
      'more wait than are mirrored',
      counts(3),
      { queuePosition: 1 },
      /^ModelArts counts 3 in the queue, of which 1 are mirrored/,
    ],
    ['a place is a band', counts(1), { queuePositionAtMost: 50 }, /^Beyond place 10 only the band is known/],
    ['there is no place', counts(1), {}, /^Where the place is \? ModelArts does not say it/],
    [
      'the values may be old',
      { ...counts(1), conditions: [aCondition('Synced', 'False', 'Unreachable', 'No answer.')] },
      { queuePosition: 1 },
      /^These are the last known values\. Unreachable: No answer\.$/,
    ],
  ])('says so where %s', (_what, pool, status, note) => {
    expect(queueReport(poolObject('pool', pool), [workloadObject('a', status)]).notes).toEqual([
      expect.stringMatching(note),
    ]);
  });

  it('reads as a page', () => {
    const pool = poolObject('pool', {
      displayName: 'vision',
      capacity: { [gpu]: '16' },
      allocated: { [gpu]: '16' },
      ...counts(1),
    });
    const lines = queueLines(queueReport(pool, [workloadObject('a', { queuePosition: 1 })]), plain, 0);
    expect(lines).toEqual([
      'vision (team/pool): Running, 16/16 gpu allocated, 1 job waits',
      '',
      'PLACE   JOB     TYPE   PHASE   PRIORITY   ACCEL   WAITING   WORKLOAD',
      '1       a-job          Queue                                a',
    ]);
    expect(queueLines(queueReport(poolObject('pool'), []), plain, 0)).toEqual([
      'team/pool: Running, 0 jobs wait',
    ]);
  });
});

describe('describe', () => {
  it('shows what is known of a pool, and nothing where nothing is', () => {
    const pool = poolObject('pool', {
      displayName: 'vision',
      type: 'Dedicate',
      driver: { gpu: { version: '470', state: 'Upgrading', desiredVersion: '535' } },
      scopes: [{ type: 'Train', state: 'Enabled' }],
      resources: {
        available: [{ flavor: 'gpu.8', nodePool: '', count: 2, azs: [{ az: 'eu-1', count: 2 }] }],
        desired: [{ flavor: 'gpu.8', nodePool: '', count: 3 }],
      },
      capacity: { [gpu]: '16', cpu: '64' },
      allocated: { [gpu]: '12' },
      free: { [gpu]: '4', cpu: '64' },
      workloads: {
        total: 9,
        byStatus: { Queue: 7 },
        byType: [{ type: 'train', total: 9, byStatus: { Queue: 7 } }],
      },
    });
    const waiting = Array.from({ length: 7 }, (_, i) => workloadObject(`job-${i}`, { queuePosition: i + 1 }));
    const text = describeLines(describeReport(pool, waiting), plain, 0).join('\n').replaceAll(/ {2,}/g, '  ');
    for (const line of [
      'Pool:  team/pool',
      'Display name:  vision',
      'GPU driver:  470 Upgrading, 535 is wanted',
      'Serves:  Train (Enabled)',
      '  gpu.8  available  2  eu-1 2',
      '  gpu  16  12  4',
      '  cpu  64  0  64',
      '  all  9  Queue 7',
      'and 2 more: kubectl modelarts queue team/pool',
      '  Synced  True  2026-01-02T03:04:05Z  ReadComplete',
    ])
      expect(text).toContain(`${line}\n`.trimEnd());
    expect(text).not.toMatch(/undefined|NPU driver|Restrictions/);
    const bare = describeLines(describeReport({ ...pool, status: {} }, []), plain, 0).join('\n');
    expect(bare).toMatch(/^Pool: +team\/pool\nPool id: +pool-id\nProject: +eu\n\nnot read yet|last known/m);
    expect(bare).not.toMatch(/undefined|Nodes:|Resources:|Jobs:|Conditions:/);
  });
});
