import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatKey, groupOf, parseKey, type MirrorKey } from './keys.ts';

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const key: fc.Arbitrary<MirrorKey> = fc.oneof(
  fc.record({ kind: fc.constant('project' as const), namespace: name, project: name }),
  fc.record({ kind: fc.constant('pool' as const), namespace: name, project: name, poolName: name }),
  fc.record({
    kind: fc.constant('resourceSpec' as const),
    namespace: name,
    project: name,
    jobType: fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/),
    specID: fc.string({ minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('workload' as const),
    namespace: name,
    project: name,
    source: fc.constantFrom('Workload' as const, 'TrainingJobVersion' as const),
    uid: fc.string({ minLength: 1 }),
  }),
);

describe('keys', () => {
  it('come back as they went in, whatever upstream calls a job', () => {
    fc.assert(fc.property(key, (one) => expect(parseKey(formatKey(one))).toEqual(one)));
  });

  it('are fair between projects', () => {
    expect(groupOf('workload/ns/project/Workload/a/b')).toBe('ns/project');
  });

  it('are refused when they are none', () => {
    expect(() => parseKey('node/a/b')).toThrow('not a mirror key');
  });
});
