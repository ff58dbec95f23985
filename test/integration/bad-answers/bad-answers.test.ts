import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Scenario } from '../../../src/simulator/schema.ts';
import { calmPool, calmProjects } from '../../support/calm-scenario.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { badAnswers, otherWorkspace, type BadAnswer } from './scenarios.ts';
import { startSpoiler, type Spoiler } from './spoiler.ts';

type Mirrors = Readonly<Record<string, string | undefined>>;

/** Twenty projects at once take their time on a machine that does other things too. */
const patiently = { deadline: 'collected' } as const;

const projects = calmProjects(badAnswers.length);
const poolsOf = (i: number): number => (badAnswers[i]!.twoWorkspaces === true ? 2 : 1);

const scenario: Scenario = {
  projects: projects.map(({ name, projectID, token }, i) => ({
    id: projectID,
    tokens: [token],
    workspaces: [{ id: otherWorkspace, name: 'other' }],
    pools: ['a', 'b']
      .slice(0, poolsOf(i))
      .map((pool) => calmPool(`${name}-${pool}`, pool === 'b' ? { workspace: otherWorkspace } : {})),
  })),
};

describe('answers of ModelArts that are not as documented', () => {
  let stage: Stage;
  let spoiler: Spoiler;
  let before: Mirrors;

  /** Name and uid of every mirror: one that was lost and made again has another uid. */
  const mirrors = async (): Promise<Mirrors> => {
    const all = [...(await stage.cluster.pools.all()), ...(await stage.cluster.workloads.all())];
    return Object.fromEntries(all.map(({ metadata }) => [metadata.name ?? '', metadata.uid]));
  };
  const belonging = (all: Mirrors, i: number): Mirrors =>
    Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(`${projects[i]!.name}-`)));

  beforeAll(async () => {
    stage = await Stage.open({ scenario, speed: 5, start: false });
    spoiler = await startSpoiler(stage.simulator.url);
    for (const [i, { name, projectID, token }] of projects.entries()) {
      await stage.connect({
        name,
        token,
        wait: false,
        spec: {
          endpoint: spoiler.url,
          projectID,
          discovery: { workspaces: poolsOf(i) === 2 ? ['0', otherWorkspace] : ['0'] },
          polling: { poolInterval: '5s', workloadInterval: '5s', maxStaleness: '30s' },
          // Every chance to err: one lack is enough.
          deletion: { confirmations: 1, maxPercent: 100 },
        },
      });
    }
    stage.start();
    const expected = scenario.projects.flatMap(({ pools = [] }) =>
      pools.flatMap(({ id, jobs = [] }) => [id, ...jobs.map(({ uid }) => uid)]),
    );
    await eventually(async () => {
      before = await mirrors();
      expect(Object.keys(before).sort()).toEqual(expected.sort());
    }, patiently);
    for (const [i, { spoil }] of badAnswers.entries()) spoiler.set(projects[i]!.projectID, spoil);
  });
  afterAll(async () => {
    await stage.close();
    await spoiler.stop();
  });

  const table = badAnswers.map((row, i): [string, BadAnswer, number] => [row.answer, row, i]);

  it.each(table)('%s: said as documented', async (_answer, row, i) => {
    const { name } = projects[i]!;
    const {
      project: ofProject = 'True/ReadComplete',
      pool: ofPool = 'True/ReadComplete',
      says,
      shows = {},
    } = row;
    await eventually(async () => {
      const project = await stage.cluster.projects.get(name);
      const pool = await stage.cluster.pools.get(`${name}-a`);
      expect(said(project, 'Synced')).toBe(ofProject);
      expect(said(pool, 'Synced')).toBe(ofPool);
      if (says !== undefined) expect(messageOf(pool, 'Synced')).toMatch(says);
      expect(pool.status).toMatchObject(shows);
    }, patiently);
  });

  it.each(table)('%s: no mirror is lost', async (_answer, row, i) => {
    const { projectID } = projects[i]!;
    // Often enough to err.
    await eventually(() => {
      expect(spoiler.count(projectID, 'pools')).toBeGreaterThanOrEqual(4);
      if (row.pool === undefined) expect(spoiler.count(projectID, 'jobs')).toBeGreaterThanOrEqual(4);
    }, patiently);
    expect(belonging(await mirrors(), i)).toEqual(belonging(before, i));
  });

  it('all is well again when the answers are', async () => {
    for (const { projectID } of projects) spoiler.set(projectID, undefined);
    await eventually(async () => {
      const all = [...(await stage.cluster.projects.all()), ...(await stage.cluster.pools.all())];
      const bad = all.filter((object) => said(object, 'Synced')?.startsWith('True') !== true);
      expect(bad.map((object) => `${object.metadata.name}: ${said(object, 'Synced')}`)).toEqual([]);
    }, patiently);
    expect(await mirrors()).toEqual(before);
  });
});
