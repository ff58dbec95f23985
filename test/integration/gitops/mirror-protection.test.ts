import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { said } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { Stage } from '../../support/stage.ts';
import { root } from '../../../tools/run-command.ts';
import { identity, type Identity } from '../kubernetes/support/identity.ts';
import { alpha, beta, declaration, smallWorld } from '../lifecycle/small-world.ts';

const component = join(root, 'manifests', 'components', 'mirror-protection', 'mirror-protection.yaml');
const { hasControllerManager } = testCluster();

/** A person with all rights on our kinds, an administrator, and one of the controllers of Kubernetes. */
const person = ['--as', 'ada@example.com'];
const administrator: string[] = [];
const collector = ['--as', 'system:serviceaccount:kube-system:generic-garbage-collector'];

const merge = (body: object): string[] => ['--type', 'merge', '--patch', JSON.stringify(body)];
const job = `mawl/${alpha}-runs`;
const onlyOperatorWritesStatus = /only the operator writes the status of this object/;
const onlyMirrors = /objects of this kind are mirrors that only the operator makes and changes/;
const belongsToTheOperator =
  /a discovered ModelArtsPool belongs to the operator.*create one under another name/s;

interface Act {
  readonly what: string;
  readonly does: readonly string[];
  readonly input?: object;
  readonly by?: readonly string[];
}

const discovered = {
  ...declaration('forged', 'forged'),
  metadata: { name: 'forged', annotations: { 'modelarts-operator.dev/discovered-by': 'x' } },
};
const workload = {
  ...declaration('made-up', alpha),
  kind: 'ModelArtsWorkload',
  spec: { projectRef: { name: 'demo' }, poolName: alpha, source: 'Workload', uid: 'made-up' },
};

const refused: readonly (Act & { readonly says: RegExp })[] = [
  ...[`mapool/${alpha}`, job, 'maproj/demo'].map((object) => ({
    what: `the status of ${object}`,
    does: ['patch', object, '--subresource', 'status', ...merge({ status: { conditions: [] } })],
    says: onlyOperatorWritesStatus,
  })),
  {
    what: 'a label of a discovered pool',
    does: ['label', 'mapool', alpha, 'a=b'],
    says: belongsToTheOperator,
  },
  {
    what: 'an annotation of a discovered pool',
    does: ['annotate', 'mapool', alpha, 'a=b'],
    says: belongsToTheOperator,
  },
  {
    what: 'the mark of a discovered pool',
    does: ['annotate', 'mapool', alpha, 'modelarts-operator.dev/discovered-by-'],
    says: belongsToTheOperator,
  },
  {
    what: 'the owner of a discovered pool',
    does: ['patch', 'mapool', alpha, ...merge({ metadata: { ownerReferences: null } })],
    says: belongsToTheOperator,
  },
  {
    what: 'apply to a discovered pool',
    does: ['apply', '--filename', '-'],
    input: declaration(alpha, alpha),
    says: belongsToTheOperator,
  },
  {
    what: 'server-side apply of the same spec to a discovered pool',
    does: ['apply', '--server-side', '--force-conflicts', '--filename', '-'],
    input: declaration(alpha, alpha),
    says: belongsToTheOperator,
  },
  {
    what: 'a pool that pretends to be discovered',
    does: ['create', '--field-manager', 'modelarts-operator', '--filename', '-'],
    input: discovered,
    says: belongsToTheOperator,
  },
  { what: 'a new workload', does: ['create', '--filename', '-'], input: workload, says: onlyMirrors },
  { what: 'a label of a workload', does: ['label', job, 'a=b'], says: onlyMirrors },
];

const allowed: readonly Act[] = [
  // Of a pool that nobody discovered: the operator would delete the discovered mirror of another, which is used below.
  {
    what: 'a declared pool',
    does: ['create', '--filename', '-'],
    input: declaration('mine', 'pool-planned'),
  },
  { what: 'a change of a declared pool', does: ['label', 'mapool', 'mine', 'a=b'] },
  { what: 'the removal of a declared pool', does: ['delete', 'mapool', 'mine', '--wait=false'] },
  {
    what: 'to ask for a read of a discovered pool',
    does: ['annotate', 'mapool', alpha, 'modelarts-operator.dev/reconcile-requested-at=now'],
  },
  { what: 'the spec of a project', does: ['patch', 'maproj', 'demo', ...merge({ spec: { region: null } })] },
  { what: 'the removal of a workload', does: ['delete', job, '--wait=false'] },
  {
    what: 'an administrator to take a discovered pool over',
    does: ['apply', '--server-side', '--force-conflicts', '--filename', '-'],
    input: declaration(beta, beta),
    by: administrator,
  },
  { what: 'a change of a pool that was taken over', does: ['label', 'mapool', beta, 'a=b'] },
  {
    what: 'the garbage collector’s change of owners',
    does: ['patch', `mawl/${alpha}-ended`, ...merge({ metadata: { ownerReferences: null } })],
    by: collector,
  },
];

