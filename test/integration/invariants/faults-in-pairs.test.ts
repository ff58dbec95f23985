import { afterEach, describe, expect, it } from '@jest/globals';

import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import { calmPool, calmProjects, calmScenario } from '../../support/calm-scenario.ts';
import { eventually } from '../../support/eventually.ts';
import { unfaithful } from '../../support/fresh-read.ts';
import { Stage } from '../../support/stage.ts';
import { upstreamFaults } from '../../support/upstream-faults.ts';

/** The faults, and a workspace that closes. */
const effects: readonly (readonly [string, FaultRule | 'closed'])[] = [
  ...upstreamFaults,
  ['a closed workspace', 'closed'],
];

/** Each alone, and each with each other. */
const combinations = effects.flatMap(([name, effect], i) => [
  [name, [effect]] as const,
  ...effects.slice(i + 1).map(([other, second]) => [`${name}, ${other}`, [effect, second]] as const),
]);

/** So many at once, each on a project of its own. */
const atOnce = 18;

describe('every fault, alone and with each other', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it('takes no mirror away, and leaves nothing behind when it is over', async () => {
    const projects = calmProjects(atOnce);
    stage = await Stage.open({
      manualClock: true,
      scenario: {
        projects: projects.map(({ name, projectID, token }) => ({
          id: projectID,
          tokens: [token],
          pools: [calmPool(`${name}-a`)],
          workspaces: [{ id: '0', name: 'default' }],
        })),
      },
    });
    const { world } = stage.simulator;
    await stage.connectAll(projects, {
      polling: { poolInterval: '10s', workloadInterval: '10s', maxStaleness: '1m' },
      // Every chance to err: one lack is enough.
      deletion: { confirmations: 1, maxPercent: 100 },
      resourceSpecs: { mode: 'Disabled' },
      trainingJobVersions: { mode: 'Disabled' },
    });

    /** All that the mirrors show, but for when it was first so. */
    const shown = async (): Promise<unknown> => {
      const all = [...(await stage.cluster.pools.all()), ...(await stage.cluster.workloads.all())];
      return all.map(({ kind, metadata, spec, status }) => ({
        kind,
        name: metadata.name,
        uid: metadata.uid,
        spec,
        status: {
          ...status,
          conditions: status?.conditions?.map(({ lastTransitionTime: _when, ...rest }) => rest),
        },
      }));
    };
    const uids = async (): Promise<readonly (string | undefined)[]> => {
      const all = [...(await stage.cluster.pools.all()), ...(await stage.cluster.workloads.all())];
      return all.map(({ metadata }) => metadata.uid);
    };
    const everythingRead = async (): Promise<void> => {
      const { operator } = stage.operator;
      await eventually(async () => expect(await operator.sync(AbortSignal.timeout(60_000))).toEqual([]));
    };
    await everythingRead();
    const [undisturbed, objects] = [await shown(), await uids()];
    expect(objects).toHaveLength(atOnce * 4);

    for (let from = 0; from < combinations.length; from += atOnce) {
      const round = combinations.slice(from, from + atOnce);
      stage.simulator.resetRequests();
      for (const [i, [, faults]] of round.entries()) {
        const { projectID } = projects[i]!;
        for (const fault of faults) {
          if (fault === 'closed')
            world.setWorkspace({ project: projectID, workspace: { id: '0', closed: true } });
          else world.fault({ ...fault, match: { project: projectID } });
        }
      }
      // Two turns or more over the pools of each.
      await eventually(() => {
        const { log } = stage.simulator.requests();
        const lists = log.filter(({ call }) => call === 'ListPools').map(({ path }) => path.split('/')[2]);
        const few = round.filter(
          (_each, i) => lists.filter((id) => id === projects[i]!.projectID).length < 3,
        );
        expect(few.map(([what]) => what)).toEqual([]);
      });
      expect(await uids()).toEqual(objects);
      world.clearFault();
      for (const { projectID } of projects)
        world.setWorkspace({ project: projectID, workspace: { id: '0', closed: false } });
      await everythingRead();
    }
    // The last passes may still be on their way into the cluster.
    await eventually(async () => expect(await shown()).toEqual(undisturbed));
  });

  it('from a scenario file is over when the file says so', async () => {
    stage = await Stage.open({
      scenario: {
        ...calmScenario(['a', 'b']),
        faults: [
          { match: { call: 'ListPools' }, times: 3, body: 'html' },
          { match: { call: 'ShowWorkloadStatistics' }, times: 4, totalOff: 2 },
          { match: { call: 'ListWorkloads' }, for: '20s', rows: 'shift' },
          { match: { call: 'ListWorkloads' }, skip: 4, times: 4, cut: 'midBody' },
          { match: { call: 'ShowPool' }, times: 2, status: 503 },
        ],
      },
    });
    await stage.connect();
    await eventually(async () => expect(await unfaithful(stage)).toEqual([]));
    const { byStatus } = stage.simulator.requests();
    expect(byStatus['503']).toBeGreaterThan(0);
  });
});
