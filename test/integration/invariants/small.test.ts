import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { storedSize } from '../../../src/mirror/stored-size.ts';
import { calmScenario } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

const pools = 12;
const jobsEach = 4;

/** Any text, most of them long. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 800 }),
  // What JSON makes six bytes of, and what UTF-8 makes three of.
  fc.constantFrom('\u0001'.repeat(700), '"'.repeat(700), '模'.repeat(700)),
);
const word = fc.oneof(text, fc.stringMatching(/^[a-z]{200,250}$/));
const rows = fc.array(
  fc.record({
    flavor: word,
    count: fc.nat(9999),
    nodePool: word,
    azs: fc.array(fc.record({ az: word, count: fc.nat(99) }), { maxLength: 8 }),
  }),
  { maxLength: 60 },
);
const words = (value: fc.Arbitrary<unknown>) => fc.dictionary(word, value, { maxKeys: 80 });
const driver = fc.record({ version: word, state: word });

const poolWire = fc.record({
  metadata: fc.record({ labels: words(text), annotations: words(text) }),
  spec: fc.record({ resources: rows, jobFlavors: fc.array(word, { maxLength: 80 }) }),
  status: fc.record({
    message: text,
    phase: word,
    driver: fc.record({ gpu: driver, npu: driver }),
    scope: fc.array(fc.record({ scopeType: word, state: word }), { maxLength: 60 }),
    resources: fc.record({ creating: rows, available: rows, abnormal: rows, deleting: rows }),
  }),
});
const jobWire = fc.record({
  type: word,
  name: text,
  jobName: text,
  jobId: text,
  status: fc.oneof(word, fc.constantFrom('Queue', 'Failed')),
  flavor: text,
  priority: text,
  gvk: text,
  hostIps: fc.array(word, { maxLength: 200 }),
  resourceRequirement: words(fc.constantFrom('1', '1.5Gi', 'rubbish')),
});

/** Bytes of an object as the apiserver writes it: Go's JSON spells some characters in six bytes that JavaScript's does not. */
const bytes = (value: unknown): number =>
  Buffer.byteLength(JSON.stringify(value).replaceAll(/[<>&\u007f\u2028\u2029]/g, '\\u0000'));

interface Stored {
  readonly metadata: { readonly name: string; readonly managedFields: readonly { subresource?: string }[] };
  readonly status?: { readonly conditions?: unknown };
}

/** Of these, what the status takes, with what managedFields keep of it. */
function statusBytes(object: Stored): number {
  const { status: _status, ...rest } = object;
  const others = object.metadata.managedFields.filter(({ subresource }) => subresource !== 'status');
  return bytes(object) - bytes({ ...rest, metadata: { ...object.metadata, managedFields: others } });
}

/** Of the entry in managedFields, besides the fields: manager, operation, time, and so on. */
const entryBytes = 300;

describe('invariant 10 (Small)', () => {
  let stage: Stage;
  let stored: Readonly<Record<'modelartspools' | 'modelartsworkloads', readonly Stored[]>>;

  beforeAll(async () => {
    const seed = 10;
    const poolWires = fc.sample(poolWire, { numRuns: pools, seed });
    const jobWires = fc.sample(jobWire, { numRuns: pools * jobsEach, seed });
    stage = await Stage.open({
      scenario: calmScenario(
        poolWires.map((wire, i) => ({
          name: 'n'.repeat(128),
          id: `pool-${i}`.padEnd(63, 'x'),
          resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: 1 }],
          wire,
          jobs: jobWires.slice(i * jobsEach, (i + 1) * jobsEach).map((job, k) => ({
            uid: `u${i}-${k}-`.padEnd(128, 'x'),
            status: 'Running' as const,
            age: '1h',
            wire: {
              ...job,
              // Of one that ended, it would tell another end each time.
              runningDuration: 600,
              ...(k === 0 && { uid: `w${i}-`.padEnd(512, 'x') }),
            },
          })),
        })),
      ),
    });
    await stage.connect({
      wait: false,
      spec: { polling: { poolInterval: '10s', workloadInterval: '10s', maxStaleness: '1m' } },
    });
    const read = async (plural: string): Promise<readonly Stored[]> => {
      const path = `/apis/modelarts-operator.dev/v1alpha1/namespaces/${stage.namespace}/${plural}`;
      const { stdout } = await stage.kubectl(['get', '--raw', path]);
      return (JSON.parse(stdout) as { items: Stored[] }).items;
    };
    await eventually(async () =>
      expect(said(await stage.cluster.projects.get('demo'), 'Ready')).toMatch(/^True/),
    );
    await stage.settled();
    stored = await eventually(async () => {
      const [modelartspools, modelartsworkloads] = await Promise.all([
        read('modelartspools'),
        read('modelartsworkloads'),
      ]);
      expect([modelartspools.length, modelartsworkloads.length]).toEqual([pools, pools * jobsEach]);
      const all = [...modelartspools, ...modelartsworkloads];
      expect(all.filter(({ status }) => status?.conditions === undefined)).toEqual([]);
      return { modelartspools, modelartsworkloads };
    });
  });
  afterAll(() => stage.close());

  it.each([
    ['modelartsworkloads', 6_000],
    ['modelartspools', 16_000],
  ] as const)('no object of %s takes %i bytes or more in etcd', (plural, most) => {
    const sizes = stored[plural].map((object) => bytes(object)).sort((a, b) => b - a);
    expect(sizes[0]).toBeLessThan(most);
    // Hostile enough to need the cuts.
    expect(sizes[0]).toBeGreaterThan(most / 2);
  });

  it.each(['modelartsworkloads', 'modelartspools'] as const)(
    'the size that %s are cut to is the size that is stored',
    (plural) => {
      for (const object of stored[plural]) {
        const estimate = storedSize(object.status);
        expect(statusBytes(object)).toBeLessThanOrEqual(estimate + entryBytes);
        expect(statusBytes(object)).toBeGreaterThan(estimate * 0.8);
      }
    },
  );

  it('comes to rest: what is cut is cut the same way each time', async () => {
    await eventually(async () => {
      const before = await stage.cluster.versions();
      await stage.settled();
      await stage.settled();
      const { 'ModelArtsProject/demo': _sign, ...after } = await stage.cluster.versions();
      expect(before).toMatchObject(after);
    });
  });
});
