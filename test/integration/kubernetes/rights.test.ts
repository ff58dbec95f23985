import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { Stage } from '../../support/stage.ts';
import { aPool, alpha, smallWorld } from '../lifecycle/small-world.ts';
import { identity, type Identity, type Rule } from './support/identity.ts';

const rest: readonly Rule[] = [
  {
    apiGroups: ['modelarts-operator.dev'],
    resources: ['*'],
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];
const secrets: Rule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };

describe('an operator that may not read Secrets', () => {
  let stage: Stage;
  let limited: Identity;
  let operator: TestOperator;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools: [aPool(alpha)] }), start: false });
    limited = await identity(stage.namespace, 'limited', rest);
    operator = startOperator({
      kubeconfig: limited.kubeconfig,
      runtime: stage.runtime,
      namespaces: [stage.namespace],
    });
    await stage.connect({ wait: false });
  });
  afterAll(async () => {
    await operator.stop();
    await stage.close();
    await limited.close();
  });

  const becomes = (reason: string): Promise<unknown> =>
    eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(said(project, 'Ready')).toBe(reason);
      return project;
    });

  it('says so, and which right it lacks, where the Secret is there', async () => {
    await becomes('False/SecretNotFound');
    expect(messageOf(await stage.cluster.projects.get('demo'), 'Ready')).toBe(
      `The operator may not read Secret demo in namespace ${stage.namespace}; ` +
        'grant its service account the verb get on secrets there',
    );
    expect(stage.simulator.requests().total).toBe(0);
  });

  it('goes on by itself once it may, and keeps its mirrors when it may no longer', async () => {
    await limited.allow([...rest, secrets]);
    await becomes('True/Reading');
    await eventually(async () => expect(await stage.pool(alpha)).toBeDefined());
    await limited.allow(rest);
    await becomes('False/SecretNotFound');
    expect(await stage.pool(alpha)).toBeDefined();
  });
});
