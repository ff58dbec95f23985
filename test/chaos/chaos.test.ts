import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { SeededRandom } from '../../src/simulator/seeded-random.ts';
import { clusterObjects } from '../support/cluster-objects.ts';
import { eventually } from '../support/eventually.ts';
import { beginCourse, course, courseScenario, mirroredWhole, wronglyVanished } from './support/course.ts';
import { disturbances } from './support/disturbances.ts';
import { Kubelet } from './support/kubelet.ts';
import { startRealParts, type RealParts } from './support/real-parts.ts';

/**
 * The operator, etcd, kube-apiserver and a simulated ModelArts, each in a process of its own, and what can go wrong between
 * them. However it goes, the end is that of an undisturbed run, and no mirror went of what ModelArts still had.
 *
 * MODELARTS_CHAOS_RUNS and MODELARTS_CHAOS_KILLS: how much of it (1 and 12); MODELARTS_CHAOS_SEED: where the seeds begin (1).
 */
const runs = Number(process.env['MODELARTS_CHAOS_RUNS'] ?? 1);
const kills = Number(process.env['MODELARTS_CHAOS_KILLS'] ?? 12);
const firstSeed = Number(process.env['MODELARTS_CHAOS_SEED'] ?? 1);
const seeds = Array.from({ length: runs }, (_, i) => firstSeed + i);

// Beyond the longest deadline within, which says more.
jest.setTimeout(300_000 + kills * 10_000);

describe('chaos', () => {
  let parts: RealParts;
  let expected: readonly object[] = [];
  const done: Record<string, number> = {};
  const count = (what: string): void => {
    done[what] = (done[what] ?? 0) + 1;
  };
  const open: (() => Promise<unknown>)[] = [];
  const closeAll = (): Promise<unknown> => Promise.allSettled(open.splice(0).map((close) => close()));

  /** The world and a cluster to see it in, and operators that are started again whenever they end. */
  const begin = async (namespace: string, { replicas = 1 } = {}) => {
    const witness = await beginCourse(parts, namespace);
    const cluster = clusterObjects(parts.controlPlane.kubeconfigPath, namespace);
    const flags =
      replicas === 1
        ? []
        : ['--leader-elect', `--leader-election-namespace=${namespace}`, `--shards=${replicas}`];
    const kubelets = Array.from(
      { length: replicas },
      () => new Kubelet(() => parts.launch({ namespace, flags })),
    );
    open.push(
      () => cluster.close(),
      () => Promise.all(kubelets.map((kubelet) => kubelet.stop())),
    );
    return { witness, cluster, kubelets };
  };

  beforeAll(async () => {
    parts = await startRealParts(courseScenario);
    const { cluster, witness } = await begin('undisturbed');
    await eventually(() => cluster.pools.get('d'));
    for (const action of course) await parts.modelArts.act(action);
    // Until nothing more comes of it: counts may be right before all that they count is.
    let since = performance.now();
    await eventually(
      async () => {
        const seen = await mirroredWhole(cluster);
        if (!isDeepStrictEqual(seen, expected)) since = performance.now();
        expected = seen;
        return performance.now() - since > 5_000;
      },
      { every: 500 },
    );
    expect(await wronglyVanished(parts, witness)).toEqual([]);
    await closeAll();
  });
  afterEach(closeAll);
  afterAll(async () => {
    const lines = Object.entries(done).map(([what, times]) => `  ${what}: ${times}`);
    process.stderr.write(`chaos, from seed ${firstSeed}:\n${lines.sort().join('\n')}\n`);
    await parts?.[Symbol.asyncDispose]();
  });

  it('would see a mirror go that ModelArts still has', async () => {
    const { witness, cluster } = await begin('witness');
    await eventually(() => cluster.pools.get('a'));
    await cluster.pools.delete('a');
    expect(await wronglyVanished(parts, witness)).toContain('modelartspools/witness/a');
  });

  it.each(seeds)('seed %i: whatever goes wrong, it ends as if nothing had', async (seed) => {
    const random = new SeededRandom(seed, 'chaos');
    const { witness, cluster, kubelets } = await begin(`seed-${seed}`, { replicas: 1 + (seed % 2) });
    // Each of them once, in an order of this seed's own; then whichever.
    const drawn = disturbances.map((disturbance) => [random.next(), disturbance] as const);
    const happenings = drawn.sort(([a], [b]) => a - b).map(([, disturbance]) => disturbance);
    for (const [i, action] of course.entries()) {
      const disturbance = happenings[i] ?? random.pick(disturbances)!;
      await Promise.all([
        disturbance.run({ parts, random, killOperator: () => random.pick(kubelets)!.kill() }),
        sleep(random.integer(0, 2_000)).then(() => parts.modelArts.act(action)),
      ]);
      count(disturbance.name);
      expect(await wronglyVanished(parts, witness)).toEqual([]);
    }
    await eventually(async () => expect(await mirroredWhole(cluster)).toEqual(expected), {
      deadline: 'collected',
    });
    expect(await wronglyVanished(parts, witness)).toEqual([]);
    count('runs');
  });

  it(`killed ${kills} times at any moment, it ends as if it had lived`, async () => {
    const random = new SeededRandom(firstSeed, 'kills');
    const { witness, cluster, kubelets } = await begin('kills');
    const every = Math.max(1, Math.floor(kills / course.length));
    const steps = [...course];
    for (let kill = 0; kill < kills; kill++) {
      // Half of them while it starts and reads everything for the first time.
      await sleep(kill % 2 === 0 ? random.integer(50, 1_500) : random.integer(1_000, 4_000));
      await kubelets[0]!.kill();
      const step = kill % every === 0 ? steps.shift() : undefined;
      if (step !== undefined) await parts.modelArts.act(step);
      count('kills in a loop');
      expect(await wronglyVanished(parts, witness)).toEqual([]);
    }
    if (steps.length > 0) await parts.modelArts.act(...steps);
    await eventually(async () => expect(await mirroredWhole(cluster)).toEqual(expected), {
      deadline: 'collected',
    });
    expect(await wronglyVanished(parts, witness)).toEqual([]);
    expect(kubelets[0]!.ownEnds).toEqual([]);
    // 143: the last one was told before it had begun to listen for it.
    expect([0, 143]).toContain(await kubelets[0]!.stop());
  });
});
