import { describe, expect, it } from '@jest/globals';
import type { Condition } from './condition.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from './modelarts-pool.ts';
import { withDefaults, type ModelArtsProjectSpec } from './modelarts-project.ts';
import type { ModelArtsWorkload } from './modelarts-workload.ts';

/** What the compiler must accept and refuse: `@ts-expect-error` fails the type check where a line does compile. */
describe('the types that follow from the definitions', () => {
  it('let a status be built from values that may be absent', () => {
    const phase = [] as string[];
    const condition: Condition = {
      type: 'Ready',
      status: 'True',
      reason: 'Running',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const status: ModelArtsPoolStatus = {
      conditions: [condition],
      phase: phase[0],
      nodes: { available: 2, summary: '2/2' },
      resources: { available: [{ flavor: 'f', nodePool: '', count: 2 }] },
      workloads: { byStatus: { Running: 1 } },
    };
    const pool: ModelArtsPool = {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsPool',
      metadata: { name: 'a' },
      spec: { projectRef: { name: 'p' }, poolName: 'a' },
      status,
    };
    const available: number | undefined = pool.status?.resources?.available?.[0]?.count;
    expect(available).toBe(2);
  });

  it('refuse wrong words, wrong types and missing fields', () => {
    // @ts-expect-error a status of a condition is one of three words
    const condition: Pick<Condition, 'status'> = { status: 'Maybe' };
    // @ts-expect-error counts are numbers
    const status: ModelArtsPoolStatus = { nodes: { available: '2' } };
    // @ts-expect-error a workload needs its uid
    const spec: ModelArtsWorkload['spec'] = { projectRef: { name: 'p' }, source: 'Workload' };
    expect([condition, status, spec]).toHaveLength(3);
  });

  it('need no default written and promise each one after withDefaults', () => {
    const written: ModelArtsProjectSpec = {
      endpoint: 'https://modelarts.example.com',
      projectID: '0'.repeat(32),
      credentials: { secretRef: { name: 's' } },
      workloads: { history: { maxPerPool: 5 } },
    };
    const ttl: string = withDefaults(written).workloads.history.ttl;
    expect(ttl).toBe('168h');
    expect(withDefaults(written).workloads.history.maxPerPool).toBe(5);
    // @ts-expect-error an optional field without a default may still be missing
    const region: string = withDefaults(written).region;
    expect(region).toBeUndefined();
  });
});
