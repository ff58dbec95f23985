import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';

import { demoProjectID, demoToken } from '../../src/simulator/scenarios/demo.ts';
import { calmPool, calmProjects, calmScenario } from '../support/calm-scenario.ts';
import { messageOf, said } from '../support/cluster-objects.ts';
import { testCluster } from '../support/control-plane.ts';
import { eventually } from '../support/eventually.ts';
import { Stage } from '../support/stage.ts';
import { otherConditions, projectConditions, type Case } from './bad-input/conditions.ts';
import { titleOf } from './bad-input/row.ts';
import { apply, declaration, saidOf } from './lifecycle/small-world.ts';

/** Each row of docs/bad-input.md that ends in a condition, by its cases. */
const table = projectConditions.flatMap((row) =>
  row.cases.map((each) => [`${titleOf(row)}: ${each.what}`, each] as const),
);
const cases: readonly Case[] = table.map(([, each]) => each);
const projects = calmProjects(cases.length + 1);
const good = projects.at(-1)!;
const readyOf = ({ ready = 'True/Reading' }: Case): string => ready;
const keysOf = ({ secret }: Case, token: string) => (secret === undefined ? { token } : secret);

describe('a ModelArtsProject with bad input', () => {
  let stage: Stage;
  const project = (i: number) => stage.cluster.projects.get(projects[i]!.name);

  beforeAll(async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(testCluster().kubeconfig);
    // Its certificate is of an authority that nobody else trusts.
    const apiserver = kubeConfig.getCurrentCluster()!.server;
    const hostGlobs = ['127.0.0.1', '*.invalid', new URL(apiserver).hostname];
    stage = await Stage.open({
      operator: { endpoints: { allowLocal: true, hostGlobs } },
      scenario: {
        projects: projects.map(({ name, projectID }, i) => ({
          id: projectID,
          tokens: [name, 'with-a-line-break'],
          pools: [calmPool(`${name}-a`)],
          ...cases[i]?.upstream,
        })),
        faults: cases.flatMap(({ fault }, i) =>
          fault ? [{ ...fault, match: { project: projects[i]!.projectID } }] : [],
        ),
      },
    });
    for (const [i, { name, projectID }] of projects.entries()) {
      const poolInterval = i < cases.length ? '30s' : '10s';
      const polling = { poolInterval, workloadInterval: '10s', maxStaleness: '2m' };
      const { spec = {}, secretType, ...rest } = cases[i] ?? { what: 'good' };
      const keys = keysOf(rest, name);
      if (keys !== 'none') await stage.putSecret(name, keys, secretType);
      const endpoint = spec.endpoint === 'apiserver' ? { endpoint: apiserver } : {};
      await stage.cluster.projects.create(stage.project(name, { projectID, polling, ...spec, ...endpoint }));
    }
    await eventually(async () => {
      const all = await Promise.all(cases.map((_case, i) => project(i)));
      expect(all.map((object) => said(object, 'Ready'))).toEqual(cases.map(readyOf));
      const synced = ({ synced, ready }: Case) =>
        synced ?? (ready === undefined ? 'True/ReadComplete' : ready);
      expect(all.map((object) => said(object, 'Synced'))).toEqual(cases.map(synced));
    });
  });
  afterAll(() => stage.close());

  it.each(table)('%s', async (_title, each) => {
    const i = cases.indexOf(each);
    const object = await project(i);
    expect(said(object, 'Ready')).toBe(readyOf(each));
    const type = each.ready?.startsWith('False/') ? 'Ready' : 'Synced';
    const message = messageOf(object, type);
    if (each.says) expect(message).toMatch(each.says);
    const values = Object.values(each.secret ?? {}).filter((value) => value.length > 1);
    const all = (object.status?.conditions ?? []).map(({ message }) => message).join('\n');
    expect(values.filter((value) => typeof value === 'string' && all.includes(value))).toEqual([]);
    expect(all).not.toMatch(/<html|elsewhere\.example\.com\//);
    if (each.pools !== undefined) expect(object.status?.pools).toBe(each.pools);
    if (each.workloads !== undefined) expect(object.status?.workloads).toBe(each.workloads);
    if (each.poolSynced !== undefined)
      expect(said(await stage.pool(`${projects[i]!.name}-a`), 'Synced')).toBe(each.poolSynced);
    if (each.ready === 'False/Unauthorized') expect(said(object, 'Authenticated')).toBe(each.ready);
    if (each.synced === 'True/BudgetStretched')
      expect(object.status?.effective?.workloadInterval).not.toBe('1s');
  });

  it('tells each with exactly one Event', async () => {
    const told = ({ ready, synced = '' }: Case): string[] => {
      if (ready?.startsWith('False/')) return [`Warning ${ready.slice('False/'.length)}`];
      return synced.startsWith('False/') ? ['Warning SyncFailed'] : [];
    };
    await eventually(async () => {
      const events = (await stage.cluster.events.all()).filter(
        ({ regarding }) => regarding.kind === 'ModelArtsProject',
      );
      const of = (name: string) => events.filter(({ regarding }) => regarding.name === name);
      expect(projects.map(({ name }) => of(name).map(({ type, reason }) => `${type} ${reason}`))).toEqual([
        ...cases.map(told),
        [],
      ]);
      expect(events.filter(({ series }) => series !== undefined)).toEqual([]);
    });
  });

  it('costs the others nothing', async () => {
    const object = await stage.cluster.projects.get(good.name);
    expect([said(object, 'Ready'), said(object, 'Synced')]).toEqual(['True/Reading', 'True/ReadComplete']);
    stage.simulator.world.updatePool({ pool: `${good.name}-a`, set: { description: 'read meanwhile' } });
    await eventually(async () =>
      expect((await stage.pool(`${good.name}-a`))?.status?.description).toBe('read meanwhile'),
    );
  });

  it('works within a poll of being mended', async () => {
    const mended = projects.filter((_project, i) => cases[i]?.mend);
    stage.simulator.resetRequests();
    await Promise.all(cases.map(async ({ mend }, i) => mend?.(stage, projects[i]!.name)));
    await eventually(async () => {
      const objects = await Promise.all(mended.map(({ name }) => stage.cluster.projects.get(name)));
      expect(objects.map((object) => said(object, 'Ready'))).toEqual(mended.map(() => 'True/Reading'));
    });
    // Time is what a busy machine makes of it: the polls of the one beside them are the clock, three of which make one
    // of theirs. A back-off takes eight of theirs.
    const polls = stage.simulator
      .requests()
      .log.filter(({ call, path }) => call === 'ListPools' && path.includes(good.projectID));
    expect(polls.length).toBeLessThanOrEqual(18);
    await eventually(async () => {
      const objects = await Promise.all(mended.map(({ name }) => stage.cluster.projects.get(name)));
      expect(objects.map((object) => said(object, 'Synced'))).toEqual(mended.map(() => 'True/ReadComplete'));
    });
  });
});

