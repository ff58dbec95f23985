import { describe, expect, it } from '@jest/globals';
import { createValidator, kinds, type KindName } from './registry.ts';

const validate = createValidator();
const validateStrictly = createValidator({ unknownFields: 'refuse' });

const project = (spec: object, status?: object): object => ({
  apiVersion: 'modelarts-operator.dev/v1alpha1',
  kind: 'ModelArtsProject',
  metadata: { name: 'p' },
  spec: {
    endpoint: 'https://modelarts.example.com',
    projectID: '0'.repeat(32),
    credentials: { secretRef: { name: 's' } },
    ...spec,
  },
  ...(status && { status }),
});
const pool = (spec: object, status?: object): object => ({
  metadata: { name: 'a', labels: { 'example.com/any': 'thing' } },
  spec: { projectRef: { name: 'p' }, poolName: 'pool-a', ...spec },
  ...(status && { status }),
});

describe('createValidator', () => {
  it.each<[string, KindName, object]>([
    ['the smallest project', 'ModelArtsProject', project({})],
    ['the smallest pool', 'ModelArtsPool', pool({})],
    ['a pool with an empty status', 'ModelArtsPool', pool({}, {})],
    ['a field of a newer version', 'ModelArtsPool', pool({ later: 1 })],
    ['two rows that differ in one of two keys', 'ModelArtsPool', pool({}, rows(['a', 'x'], ['a', 'y']))],
    [
      'every spelling of a quantity',
      'ModelArtsPool',
      pool({}, quantities('8', '0.5', '3920m', '6.52Gi', '1e3')),
    ],
  ])('accepts %s', (_, kind, object) => {
    expect(validate(kind, object)).toEqual({ ok: true });
  });

  it.each<[string, KindName, unknown, string, string]>([
    ['no object', 'ModelArtsPool', 'text', '', 'must be an object'],
    ['a missing spec', 'ModelArtsPool', {}, 'spec', 'must be set'],
    ['a missing field', 'ModelArtsPool', { spec: { poolName: 'a' } }, 'spec.projectRef', 'must be set'],
    ['a wrong type', 'ModelArtsPool', pool({ poolName: 5 }), 'spec.poolName', 'must be a string'],
    [
      'a number as text',
      'ModelArtsPool',
      pool({}, { nodes: { available: '2' } }),
      'status.nodes.available',
      'must be an integer',
    ],
    [
      'a negative count',
      'ModelArtsPool',
      pool({}, { nodes: { available: -1 } }),
      'status.nodes.available',
      'must be at least 0',
    ],
    [
      'a word that is not ours',
      'ModelArtsProject',
      project({ deletion: { policy: 'Keep' } }),
      'spec.deletion.policy',
      "must be one of 'Delete', 'Retain'",
    ],
    [
      'too short a text',
      'ModelArtsProject',
      project({ projectID: 'x' }),
      'spec.projectID',
      'must be at least 32 characters long',
    ],
    [
      'too long a text',
      'ModelArtsPool',
      pool({ poolName: 'a'.repeat(64) }),
      'spec.poolName',
      'must be at most 63 characters long',
    ],
    [
      'a bad name',
      'ModelArtsPool',
      pool({ poolName: '../x' }),
      'spec.poolName',
      "must be a pool id of letters, digits, '-', '_' and '.', that begins and ends with a letter or digit",
    ],
    [
      'a bad duration',
      'ModelArtsProject',
      project({ polling: { poolInterval: 'soon' } }),
      'spec.polling.poolInterval',
      "must be a duration such as '30s', '5m' or '1h30m'",
    ],
    [
      'too great a number',
      'ModelArtsProject',
      project({ rateLimit: { burst: 1001 } }),
      'spec.rateLimit.burst',
      'must be at most 1000',
    ],
    [
      'a list that is too short',
      'ModelArtsProject',
      project({ discovery: { workspaces: [] } }),
      'spec.discovery.workspaces',
      'must have at least 1 items',
    ],
    [
      'a list that is too long',
      'ModelArtsProject',
      project({ workloads: { types: Array.from({ length: 17 }, (_, i) => `t${i}`) } }),
      'spec.workloads.types',
      'must have at most 16 items',
    ],
    [
      'an item of a list',
      'ModelArtsProject',
      project({ workloads: { types: ['a', 'b c'] } }),
      'spec.workloads.types[1]',
      "must be a word of letters, digits, '-' and '_'",
    ],
    [
      'equal items',
      'ModelArtsProject',
      project({ workloads: { types: ['a', 'a'] } }),
      'spec.workloads.types',
      'must not have two items with the same key',
    ],
    [
      'rows with equal keys',
      'ModelArtsPool',
      pool({}, rows(['a', 'x'], ['a', 'x'])),
      'status.resources.available',
      'must not have two items with the same key',
    ],
    [
      'a value of a map',
      'ModelArtsPool',
      pool({}, { capacity: { 'nvidia.com/gpu': 'many' } }),
      'status.capacity["nvidia.com/gpu"]',
      "must be a quantity such as '8', '500m' or '6.5Gi'",
    ],
    [
      'a time',
      'ModelArtsPool',
      pool({}, { creationTime: 'noon' }),
      'status.creationTime',
      "must be a time such as '2026-01-02T03:04:05Z'",
    ],
    [
      'base64',
      'ModelArtsProject',
      project({ tls: { caBundle: '!' } }),
      'spec.tls.caBundle',
      'must be base64',
    ],
  ])('names %s', (_, kind, object, path, message) => {
    expect(validate(kind, object)).toEqual({ ok: false, issues: [{ path, message }] });
  });

  it('names each fault of an object', () => {
    const result = validate('ModelArtsPool', pool({ poolName: 5, projectRef: {} }));
    expect(result.ok ? [] : result.issues.map(({ path }) => path).sort()).toEqual([
      'spec.poolName',
      'spec.projectRef.name',
    ]);
  });

  it('can refuse fields that the schema does not have, so that nothing of ours is pruned', () => {
    expect(validateStrictly('ModelArtsPool', pool({}, { nodes: { availible: 2 } }))).toEqual({
      ok: false,
      issues: [{ path: 'status.nodes.availible', message: 'must not be set: there is no such field' }],
    });
    expect(validateStrictly('ModelArtsPool', pool({}, { labels: { any: 'x' } }))).toEqual({ ok: true });
  });

  it.each(kinds.map(({ kind }) => kind))('compiles in strict mode for %s', (kind) => {
    expect(validate(kind, {}).ok).toBe(false);
  });
});

function rows(...keys: [string, string][]): object {
  return {
    resources: { available: keys.map(([flavor, nodePool]) => ({ flavor, nodePool, count: 1 })) },
  };
}

function quantities(...values: string[]): object {
  return { capacity: Object.fromEntries(values.map((value, index) => [`r${index}`, value])) };
}
