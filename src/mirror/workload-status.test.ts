import { describe, expect, it } from '@jest/globals';

import { minute, noon, without, workloadFacts } from '../../test/support/builders.ts';
import type { WorkloadFacts } from '../api/facts.ts';
import type { ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';
import { workloadRecord } from './records.ts';
import { workloadStatus } from './workload-status.ts';

type Mirror = Parameters<typeof workloadStatus>[0];

const blank: Mirror = { name: 'a', identity: 'a', generation: 1, createdAt: noon - 30 * minute };
const statusOf = (facts: WorkloadFacts, mirror: Partial<Mirror> = {}) =>
  workloadStatus({ ...blank, ...mirror }, { facts, readAt: noon, queuePosition: 'Exact' });
const clock = (time: string | undefined) => time?.slice(11, 19);
const conditions = (status: ModelArtsWorkloadStatus) =>
  status.conditions?.map((c) => `${c.type} ${c.status} ${c.reason} ${clock(c.lastTransitionTime)}`);

describe('the conditions of a job', () => {
  const [early, late] = [noon - 20 * minute, noon - 3 * minute];
  const facts = (status: string, ...absent: (keyof WorkloadFacts)[]) =>
    without(workloadFacts({ status }), ...absent) as WorkloadFacts;

  it.each<[string, WorkloadFacts, Partial<Mirror>, string[]]>([
    [
      'starts, and it is not said how long it waited: since it was seen',
      facts('Creating', 'pendingSeconds'),
      {},
      ['Running False Creating 11:45:00', 'Queued False Creating 12:00:00'],
    ],
    [
      'goes on starting: since it was seen first',
      facts('Creating', 'pendingSeconds'),
      { phase: 'Creating', phaseSince: late },
      ['Running False Creating 11:45:00', 'Queued False Creating 11:57:00'],
    ],
    [
      'is interrupted: since now, and out of the queue since it began',
      facts('Abnormal'),
      { phase: 'Creating', phaseSince: late, startTime: early },
      ['Running False Abnormal 12:00:00', 'Queued False Abnormal 11:40:00'],
    ],
    [
      'is interrupted in another way',
      facts('Terminating'),
      { phase: 'Abnormal', phaseSince: late },
      ['Running False Terminating 11:57:00', 'Queued False Terminating 11:47:00'],
    ],
    [
      'is interrupted and never began',
      facts('Abnormal', 'runningSeconds'),
      {},
      ['Running False Abnormal 12:00:00', 'Queued False Abnormal 11:45:00'],
    ],
    [
      'waits, and it is not said since when: since its mirror was made',
      facts('Queue', 'creationTime'),
      {},
      ['Running False Queue 11:30:00', 'Queued True Queue 11:30:00'],
    ],
    [
      'runs, and it is not said how long: since it was seen',
      facts('Running', 'runningSeconds'),
      {},
      ['Running True Running 12:00:00', 'Queued False Running 12:00:00'],
    ],
    [
      'completed, and it is not said when',
      facts('Completed', 'runningSeconds'),
      { startTime: early },
      [
        'Complete True Completed 12:00:00',
        'Running False Completed 11:45:00',
        'Queued False Completed 12:00:00',
      ],
    ],
    [
      'has no status: it is as unknown as one with a strange word',
      facts('', 'status'),
      { phaseSince: late },
      ['Running Unknown UnknownPhase 11:57:00', 'Queued Unknown UnknownPhase 11:57:00'],
    ],
  ])('that %s', (_what, read, mirror, expected) => {
    expect(conditions(statusOf(read, mirror))).toEqual(expected);
  });

  it.each([
    [facts('Running'), 'ModelArts reports the status Running.'],
    [facts('Paused'), 'ModelArts reports the status Paused.'],
    [facts('', 'status'), 'ModelArts did not say the status of the job.'],
  ])('say what ModelArts said', (read, message) => {
    expect(statusOf(read).conditions?.map((condition) => condition.message)).toEqual([message, message]);
  });
});

describe('since when a job is in its phase, as its mirror remembers', () => {
  const at = { Running: '11:01:00', Queued: '11:02:00', Complete: '11:03:00', Failed: '11:04:00' };
  const times = { startTime: '2026-03-01T11:00:00Z', completionTime: '2026-03-01T11:30:00Z' };

  it.each<[string | undefined, object, string | undefined]>([
    ['Queue', {}, undefined],
    ['Creating', {}, at.Queued],
    ['Running', times, undefined],
    ['Running', {}, at.Running],
    ['Abnormal', times, at.Running],
    ['Paused', times, at.Running],
    [undefined, times, at.Running],
    ['Completed', times, undefined],
    ['Completed', { startTime: times.startTime }, at.Complete],
    ['Failed', { startTime: times.startTime }, at.Failed],
    ['Failed', times, undefined],
  ])('%s with %j', (phase, shown, since) => {
    const record = workloadRecord({
      metadata: { name: 'n' },
      status: {
        phase,
        ...shown,
        conditions: Object.entries(at).map(([type, time]) => ({
          type,
          status: 'True',
          lastTransitionTime: `2026-03-01T${time}Z`,
        })),
      },
    });
    const found = record.phaseSince;
    expect(found && clock(new Date(found).toISOString())).toBe(since);
  });
});

describe('start and end of a job', () => {
  const [creation, pending, running] = ['creationTime', 'pendingSeconds', 'runningSeconds'] as const;
  const facts = (over: Partial<WorkloadFacts>, ...absent: (keyof WorkloadFacts)[]) =>
    without(workloadFacts(over), ...absent) as WorkloadFacts;
  const startTime = noon - 12 * minute;
  const completionTime = noon - 2 * minute;

  it.each<[string, WorkloadFacts, Partial<Mirror>, [(string | undefined)?, string?]]>([
    ['interrupted, it began when it left the queue', facts({ status: 'Abnormal' }), {}, ['11:47:00']],
    ['or as long ago as it ran', facts({ status: 'Abnormal' }, pending), {}, ['11:50:00']],
    ['or not, had it not run', facts({ status: 'Abnormal', [running]: 0 }), {}, []],
    ['or not, if that is not said', facts({ status: 'Abnormal' }, running), {}, []],
    ['or as was known', facts({ status: 'Abnormal', [running]: 0 }), { startTime }, ['11:48:00']],
    ['a strange word counts as an interruption', facts({ status: 'Paused' }), {}, ['11:47:00']],
    [
      'waiting, it has not begun',
      facts({ status: 'Queue', startTime: noon - 11 * minute }),
      { startTime },
      [],
    ],
    ['a start that is said counts', facts({ startTime: noon - 11 * minute }), { startTime }, ['11:49:00']],
    ['running, a start that is known stays', facts({}, running), { startTime }, ['11:48:00']],
    [
      'failed without a duration, it ended in the queue',
      facts({ status: 'Failed' }, running),
      {},
      [undefined, '11:47:00'],
    ],
    ['completed without one, nothing is known', facts({ status: 'Completed' }, running), {}, []],
    [
      'but what was known stays',
      facts({ status: 'Completed' }, running),
      { startTime, completionTime },
      ['11:48:00', '11:58:00'],
    ],
    [
      'failed without having run, it ended in the queue',
      facts({ status: 'Failed', [running]: 0 }),
      {},
      [undefined, '11:47:00'],
    ],
    [
      'ended, it ran from its start',
      facts({ status: 'Failed', startTime: noon - 11 * minute }),
      {},
      ['11:49:00', '11:59:00'],
    ],
    [
      'ended without a duration, a start alone does not say when',
      facts({ status: 'Completed', startTime: noon - 11 * minute }, running, pending, creation),
      {},
      [],
    ],
    [
      'an end that is said counts',
      facts({ status: 'Failed', completionTime: noon - 5 * minute }),
      {},
      [undefined, '11:55:00'],
    ],
    ['starting, it has not begun', facts({ status: 'Creating', startTime: noon - 11 * minute }), {}, []],
    [
      'failed without having run, and it is not said since when it waited: nothing is known',
      facts({ status: 'Failed', [running]: 0 }, creation),
      {},
      [],
    ],
    [
      'a start from before its creation is none',
      facts({ status: 'Failed' }, pending),
      { startTime: noon - 20 * minute },
      [],
    ],
    [
      'nor is one so late that it would still run',
      facts({ status: 'Failed' }),
      { startTime: noon - 8 * minute },
      ['11:47:00', '11:57:00'],
    ],
    [
      'one a minute too late counts',
      facts({ status: 'Failed' }),
      { startTime: noon - 9 * minute },
      ['11:51:00', '12:01:00'],
    ],
    [
      'and one a minute too early',
      facts({ status: 'Failed' }),
      { startTime: noon - 14 * minute },
      ['11:46:00', '11:56:00'],
    ],
    ['though not of a job that goes on', facts({ completionTime: noon - 5 * minute }), {}, ['11:50:00']],
  ])('%s', (_what, read, mirror, [start, end]) => {
    const status = statusOf(read, mirror);
    expect([clock(status.startTime), clock(status.completionTime)]).toEqual([start, end]);
  });
});

it('a job has a place in the queue only while it waits', () => {
  const position = (status: string) => statusOf(workloadFacts({ status, queuePosition: 3 })).queuePosition;
  expect([position('Queue'), position('Running')]).toEqual([3, undefined]);
});

describe('what the mirror of a job that is too large loses', () => {
  const wide = '<'.repeat(256);
  const addresses = Array.from({ length: 128 }, (_, i) => `10.0.0.${String(i).padStart(3, '0')}`);
  const resources = (count: number, prefix = '') =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `${prefix}example.com/resource-${String(i).padStart(2, '0')}`,
        '1',
      ]),
    );
  const shortenedTo = (...fields: string[]) => `Shortened to keep this object small: ${fields.join(', ')}.`;

  it('nothing, if it is not', () => {
    const status = statusOf(workloadFacts({ description: 'd'.repeat(1_024) }));
    expect(status.description).toHaveLength(1_024);
    expect(status.message).toBeUndefined();
  });

  it.each([
    'type',
    'name',
    'jobName',
    'jobID',
    'priority',
    'flavor',
    'gvk',
    'description',
    'message',
  ] as const)('the end of a %s that is too long for its field, and says so', (field) => {
    const status = statusOf(workloadFacts({ [field]: 'x'.repeat(1_025) }));
    expect(status.message).toBe(shortenedTo(field));
  });

  it.each<[string, Partial<WorkloadFacts>, Partial<ModelArtsWorkloadStatus>]>([
    ['phase', { status: 'x'.repeat(257) }, { phase: `${'x'.repeat(255)}…` }],
    ['resources', { resources: { cpu: '8', odd: 'much' } }, { resources: { cpu: '8' } }],
    ['hostIPs', { hostIPs: ['10.0.0.1', 'x'.repeat(65)] }, { hostIPs: ['10.0.0.1'] }],
  ])('what does not fit its %s, and says so', (field, facts, shown) => {
    const status = statusOf(workloadFacts(facts));
    expect(status).toMatchObject({ ...shown, message: shortenedTo(field) });
  });

  it('a part of its description, where its own names are long', () => {
    const facts = workloadFacts({ description: 'd'.repeat(1_024), resources: resources(24) });
    expect(statusOf(facts).description).toHaveLength(1_024);
    const named = statusOf(facts, { identity: 'i'.repeat(253), name: 'n'.repeat(253) });
    expect(named.message).toBe(shortenedTo('description'));
  });

  it('all that may go at once, though none of it was cut before; the rest stays whole', () => {
    const hostIPs = Array.from({ length: 8 }, (_, i) => `${'<'.repeat(63)}${i}`);
    const name = 'n'.repeat(64);
    const status = statusOf(workloadFacts({ name, gvk: 'v1/Pod', hostIPs, resources: resources(8) }));
    expect(status).toMatchObject({ name, resources: resources(8), nodeCount: 8 });
    expect(status.message).toBe(shortenedTo('description', 'gvk', 'hostIPs'));
  });

  it('first the end of its description, then hosts', () => {
    const status = statusOf(workloadFacts({ description: 'd'.repeat(300), hostIPs: addresses }));
    expect(status.description).toBe(`${'d'.repeat(253)}…`);
    expect(status.hostIPs).toEqual(addresses.slice(0, 32));
    expect(status).toMatchObject({ nodeCount: 128, message: shortenedTo('description', 'hostIPs') });
  });

  it('not a description that is short', () => {
    const status = statusOf(workloadFacts({ description: 'd'.repeat(256), hostIPs: addresses }));
    expect(status.description).toHaveLength(256);
    expect(status.message).toBe(shortenedTo('hostIPs'));
    const described = without(workloadFacts({ hostIPs: addresses }), 'description');
    expect(statusOf(described).message).toBe(shortenedTo('hostIPs'));
  });

  it('not hosts, where there are few', () => {
    const status = statusOf(workloadFacts({ hostIPs: addresses.slice(0, 8), resources: resources(64) }));
    expect(status.hostIPs).toHaveLength(8);
    expect(status.resources).toEqual(resources(8));
    expect(status.message).toBe(shortenedTo('resources'));
  });

  it('hosts beyond eight, where thirty-two are too many', () => {
    const status = statusOf(workloadFacts({ hostIPs: addresses.slice(0, 32), resources: resources(64) }));
    expect(status.hostIPs).toHaveLength(8);
    expect(status.message).toBe(shortenedTo('hostIPs', 'resources'));
  });

  it('resources of long names before the others', () => {
    const fitting = `${'k'.repeat(63)}0`;
    const status = statusOf(
      workloadFacts({ resources: { ...resources(40, 'x'.repeat(60)), [fitting]: '1', a: '1' } }),
    );
    expect(status.resources).toEqual({ a: '1', [fitting]: '1' });
  });

  it('the ends of words, in its conditions too', () => {
    const words = {
      type: wide,
      name: wide,
      jobName: wide,
      jobID: wide,
      priority: wide,
      flavor: wide,
      gvk: wide,
    };
    const status = statusOf(workloadFacts({ ...words, status: wide, description: 'short' }));
    const short = `${'<'.repeat(20)}…`;
    expect(status).toMatchObject({ type: short, name: short, jobName: short, jobID: short, phase: short });
    expect(status).toMatchObject({ priority: short, flavor: short, gvk: short, description: 'short' });
    for (const { message } of status.conditions ?? [])
      expect(message).toMatch(/^ModelArts reports the status <{22}…$/);
    expect(status.message).toBe(
      shortenedTo('flavor', 'gvk', 'jobID', 'jobName', 'name', 'phase', 'priority', 'type'),
    );
  });

  it('at last its hosts and resources, never how many nodes and cards it has', () => {
    const hostile = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${'<'.repeat(63)}${i}`, '1']));
    const words = {
      type: wide,
      name: wide,
      jobName: wide,
      jobID: wide,
      priority: wide,
      flavor: wide,
      gvk: wide,
    };
    const status = statusOf(
      workloadFacts({
        ...words,
        description: 'd',
        resources: { ...hostile, 'nvidia.com/gpu': '8' },
        hostIPs: addresses,
      }),
      { identity: '<'.repeat(256), name: 'n'.repeat(253) },
    );
    expect(status).toMatchObject({ nodeCount: 128, accelerator: { count: 8 }, resources: {} });
    expect(status).toMatchObject({ type: `${'<'.repeat(10)}…`, name: `${'<'.repeat(10)}…` });
    for (const field of ['hostIPs', 'gvk', 'description'] as const) expect(status[field]).toBeUndefined();
    expect(status.message).toContain('description');
    expect(status.message).toContain('hostIPs');
  });
});