describe('an endpoint on this machine', () => {
  it(titleOf(otherConditions.localEndpoint), async () => {
    const stage = await Stage.open({
      scenario: calmScenario(['a']),
      operator: { endpoints: { allowLocal: false } },
    });
    try {
      await stage.connect({ name: 'by-address', wait: false });
      const endpoint = stage.simulator.url.replace('127.0.0.1', 'localhost');
      await stage.connect({ name: 'by-name', spec: { endpoint }, wait: false });
      for (const name of ['by-address', 'by-name'])
        await eventually(async () =>
          expect(said(await stage.cluster.projects.get(name), 'Ready')).toBe('False/EndpointNotAllowed'),
        );
      expect(stage.simulator.requests().total).toBe(0);
    } finally {
      await stage.close();
    }
  });
});

describe('what concerns more than one object', () => {
  let stage: Stage;
  const tests: Readonly<Record<Exclude<keyof typeof otherConditions, 'localEndpoint'>, () => Promise<void>>> =
    {
      wrongToken: async () => {
        await stage.cluster.projects.patch('demo', {
          metadata: { annotations: { 'modelarts-operator.dev/confirm-deletion': '0123456789abcdef' } },
        });
        for (const pool of ['a', 'b']) stage.simulator.world.removePool({ pool });
        await eventually(async () =>
          expect(said(await stage.cluster.projects.get('demo'), 'DeletionBlocked')).toBe(
            'True/MaxPercentExceeded',
          ),
        );
        await stage.settled();
        await stage.settled();
        expect((await stage.cluster.pools.all()).map(({ metadata }) => metadata.name)).toEqual(
          expect.arrayContaining(['a', 'b', 'c']),
        );
      },
      longRequest: async () => {
        const begins = 'x'.repeat(255);
        // Half of what comes next would still fit; an apiserver stores no half characters.
        const annotations = { 'modelarts-operator.dev/reconcile-requested-at': `${begins}😀${begins}` };
        for (const [kind, name] of [
          ['projects', 'demo'],
          ['pools', 'c'],
        ] as const) {
          await stage.cluster[kind].patch(name, { metadata: { annotations } });
          await eventually(async () =>
            expect((await stage.cluster[kind].get(name)).status?.lastHandledReconcileAt).toBe(begins),
          );
        }
        await stage.atRest();
      },
      noProject: async () => {
        await apply(stage, declaration('lonely', 'c', 'nobody'));
        await eventually(async () =>
          expect((await saidOf(stage, 'lonely'))[0]).toBe('False/ProjectNotFound'),
        );
      },
      unknownPool: async () => {
        await apply(stage, declaration('unknown', 'nowhere'));
        // `c` is called so by people.
        await apply(stage, declaration('display-name', 'Third'));
        for (const name of ['unknown', 'display-name'])
          await eventually(async () => expect((await saidOf(stage, name))[0]).toBe('False/PoolNotFound'));
      },
      secondPool: async () => {
        await apply(stage, declaration('older', 'c'));
        await eventually(async () => expect((await saidOf(stage, 'older'))[0]).toBe('True/Running'));
        await apply(stage, declaration('younger', 'c'));
        await eventually(async () => expect((await saidOf(stage, 'younger'))[0]).toBe('False/Duplicate'));
        expect((await saidOf(stage, 'older'))[0]).toBe('True/Running');
      },
    };

  beforeAll(async () => {
    const pools = [calmPool('a'), calmPool('b'), calmPool('c', { name: 'Third' })];
    stage = await Stage.open({
      scenario: { projects: [{ id: demoProjectID, tokens: [demoToken], pools }] },
    });
    await stage.connect();
  });
  afterAll(() => stage.close());

  const titles = Object.keys(tests).map((id) => {
    const known = id as keyof typeof tests;
    return [titleOf(otherConditions[known]), known] as const;
  });
  it.each(titles)('%s', (_title, id) => tests[id]());
});
