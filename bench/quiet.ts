import { quietScenario } from '../src/simulator/scenarios/quiet.ts';
import { apiserverRequests, mirror, simulate, until, writesOf, type Bench } from './harness.ts';

const minutes = 5;

/** Writes that reach the apiserver in five minutes in which nothing changes upstream. The coarse lastSyncTime is one. */
export const quiet: Bench = {
  name: 'quiet',
  run: async (cluster) => {
    const simulator = await simulate(quietScenario);
    const mirrored = await mirror(cluster, { name: 'quiet', simulator });
    const { stores } = mirrored.operator;
    await until('the first sync', 120_000, () => {
      const workloads = [...stores.workloads.values()];
      return workloads.length > 0 && workloads.every(({ phase }) => phase !== undefined);
    });
    // The project's counts follow its mirrors a second later.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const before = await apiserverRequests(mirrored.operator);
    simulator.resetRequests();
    await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
    const after = await apiserverRequests(mirrored.operator);
    const upstream = simulator.requests().total;
    await mirrored.stop();
    return [
      {
        name: 'quiet/apiserver-writes',
        value: writesOf(after) - writesOf(before),
        unit: `writes/${minutes} min`,
      },
      { name: 'quiet/modelarts-requests', value: upstream / minutes, unit: 'requests/min' },
    ];
  },
};
