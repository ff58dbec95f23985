import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { parseQuantity } from '../../../src/mirror/quantity.ts';
import { Dialect, documentedDialect } from '../../../src/simulator/dialect.ts';
import type { PoolSpec } from '../../../src/simulator/schema.ts';
import { calmScenario } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

type Shape = readonly [name: string, dialect: Dialect];

/** Every form of every discrepancy that the simulator knows, but those of the documented samples. */
const shapes: readonly Shape[] = Object.entries(Dialect.properties).flatMap(([switchName, schema]) =>
  wordsOf(schema)
    .filter((word) => word !== (documentedDialect as Record<string, unknown>)[switchName])
    .map((word): Shape => [`${switchName}: ${word}`, { [switchName]: word }]),
);

function wordsOf(schema: object): readonly (string | boolean)[] {
  return 'enum' in schema ? (schema.enum as readonly string[]) : [true];
}

/** Where the mirror must differ, because the form says another thing. */
const saysAnother: Readonly<Record<string, RegExp>> = {
  // A pool without a word of its nodes was just created: it has none.
  'poolResources: missing': /^\/pool\/nodes\/(available|summary)$/,
  'poolResources: null': /^\/pool\/nodes\/(available|summary)$/,
  // One object stands for a list of one.
  'nodes: object': /^\/jobs\/running\/nodeCount$/,
  // The name for people is a label.
  'labels: missing': /^\/pool\/displayName$/,
};

/** Forms that say less than the documented ones: what they leave out may be missing in the mirror. */
const saysLess = /: (missing|null|minimal|unknown|noUid|nameOnly|empty)$/;

function pool(id: string, dialect: Dialect): PoolSpec {
  return {
    name: 'the pool',
    id,
    retention: '3650d',
    description: 'of many shapes',
    controlMode: 9,
    labels: { team: 'a', floor: '5', spare: 'true' },
    driver: { npu: 'C78' },
    resources: [{ flavor: 'modelarts.bm.npu.arm.8snt9', count: 2, azs: { 'eu-de-01': 2 } }],
    jobs: [
      { uid: `${id}-running`, name: 'running', status: 'Running', age: '2h', cards: 8, nodes: 2 },
      { uid: `${id}-queued`, name: 'queued', age: '1h', cards: 8, priority: 3 },
      { uid: `${id}-ended`, name: 'ended', status: 'Failed', age: '30h', duration: '90m', cards: 1 },
    ],
    dialect,
  };
}

const plain = 'odd-plain';
const idOf = (i: number): string => `odd-${i}`;

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Leaves by path, so that two mirrors can be laid over each other; what names the pool and its jobs is put aside. */
function leaves(value: unknown, id: string, path = ''): [string, unknown][] {
  if (typeof value === 'string') return [[path, value.replaceAll(id, '<pool>').replace(uuid, '<uuid>')]];
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, part]) => leaves(part, id, `${path}/${key}`));
}

/** What is written of them is compared, not when it was. */
function shown(status: object | undefined): unknown {
  const { conditions, ...values } = { conditions: [], ...status } as { conditions: { type: string }[] };
  const words = conditions.map((condition) => {
    const { lastTransitionTime: _when, ...rest } = condition as typeof condition & {
      lastTransitionTime?: string;
    };
    return [rest.type, rest];
  });
  return { ...values, conditions: Object.fromEntries(words) as unknown };
}

/** Amounts are compared as such; and times worked out from durations of whole seconds not more exactly than a minute. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  if (/^\d{4}-/.test(a)) return Math.abs(Date.parse(a) - Date.parse(b)) <= 60_000;
  const [amount, other] = [parseQuantity(a), parseQuantity(b)];
  return amount !== undefined && amount.nanos === other?.nanos;
}

describe('invariants 1 and 2 (Quiet, Faithful) where answers have odd shapes', () => {
  let stage: Stage;
  let mirrors: Map<string, Map<string, unknown>>;

  /** By pool: its mirror and those of its jobs, as one. */
  const allMirrors = async (): Promise<typeof mirrors> => {
    const jobs = await stage.cluster.workloads.all();
    const pools = (await stage.cluster.pools.all()).map(({ spec: { poolName }, status }) => {
      const own = jobs.filter(({ spec }) => spec.poolName === poolName);
      const byName = own.map(({ status }) => [status?.jobName ?? status?.name ?? '', shown(status)] as const);
      const whole = { pool: shown(status), jobs: Object.fromEntries(byName) };
      return [poolName, new Map(leaves(whole, poolName))] as const;
    });
    return new Map(pools);
  };

  beforeAll(async () => {
    const odd = shapes.map(([, dialect], i) => pool(idOf(i), dialect));
    stage = await Stage.open({ scenario: calmScenario([pool(plain, {}), ...odd]), speed: 5 });
    await stage.connect({
      spec: { polling: { poolInterval: '5s', workloadInterval: '5s', maxStaleness: '90s' } },
      wait: false,
    });
    await eventually(
      async () => {
        const written = (await stage.cluster.workloads.all()).filter(
          ({ status }) => status?.phase !== undefined,
        );
        expect(written).toHaveLength(3 * (shapes.length + 1));
        expect(said(await stage.cluster.projects.get('demo'), 'Synced')).toBe('True/ReadComplete');
        const unread = (await stage.cluster.pools.all()).filter(
          (mirror) => said(mirror, 'Synced') !== 'True/ReadComplete' || mirror.status?.capacity === undefined,
        );
        expect(unread.map(({ metadata }) => metadata.name)).toEqual([]);
      },
      { deadline: 'collected' },
    );
    mirrors = await allMirrors();
  });
  afterAll(() => stage.close());

  it('they change nothing from read to read', async () => {
    const versions = async (): Promise<unknown> => {
      const { 'ModelArtsProject/demo': _signOfLife, ...rest } = await stage.cluster.versions();
      return rest;
    };
    const [before, shownBefore] = [await versions(), await allMirrors()];
    // Longer than anything may go without being read anew.
    const until = stage.runtime.monotonic() + 100_000;
    await eventually(() => stage.runtime.monotonic() >= until, { deadline: 'settled' });
    // What is shown first: where it changed, the failure says what.
    expect(await allMirrors()).toEqual(shownBefore);
    expect(await versions()).toEqual(before);
  });

  it.each(shapes.map(([name], i) => [name, i] as const))('%s: the same mirror', (name, i) => {
    const documented = mirrors.get(plain)!;
    const odd = mirrors.get(idOf(i))!;
    const differing = [...documented].filter(([path, value]) => {
      if (!odd.has(path)) return !saysLess.test(name);
      return !isSame(odd.get(path), value) && saysAnother[name]?.test(path) !== true;
    });
    const added = [...odd].filter(([path]) => !documented.has(path));
    expect({ differing: Object.fromEntries(differing), added: Object.fromEntries(added) }).toEqual({
      differing: {},
      added: {},
    });
  });
});
