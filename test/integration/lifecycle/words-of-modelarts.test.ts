import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { poolPhases } from '../../../src/api/reasons.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { calmPool } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { aPool } from './small-world.ts';

const cpuFlavor = 'modelarts.vm.cpu.8ud';

/** The tables of docs/conditions.md, on the apiserver: Ready, Reconciling, Stalled. */
const phases: Readonly<Record<string, readonly (string | undefined)[]>> = {
  Creating: ['False/Creating', 'True/Creating'],
  Running: ['True/Running'],
  Abnormal: ['False/Abnormal'],
  Deleting: ['False/Deleting', 'True/Deleting'],
  Error: ['False/Error', undefined, 'True/Error'],
  CreationFailed: ['False/CreationFailed', undefined, 'True/CreationFailed'],
  ScalingFailed: ['False/ScalingFailed', undefined, 'True/ScalingFailed'],
  Waiting: ['False/Waiting', undefined, 'True/Waiting'],
  Hibernating: ['Unknown/UnknownPhase'],
};

/** Queued, Running, Complete, Failed. */
const statuses: Readonly<Record<string, readonly (string | undefined)[]>> = {
  Queue: ['True/Queue', 'False/Queue'],
  Pending: ['True/Pending', 'False/Pending'],
  Creating: ['False/Creating', 'False/Creating'],
  Running: ['False/Running', 'True/Running'],
  Abnormal: ['False/Abnormal', 'False/Abnormal'],
  Terminating: ['False/Terminating', 'False/Terminating'],
  Completed: ['False/Completed', 'False/Completed', 'True/Completed'],
  Failed: ['False/Failed', 'False/Failed', undefined, 'True/Failed'],
  Terminated: ['False/Terminated', 'False/Terminated', undefined, 'True/Terminated'],
  Dreaming: ['Unknown/UnknownPhase', 'Unknown/UnknownPhase'],
};

/** What goes on in a pool that works: the driver's state and Reconciling. */
const drivers: Readonly<Record<string, readonly (string | undefined)[]>> = {
  Running: ['True/Running'],
  Creating: ['False/Creating', 'True/DriverCreating'],
  Upgrading: ['False/Upgrading', 'True/DriverUpgrading'],
  Abnormal: ['False/Abnormal'],
};

describe("each of ModelArts' words, as conditions on the apiserver", () => {
  let stage: Stage;
  const idOf = (what: string, word: string): string => `${what}-${word.toLowerCase()}`;
  const shown = async (pool: string, ...types: readonly string[]) => {
    const object = await stage.pool(pool);
    return types.map((type) => said(object, type));
  };
  const padded = (row: readonly (string | undefined)[], length: number) =>
    Array.from({ length }, (_, i) => row[i]);

  beforeAll(async () => {
    const quiet = { jobs: [] };
    stage = await Stage.open({
      // New nodes stay new.
      manualClock: true,
      scenario: {
        projects: [
          {
            id: demoProjectID,
            tokens: [demoToken],
            pools: [
              ...Object.keys(phases).map((phase) => aPool(idOf('phase', phase), quiet)),
              ...Object.keys(drivers).map((state) =>
                aPool(idOf('driver', state), { ...quiet, driver: { gpu: '535.1' } }),
              ),
              aPool('jobs', {
                jobs: Object.keys(statuses)
                  .filter((status) => status !== 'Queue')
                  .map((status) => ({
                    uid: idOf('job', status),
                    name: idOf('job', status),
                    status: 'Running',
                    age: '1h',
                    cards: 0,
                  })),
              }),
              // The one that runs has the only node.
              calmPool('busy', {
                jobs: [
                  { uid: 'runs', name: 'runs', status: 'Running', age: '2h' },
                  { uid: idOf('job', 'Queue'), name: 'waits', age: '1h' },
                ],
              }),
              aPool('nodes-creating', { jobs: [], resources: [{ flavor: cpuFlavor, count: 1 }] }),
            ],
            resourceSpecs: [
              { code: 'free', cores: 2, memoryGiB: 8 },
              { code: 'sold-out', cores: 2, memoryGiB: 8, soldOut: true },
              { code: 'silent', cores: 2, memoryGiB: 8, wire: { no_resource: null } },
            ],
          },
        ],
      },
    });
    const { world } = stage.simulator;
    for (const phase of Object.keys(phases)) world.setPhase({ pool: idOf('phase', phase), phase });
    for (const state of Object.keys(drivers))
      world.setDriverState({ pool: idOf('driver', state), kind: 'gpu', state });
    for (const status of Object.keys(statuses))
      if (status !== 'Queue') world.setJobStatus({ pool: 'jobs', job: idOf('job', status), status });
    world.scalePool({ pool: 'nodes-creating', flavor: cpuFlavor, count: 3 });
    await stage.connect({
      spec: {
        polling: { poolInterval: '5s', workloadInterval: '5s', maxStaleness: '1m' },
        resourceSpecs: { jobTypes: ['train'] },
      },
    });
  });
  afterAll(() => stage.close());

  it('every phase of the catalogue is tried', () => {
    expect(Object.keys(phases)).toEqual(expect.arrayContaining([...poolPhases]));
  });

  it.each(Object.keys(phases))('a pool that is %s', async (phase) => {
    await eventually(async () =>
      expect(await shown(idOf('phase', phase), 'Ready', 'Reconciling', 'Stalled')).toEqual(
        padded(phases[phase]!, 3),
      ),
    );
  });

  it.each(Object.keys(drivers))('a driver that is %s', async (state) => {
    await eventually(async () =>
      expect(await shown(idOf('driver', state), 'DriverReady', 'Reconciling')).toEqual(
        padded(drivers[state]!, 2),
      ),
    );
  });

  it('a pool that gets nodes, and one without a driver', async () => {
    await eventually(async () =>
      expect(await shown('nodes-creating', 'Ready', 'Reconciling', 'DriverReady')).toEqual([
        'True/Running',
        'True/NodesCreating',
        undefined,
      ]),
    );
  });

  it.each(Object.keys(statuses))('a job that is %s', async (status) => {
    await eventually(async () => {
      const object = await stage.cluster.workloads.get(idOf('job', status));
      const types = ['Queued', 'Running', 'Complete', 'Failed'];
      expect(types.map((type) => said(object, type))).toEqual(padded(statuses[status]!, 4));
    });
  });

  it('resource specifications', async () => {
    await eventually(async () => {
      const specs = await stage.cluster.resourceSpecs.all();
      const shown = specs.map((object) => `${object.spec.specCode} ${said(object, 'Available')}`);
      expect(shown.sort()).toEqual([
        'free True/ResourcesAvailable',
        'silent Unknown/NotReported',
        'sold-out False/SoldOut',
      ]);
    });
  });
});