describe('mirrorProtection', () => {
  let stage: Stage;
  let account: Identity;
  let operator: TestOperator;
  let policy: string;

  const act = async ({ does, input, by = person }: Omit<Act, 'what'>) =>
    stage.kubectl([...does, '--namespace', stage.namespace, ...by], input && JSON.stringify(input));

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld(), start: false });
    const { namespace, kubectl } = stage;
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
    const kinds = { apiGroups: ['modelarts-operator.dev'], resources: ['*'], verbs };
    account = await identity(namespace, 'operator', [
      kinds,
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    ]);

    // The cluster is shared: the policy gets a name of its own and holds in this namespace alone.
    policy = `mirror-protection-${namespace}`;
    const text = readFileSync(component, 'utf8')
      .replaceAll('modelarts-operator-mirror-protection', policy)
      .replace(
        'system:serviceaccount:modelarts-operator:modelarts-operator',
        `system:serviceaccount:${namespace}:operator`,
      )
      .replace(
        'validationActions: [Deny]',
        `validationActions: [Deny]\n  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}}`,
      );
    expect(await kubectl(['apply', '--server-side', '--filename', '-'], text)).toMatchObject({
      code: 0,
      stderr: '',
    });
    const role = ['--namespace', namespace, '--verb', verbs.join(), '--resource'];
    const all = ['modelartsprojects', 'modelartspools', 'modelartsworkloads'].flatMap((plural) =>
      ['', '/status'].map((part) => `${plural}.modelarts-operator.dev${part}`),
    );
    await kubectl(['create', 'role', 'people', ...role, all.join()]);
    await kubectl([
      ...['create', 'rolebinding', 'people', '--namespace', namespace],
      ...['--role', 'people', '--user', 'ada@example.com'],
    ]);

    operator = startOperator({
      kubeconfig: account.kubeconfig,
      runtime: stage.runtime,
      namespaces: [namespace],
    });
    await stage.connect({ wait: false });
    await eventually(async () => {
      const pools = await stage.cluster.pools.all();
      return pools.length === 2 && (await stage.cluster.workloads.all()).length === 4;
    });
    // The apiserver takes a moment to hold a new policy against requests.
    await eventually(async () => (await act(refused[0]!)).stderr.includes(policy));
  });
  afterAll(async () => {
    await operator.stop();
    await stage.kubectl([
      'delete',
      `validatingadmissionpolicy/${policy}`,
      `validatingadmissionpolicybinding/${policy}`,
    ]);
    await account.close();
    await stage.close();
  });

  it.each(refused)('refuses a person $what', async (row) => {
    const { code, stderr } = await act(row);
    expect(stderr).toMatch(row.says);
    expect(code).toBe(1);
  });

  it('does not hinder the operator', async () => {
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect([said(project, 'Ready'), said(project, 'Synced')]).toEqual([
        'True/Reading',
        'True/ReadComplete',
      ]);
    });
    const denied = operator.log.filter((line) => JSON.stringify(line).includes('ValidatingAdmissionPolicy'));
    expect(denied).toEqual([]);
  });

  it.each(allowed)('allows $what', async (row) => {
    expect(await act(row)).toMatchObject({ code: 0, stderr: '' });
  });

  it('the read that was asked for is made, and what was put wrong is put right', async () => {
    await eventually(async () => {
      expect((await stage.pool(alpha))?.status?.lastHandledReconcileAt).toBe('now');
      const jobs = await stage.cluster.workloads.all();
      expect(jobs.filter(({ metadata }) => metadata.ownerReferences?.length === 1)).toHaveLength(4);
    });
  });

  (hasControllerManager ? it : it.skip)('lets the namespace go, with all that is in it', async () => {
    await stage.kubectl(['delete', 'namespace', stage.namespace, '--wait=false']);
    await eventually(
      async () => (await stage.kubectl(['get', 'namespace', stage.namespace])).stderr.includes('NotFound'),
      { deadline: 'collected' },
    );
  });
});
