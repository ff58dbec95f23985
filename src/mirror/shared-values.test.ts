import { describe, expect, it } from '@jest/globals';

import { workloadFacts } from '../../test/support/builders.ts';
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
    for (let index = 0; index < 3; index++)
      expect(values.leanRecord(record(index))).toMatchObject(record(index));
    const other = { ...record(4), identity: 'another', ownerUID: 'owner' };
    expect(values.leanRecord(other)).toMatchObject(other);
    const { poolName: _poolName, phase: _phase, type: _type, ...bare } = record(5);
    expect(values.leanRecord(bare)).toMatchObject({ ...bare, poolName: undefined, phase: undefined });
  });

  it('gives records of one pool and phase the same labels, and others their own', () => {
    const values = new SharedValues();
    const [first, second] = [values.leanRecord(record(1)), values.leanRecord(record(2))];
    expect(second.labels).toBe(first.labels);
    expect(values.leanRecord(record(3, 'pool-b')).labels).not.toEqual(first.labels);
  });

  it('changes nothing that was read, and gives rows with equal resources and hosts the same', () => {
    const values = new SharedValues();
    const facts = workloadFacts({ resources: { cpu: '8' }, hostIPs: ['10.0.0.1'], gvk: 'v1, Kind=Job' });
    const other = { ...structuredClone(facts), uid: 'another', jobName: 'train-2', runningSeconds: 7 };
    const [first, second] = [values.leanFacts(facts), values.leanFacts(other)];
    expect([first, second]).toMatchObject([facts, other]);
    expect(second.resources).toBe(first.resources);
    expect(second.hostIPs).toBe(first.hostIPs);
    expect(values.leanFacts({ ...facts, hostIPs: [] }).hostIPs).toEqual([]);
  });
});
