import { describe, expect, it } from '@jest/globals';

import { poolRecord, resourceSpecRecord, workloadRecord } from './records.ts';

describe('records of stored objects', () => {
  const metadata = { name: 'n' };
  it('of an object that holds nothing say nothing', () => {
    const nothing = {
      namespace: '',
      name: 'n',
      uid: '',
      resourceVersion: '',
      generation: 0,
      createdAt: 0,
      deleting: false,
      project: '',
      labels: {},
    };
    expect(poolRecord({ metadata })).toStrictEqual({
      ...nothing,
      poolName: '',
      adopted: false,
      status: { conditions: [] },
    });
    expect(workloadRecord({ metadata })).toStrictEqual({
      ...nothing,
      source: '',
      identity: '',
      digest: expect.any(Number) as unknown,
    });
    expect(resourceSpecRecord({ metadata })).toStrictEqual({
      ...nothing,
      jobType: '',
      specID: '',
      specCode: '',
      status: { conditions: [] },
    });
  });

  it('keep of labels only ours, of owners only the controller, of conditions only those that are some', () => {
    const whole = { type: 'Ready', status: 'True', lastTransitionTime: '2026-03-01T12:00:00Z' };
    const record = poolRecord({
      metadata: {
        name: 'n',
        deletionTimestamp: '2026-03-01T12:00:00Z',
        labels: { 'modelarts-operator.dev/project': 'p', 'app.kubernetes.io/managed-by': 'm', team: 't' },
        ownerReferences: [
          { uid: 'other', name: 'o', kind: 'k', apiVersion: 'v' },
          { controller: true, uid: 'owner', name: 'o', kind: 'k', apiVersion: 'v' },
        ],
      },
      status: {
        conditions: [whole, ...Object.keys(whole).map((key) => ({ ...whole, [key]: 1 })), 'rubbish', null],
      },
    });
    expect(record).toMatchObject({ ownerUID: 'owner', deleting: true, status: { conditions: [whole] } });
    expect(record.labels).toEqual({
      'modelarts-operator.dev/project': 'p',
      'app.kubernetes.io/managed-by': 'm',
    });
    const workload = workloadRecord({ metadata, spec: { source: 'Workload', uid: 'u' } });
    expect(workload).toMatchObject({ source: 'Workload', identity: 'u' });
  });

  it('of a workload have what its status shows', () => {
    expect(workloadRecord({ metadata, status: { phase: 'Running', type: 'train' } })).toMatchObject({
      phase: 'Running',
      type: 'train',
    });
  });

  it('take nothing but a text for one', () => {
    expect(poolRecord({ metadata, spec: { poolName: 1 } }).poolName).toBe('');
  });

  it('of a pool have what its metadata say', () => {
    const record = poolRecord({
      metadata: {
        name: 'n',
        annotations: {
          'modelarts-operator.dev/discovered-by': 'u',
          'modelarts-operator.dev/reconcile-requested-at': 'now',
        },
      },
      spec: { poolName: 'p', projectRef: { name: 'project' } },
    });
    expect(record).toMatchObject({
      discoveredBy: 'u',
      reconcileRequestedAt: 'now',
      poolName: 'p',
      project: 'project',
      adopted: false,
    });
  });

  it.each([
    ['that fits', 'x'.repeat(256), 256],
    ['that does not', 'x'.repeat(257), 256],
    ['whose last character would be cut in half', `${'x'.repeat(255)}😀`, 255],
  ])('of a pool have of a request as much as a status can repeat: one %s', (_what, value, length) => {
    const annotations = { 'modelarts-operator.dev/reconcile-requested-at': value };
    const { reconcileRequestedAt } = poolRecord({ metadata: { name: 'n', annotations } });
    expect(reconcileRequestedAt).toBe(value.slice(0, length));
  });

  it.each<[string, object, boolean]>([
    ['nobody else', {}, false],
    ['kubectl apply', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }, true],
    [
      'one of two managers',
      {
        managedFields: [
          { manager: 'someone', fieldsV1: { 'f:spec': {} } },
          { manager: 'other', fieldsV1: { 'f:metadata': {} } },
        ],
      },
      true,
    ],
    [
      'a manager of its labels',
      { managedFields: [{ manager: 'someone', fieldsV1: { 'f:metadata': {} } }] },
      false,
    ],
    [
      'a manager of its status',
      { managedFields: [{ manager: 'someone', subresource: 'status', fieldsV1: { 'f:spec': {} } }] },
      false,
    ],
  ])('a pool that %s holds is adopted or not', (_who, over, adopted) => {
    expect(poolRecord({ metadata: { name: 'n', ...over } }).adopted).toBe(adopted);
  });
});
