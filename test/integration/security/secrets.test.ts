import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { calmScenario } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { Stage } from '../../support/stage.ts';
import { faultyWay, type FaultyWay } from '../kubernetes/support/faulty-way.ts';

/** What the operator asks the apiserver about Secrets, as a proxy before it sees. */
describe('Secrets', () => {
  let way: FaultyWay;
  let stage: Stage;
  let elsewhere: Stage;
  let operator: TestOperator;
  const asked: string[] = [];

  beforeAll(async () => {
    way = await faultyWay();
    way.proxy.set(({ method, path }) => {
      if (path.includes('/secrets')) asked.push(`${method} ${path}`);
      return undefined;
    });
    const scenario = calmScenario(['a']);
    stage = await Stage.open({ scenario, start: false });
    elsewhere = await Stage.open({ scenario, start: false });
    await elsewhere.connect({ wait: false });
    operator = startOperator({
      kubeconfig: way.kubeconfig,
      runtime: stage.runtime,
      namespaces: [stage.namespace],
    });
    await stage.connect({ wait: false });
    await eventually(async () =>
      expect(said(await stage.cluster.projects.get('demo'), 'Ready')).toMatch(/^True/),
    );
    await eventually(() => asked.length > 3);
  });
  afterAll(async () => {
    await operator.stop();
    await stage.close();
    await elsewhere.close();
    await way.close();
  });

  it('are read by the name that a project gives, and never listed or watched', () => {
    const name = new RegExp(`^GET /api/v1/namespaces/${stage.namespace}/secrets/[a-z-]+$`);
    expect(asked.filter((request) => !name.test(request))).toEqual([]);
  });

  it('are left alone in namespaces that are not watched, and so are the projects there', async () => {
    expect(asked.filter((request) => request.includes(elsewhere.namespace))).toEqual([]);
    expect((await elsewhere.cluster.projects.get('demo')).status?.conditions).toBeUndefined();
  });
});
