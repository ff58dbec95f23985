import { afterEach, describe, expect, it } from '@jest/globals';

import type { Scenario } from '../../../src/simulator/schema.ts';
import { calmPool, calmScenario } from '../../support/calm-scenario.ts';
import { endState, type EndState } from '../../support/end-state.ts';
import { eventually } from '../../support/eventually.ts';
import { unfaithful } from '../../support/fresh-read.ts';
import { Stage } from '../../support/stage.ts';
import { seededRandom } from '../../support/virtual-clock.ts';

const start = new Date().toISOString();
const scenario: Scenario = {
  ...calmScenario(['a', 'b', 'c', 'd']),
  start,
};

/** What happens upstream, step by step. */
const course: readonly ((stage: Stage) => void)[] = [
  ({ simulator }) => simulator.world.finishJob({ pool: 'a', job: 'a-running', outcome: 'Failed' }),
  ({ simulator }) => simulator.world.removePool({ pool: 'd' }),
  ({ simulator }) =>
    simulator.world.addJob({ pool: 'b', job: { uid: 'b-more', name: 'more', type: 'notebook', cards: 0 } }),
  ({ simulator }) => simulator.world.addPool({ pool: calmPool('e') }),
  ({ simulator }) => simulator.world.removeJob({ pool: 'c', job: 'c-queued' }),
  ({ simulator }) => simulator.world.updatePool({ pool: 'b', set: { description: 'another' } }),
  ({ simulator }) => simulator.world.setPhase({ pool: 'c', phase: 'Error', message: 'broken' }),
  ({ simulator }) => simulator.world.finishJob({ pool: 'b', job: 'b-running', outcome: 'Completed' }),
];

/** The end state, once it is one. */
async function settled(stage: Stage): Promise<readonly EndState[]> {
  await stage.synced();
  return eventually(async () => {
    const state = await endState(stage.cluster);
    expect(await unfaithful(stage)).toEqual([]);
    // Counts of mirrors follow the mirrors.
    const { status } = await stage.cluster.projects.get('demo');
    expect(status).toMatchObject({ pools: 4, workloads: 12 });
    // Where the machine stood still, capacity grew too old, and is not shown for a moment.
    expect(await endState(stage.cluster)).toEqual(state);
    return state;
  });
}

describe('invariant 7 (Crash-safe)', () => {
  let stage: Stage;
  let expected: unknown;
  afterEach(() => stage.close());

  const open = () => Stage.open({ scenario, manualClock: true, seed: 3 });
  const spec = { polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '3s' } };

  it('an undisturbed run comes to an end state', async () => {
    stage = await open();
    await stage.connect({ spec });
    for (const step of course) step(stage);
    expected = await settled(stage);
    expect(expected).toHaveLength(17);
  });

  it.each([1, 2])(
    'killed again and again during the first sync and after, it ends in the same (course %i)',
    async (seed) => {
      const random = seededRandom(seed);
      stage = await open();
      await stage.connect({ spec, wait: false });
      const steps = [...course];
      for (let kill = 0; kill < 16; kill++) {
        const alive = performance.now() + 20 + random() * (kill < 8 ? 150 : 400);
        await eventually(() => performance.now() >= alive, { every: 5 });
        await stage.crash();
        // Some of it happens while nobody looks.
        if (kill >= 6 && kill % 2 === 0) steps.shift()?.(stage);
        stage.start();
        if (kill >= 6 && kill % 2 === 1) steps.shift()?.(stage);
      }
      for (const step of steps) step(stage);
      expect(await settled(stage)).toEqual(expected);
    },
  );
});
