import { describe, expect, it } from '@jest/globals';

import { poolObject, aCondition } from '../../../test/support/mirror-objects.ts';
import { screenOf } from '../top-screen.ts';
import { amountText, usageText } from './amounts.ts';
import { ageText } from './job-summary.ts';
import { poolLines, summaryOf } from './pool-summary.ts';
import { coloured, plain } from './terminal-text.ts';

const gpu = 'nvidia.com/gpu';
const ascend = 'huawei.com/ascend-1980';

describe('amounts', () => {
  it.each([
    ['cpu', '3920m', '3.9'],
    ['memory', '256Gi', '256Gi'],
    ['memory', '1000000Ki', '1Gi'],
    [gpu, '8', '8'],
    [gpu, 'many', undefined],
  ])('%s: %s', (resource, quantity, text) => {
    expect(amountText(resource, quantity)).toBe(text);
  });

  it.each([
    ['both are known', { capacity: { [gpu]: '16' }, allocated: { [gpu]: '12' } }, '12/16'],
    ['nothing of it is allocated', { capacity: { [gpu]: '16' }, allocated: { cpu: '3' } }, '0/16'],
    ['what is allocated is not known', { capacity: { [gpu]: '16' } }, '?/16'],
    ['what there is is not known', { allocated: { [gpu]: '12' } }, '12/?'],
    ['neither is known', {}, undefined],
  ])('where %s', (_what, amounts, text) => {
    expect(usageText(gpu, amounts)).toBe(text);
  });

  it('does not repeat the unit of memory', () => {
    expect(usageText('memory', { capacity: { memory: '512Gi' }, allocated: { memory: '128Gi' } })).toBe(
      '128/512Gi',
    );
  });
});

it.each([
  [45, '45s'],
  [90, '1m30s'],
  [60 * 60 * 5 + 60 * 12 + 3, '5h12m'],
  [86_400 * 12 + 3_600, '12d'],
  [0, '0s'],
])('an age of %i seconds', (seconds, text) => {
  expect(ageText('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z') + seconds * 1000)).toBe(text);
});

const busy = poolObject('busy', {
  displayName: 'vision',
  nodes: { available: 4, desired: 5, summary: '4/5' },
  capacity: { [gpu]: '16', [ascend]: '8', cpu: '64', memory: '512Gi' },
  allocated: { [gpu]: '12', cpu: '40', memory: '120Gi' },
  free: { [gpu]: '4', [ascend]: '8', cpu: '24', memory: '392Gi' },
  workloads: { byStatus: { Running: 3, Queue: 2 } },
});
const lost = poolObject('lost', {
  phase: 'Abnormal',
  conditions: [
    aCondition('Ready', 'False'),
    aCondition('Synced', 'False', 'Unreachable', 'ModelArts does not answer.'),
  ],
});

describe('the table of pools', () => {
  const look = { manyNamespaces: false, paint: plain };

  it('shows what each has, what is allocated and what waits', () => {
    expect(poolLines([busy].map(summaryOf), look)).toEqual([
      'POOL   PHASE     NODES   ACCEL                        FREE   CPU     MEMORY      RUNNING   QUEUED   NAME',
      'busy   Running   4/5     0/8 ascend-1980, 12/16 gpu   8, 4   40/64   120/512Gi   3         2        vision',
    ]);
  });

  it('says which values may be old, and shows nothing for what is not known', () => {
    const [header, row] = poolLines([lost].map(summaryOf), look);
    expect(header).toMatch(/QUEUED +NOT CURRENT$/);
    expect(row).toMatch(/^lost +Abnormal +Unreachable: ModelArts does not answer\.$/);
    expect(poolLines([], look)).toEqual(['No pools are mirrored here.']);
  });

  it('colours the phase by the condition Ready', () => {
    const lines = poolLines([busy, lost].map(summaryOf), { manyNamespaces: true, paint: coloured });
    expect(lines[1]).toContain('\u001b[32mRunning\u001b[39m');
    expect(lines[2]).toContain('\u001b[31mAbnormal\u001b[39m');
    expect(lines[0]).toContain('NAMESPACE');
  });

  it('gives programs the quantities as they are', () => {
    expect(summaryOf(busy)).toMatchObject({
      namespace: 'team',
      poolName: 'busy-id',
      ready: 'True',
      capacity: { [gpu]: '16' },
      running: 3,
      queued: 2,
    });
    expect(summaryOf({ ...busy, status: undefined } as never)).toEqual({
      namespace: 'team',
      name: 'busy',
      project: 'eu',
      poolName: 'busy-id',
      ready: 'Unknown',
      notCurrent: 'not read yet',
    });
  });
});

describe('the screen of top', () => {
  const pools = Array.from({ length: 9 }, (_, i) => summaryOf(poolObject(`pool-${i}`)));
  const screen = (rows: number, trouble?: string): string[] =>
    screenOf({ pools, manyNamespaces: false, trouble, now: 0, paint: plain, columns: 60, rows }).split('\n');

  it('is no higher than the terminal, and says how many pools it leaves out', () => {
    expect(screen(8)).toHaveLength(8);
    expect(screen(8).at(-1)).toContain('and 5 more');
    expect(screen(12)).toHaveLength(12);
    expect(screen(12).at(-1)).toContain('pool-8');
    expect(screen(2)).toHaveLength(2);
  });

  it('writes over the one before, and clears what that left', () => {
    const lines = screen(20);
    expect(lines[0]).toMatch(/^\u001b\[HModelArts pools: 9, at 00:00:00 UTC/);
    for (const line of lines) expect(line).toContain('\u001b[K');
    expect(lines.at(-1)).toMatch(/\u001b\[J$/);
  });

  it('names pools as people do, and leaves room for the rest', () => {
    const id = 'auto-pool-os-86b13962597848eeb29c5861153a391f';
    const named = [poolObject(id, { displayName: 'vision' }), poolObject(`${id}b`)].map(summaryOf);
    const lines = poolLines(named, { manyNamespaces: false, paint: plain, width: 60 });
    expect(lines.map((line) => line.split(/ {3,}/)[0])).toEqual([
      'POOL',
      'vision',
      'auto-pool-os-86b13962597848…',
    ]);
  });

  it('says that it is not current while the apiserver is lost', () => {
    expect(screen(20, 'connect ECONNREFUSED\u001b[2J')[1]).toContain(
      'not current, the apiserver was lost: connect',
    );
    expect(screen(20, 'a\u001b[2Jb')[1]).not.toContain('\u001b[2J');
  });
});
