import { describe, expect, it } from '@jest/globals';
import { fixture } from '../fixtures/fixture.ts';
import { parseObject } from '../json.ts';
import { Cursor } from './read.ts';
import { decodeTrainingJobVersions } from './training-job-version.ts';

function version(row: object) {
  const body = new Cursor({ versions: [{ version_id: 1485, ...row }], is_success: true });
  const facts = decodeTrainingJobVersions(body)?.items[0];
  if (facts === undefined) throw new Error('no version');
  return { ...facts, issues: body.issues };
}

describe('training-job versions', () => {
  it('decodes the documented sample whole', () => {
    const body = new Cursor(fixture('training-versions'));
    const list = decodeTrainingJobVersions(body);
    expect(list).toMatchObject({ received: 3, unidentified: 0, total: 3 });
    expect(list?.items[0]).toEqual({
      uid: '20481',
      identifiedBy: 'uid',
      namespace: 'pool01234567',
      jobName: 'trainjob-a1b2',
      type: 'train',
      status: 'Completed',
      message: 'Status 10: completed.',
      flavor: 'modelarts.vm.gpu.tnt004',
      description: 'nightly run',
      cards: { gpu: 1, npu: 0 },
      resources: {},
      resourcesIncomplete: true,
      creationTime: Date.parse('2022-04-15T05:20:00Z'),
      startTime: Date.parse('2022-04-15T05:20:30Z'),
      completionTime: Date.parse('2022-04-15T06:20:30Z'),
      runningSeconds: 3600,
      hostIPs: [],
      isDeleted: false,
    });
    expect(list?.items[1]).toMatchObject({
      status: 'Running',
      cards: { gpu: 0, npu: 8 },
      runningSeconds: 125,
    });
    expect(list?.items[1]).not.toHaveProperty('completionTime');
    expect(list?.items[2]).toMatchObject({ status: 'Queue' });
    expect(list?.items[2]).not.toHaveProperty('startTime');
    expect(body.issues).toEqual([]);
  });

  it.each([
    [0, 'Unknown'],
    [1, 'Creating'],
    [2, 'Creating'],
    [3, 'Failed'],
    [4, 'Pending'],
    [5, 'Failed'],
    [6, 'Abnormal'],
    [7, 'Queue'],
    [8, 'Running'],
    [9, 'Terminating'],
    [10, 'Completed'],
    [11, 'Failed'],
    [12, 'Terminated'],
    [13, 'Terminated'],
    [14, 'Abnormal'],
    [15, 'Running'],
    [16, 'Failed'],
    [17, 'Failed'],
    [18, 'Creating'],
    [19, 'Running'],
    [20, 'Completed'],
    [21, 'Failed'],
    ['12', 'Terminated'],
    [42, 'Unknown(42)'],
    ['42', 'Unknown(42)'],
    [-1, 'Unknown(-1)'],
    ['RUNNING', 'Running'],
    ['paused', 'paused'],
    [null, undefined],
  ])('D27: status %j is %s', (status, word) => {
    expect(version({ status })).toMatchObject(word === undefined ? {} : { status: word });
    expect(version({ status }).status).toBe(word);
  });

  it('D28: zero, null and missing are one: nothing is said', () => {
    const none = { start_time: 0, end_time: null, duration: 0, version_desc: null, pool_id: '' };
    const { issues, ...facts } = version(none);
    expect(Object.keys(facts).sort()).toEqual([
      'cards',
      'hostIPs',
      'identifiedBy',
      'isDeleted',
      'resources',
      'resourcesIncomplete',
      'type',
      'uid',
    ]);
    expect(issues).toEqual([]);
  });

  it('D28: keeps ids above 2^53 exactly', () => {
    const parsed = parseObject('{"versions":[{"version_id":9007199254740993}],"total_count":1}');
    if (!parsed.ok) throw new Error(parsed.fault);
    expect(decodeTrainingJobVersions(new Cursor(parsed.value))?.items[0]?.uid).toBe('9007199254740993');
  });

  it('keeps a pool id only where it can be one', () => {
    expect(version({ pool_id: 'pool9928813f' }).namespace).toBe('pool9928813f');
    expect(version({ pool_id: '../pools' }).namespace).toBeUndefined();
  });

  it('leaves out what is of another kind, and says so', () => {
    const { issues, cards } = version({ gpu_num: 'many', npu_num: -1, create_time: {} });
    expect(cards).toEqual({ gpu: 0, npu: 0 });
    expect(issues.map(({ path }) => path)).toEqual([
      'versions[0].gpu_num',
      'versions[0].npu_num',
      'versions[0].create_time',
    ]);
  });

  it('counts rows without an id and keeps the others', () => {
    expect(decodeTrainingJobVersions(new Cursor({ versions: [{ version_id: 1 }, {}, 7] }))).toMatchObject({
      items: [{ uid: '1' }],
      unidentified: 2,
      received: 3,
    });
  });

  it('takes a missing list for an empty one only where the answer counts its rows', () => {
    expect(decodeTrainingJobVersions(new Cursor({ total_count: 0 }))?.items).toEqual([]);
    expect(decodeTrainingJobVersions(new Cursor({ is_success: true }))).toBeUndefined();
  });
});
