import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { aWorkloadMirror } from '../../test/support/builders.ts';
import { KeptWorkload } from './kept-workload.ts';
import type { WorkloadRecord } from './world.ts';

/** What a reader sees of it, field by field. */
const seen = (kept: WorkloadRecord, record: WorkloadRecord) =>
  Object.fromEntries(Object.keys(record).map((key) => [key, kept[key as keyof WorkloadRecord]]));

const absent = { poolName: undefined, ownerUID: undefined, phase: undefined, type: undefined };
const timeless = { startTime: undefined, completionTime: undefined, phaseSince: undefined };

describe('a kept workload', () => {
  it.each<[string, Partial<WorkloadRecord>]>([
    ['of a running job', { phase: 'Running', type: 'train', startTime: 1_767_225_600_000 }],
    ['of which nothing is known', { ...absent, ...timeless, uid: '', resourceVersion: '', createdAt: 0 }],
    ['with a UUID that begins with zeros', { uid: '00000000-0c1e-4d3c-9d5e-0a1b2c3d4e5f' }],
    ['with a uid that is almost a UUID', { uid: '5F1B2F66-0c1e-4d3c-9d5e-0a1b2c3d4e5f' }],
    ['with a version that is not a decimal', { resourceVersion: '007' }],
    ['with a version beyond exact numbers', { resourceVersion: '9007199254740993' }],
    ['whose name is made from its identity', { name: 'job-a', identity: 'Job A' }],
  ])('%s gives back what it was made of', (_which, over) => {
    const record = aWorkloadMirror(over);
    expect(seen(new KeptWorkload(record, record), record)).toStrictEqual(record);
  });

  it('gives back any version, uid and time', () => {
    const time = fc.option(fc.integer({ min: -1e13, max: 1e14 }), { nil: undefined });
    const over = fc.record({
      uid: fc.oneof(fc.uuid(), fc.string()),
      resourceVersion: fc.oneof(fc.nat().map(String), fc.string()),
      startTime: time,
      completionTime: time,
      phaseSince: time,
    });
    fc.assert(
      fc.property(over, (fields) => {
        const record = aWorkloadMirror(fields);
        expect(seen(new KeptWorkload(record, record), record)).toStrictEqual(record);
      }),
    );
  });
});
