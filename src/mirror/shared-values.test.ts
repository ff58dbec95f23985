import { describe, expect, it } from '@jest/globals';

import { workloadRecord } from './records.ts';
import { SharedValues } from './shared-values.ts';

const record = (index: number, pool = 'pool-a') =>
  workloadRecord({
    metadata: {
      namespace: 'ns',
      name: `job-${index}`,
      uid: `uid-${index}`,
      resourceVersion: String(index),
      labels: { 'modelarts-operator.dev/pool': pool },
    },
    spec: { projectRef: { name: 'project' }, poolName: pool, source: 'Workload', uid: `job-${index}` },
    status: { phase: 'Running', type: 'train' },
  });

describe('SharedValues', () => {
  it('changes no value of a record', () => {
    const values = new SharedValues();
    for (let index = 0; index < 3; index++) expect(values.lean(record(index))).toEqual(record(index));
    const other = { ...record(4), identity: 'another', ownerUID: 'owner' };
    expect(values.lean(other)).toEqual(other);
    const { poolName: _poolName, phase: _phase, type: _type, ...bare } = record(5);
    expect(values.lean(bare)).toEqual(bare);
  });

  it('gives records with equal labels one object, and others another', () => {
    const values = new SharedValues();
    const [first, second] = [values.lean(record(1)), values.lean(record(2))];
    expect(second.labels).toBe(first.labels);
    expect(values.lean(record(3, 'pool-b')).labels).not.toEqual(first.labels);
  });

  it('forgets what it shares before that is much', () => {
    const values = new SharedValues();
    const first = values.lean(record(0, 'pool-0'));
    for (let index = 1; index < 20_000; index++) values.lean(record(index, `pool-${index}`));
    const again = values.lean(record(0, 'pool-0'));
    expect(again.labels).not.toBe(first.labels);
    expect(again).toEqual(first);
  });
});
