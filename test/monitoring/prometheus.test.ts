import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createOperatorMetrics } from '../../src/cli/assembly/metrics.ts';
import { annotations } from '../../src/mirror/identity.ts';
import { metricsRoutes } from '../../src/observability/health.ts';
import { startHttpEndpoint } from '../../src/observability/http-endpoint.ts';
import type { Action } from '../../src/simulator/schema.ts';
import { alerts, ruleFile } from '../../tools/generate/monitoring/alerts.ts';
import { rows } from '../../tools/generate/monitoring/dashboard-panels.ts';
import { knownMetrics } from '../../tools/generate/monitoring/known-metrics.ts';
import { eventually } from '../support/eventually.ts';
import { Prometheus } from '../support/prometheus.ts';
import { Program } from '../support/program.ts';
import { programs } from './programs.ts';
import { freeAddress, World } from './world.ts';

const interval = '1s';
/** Ranges hold some scrapes, and nothing has to hold for long. */
const pace = { window: () => '4s', holds: () => '0s' };

/** As Grafana would ask, with everything chosen. */
const asked = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '4s').replaceAll(/"\$\w+"/g, '".*"');
const panels = rows.flatMap((row) =>
  row.panels.flatMap(({ title, queries }) =>
    Object.entries(queries).map(([legend, expr]) => ({ what: `${row.title} / ${title} / ${legend}`, expr })),
  ),
);

(programs === undefined ? describe.skip : describe)('a Prometheus that watches an operator', () => {
  let world: World;
  let prometheus: Prometheus;
  /** Another operator, of which only the instruments are there. */
  let otherTarget: string;
  const fired = new Set<string>();

  beforeAll(async () => {
    [world, otherTarget] = await Promise.all([World.open(), freeAddress()]);
    prometheus = await Prometheus.start({
      programs: programs!,
      targets: { 'modelarts-operator': world.target, other: otherTarget },
      rules: ruleFile(pace),
      interval,
    });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await world?.close();
  });

  async function fires(...names: string[]): Promise<void> {
    await eventually(async () => {
      const firing = await prometheus.firing();
      const missing = names.filter((name) => !firing.includes(name));
      if (missing.length > 0) throw new Error(`${missing.join()} do not fire, but ${firing.join()}`);
    });
    for (const name of names) fired.add(name);
  }
  const clears = (...names: string[]): Promise<void> =>
    eventually(async () => {
      const firing = await prometheus.firing();
      const left = names.filter((name) => firing.includes(name));
      if (left.length > 0) throw new Error(`${left.join()} still fire`);
    });
  const act = (...actions: Action[]): void => void world.simulator.act(...actions);

  it('sees that none runs, that none leads, and that its client certificate ends', async () => {
    await fires('ModelArtsOperatorDown');
    const leaseOf = (holderIdentity: string, leaseDurationSeconds: number): object => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'modelarts-operator', namespace: world.namespace },
      spec: { holderIdentity, leaseDurationSeconds },
    });
    await world.kubectl('apply', leaseOf('somebody else', 3600));
    await world.startOperator(5);
    await fires('ModelArtsOperatorNoLeader', 'ModelArtsClientCertificateExpiring');
    await clears('ModelArtsOperatorDown');
    await world.kubectl('apply', leaseOf('', 1));
    await clears('ModelArtsOperatorNoLeader');
  });

  it('sees that a certificate of ModelArts and a token of IAM end', async () => {
    await world.connect();
    await fires('ModelArtsCertificateExpiring', 'ModelArtsTokenExpiring');
  });

  it.each(panels)('has data for $what', async ({ expr }) => {
    await eventually(async () => {
      expect(await prometheus.query(asked(expr))).not.toEqual([]);
    });
  });

  it('gets metrics without a fault, all of them documented', async () => {
    const text = await (await fetch(`http://${world.target}/metrics`)).text();
    const check = 'exec "$0" check metrics <<EOF\n' + text.replaceAll(/[\\$`]/g, '\\$&') + 'EOF\n';
    const { code, stderr } = await new Program(['/bin/sh', '-c', check, programs!.promtool], { cwd: '/' })
      .ended;
    expect(code === 0 ? '' : stderr).toBe('');
    const shown = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]);
    expect(shown.sort()).toEqual(knownMetrics().map(({ name }) => name));
  });

  it('sees what is wrong with pools, and that it was mended', async () => {
    act(
      { setPhase: { pool: 'pool-a', phase: 'Abnormal' } },
      { setDriverState: { pool: 'pool-a', kind: 'gpu', state: 'Abnormal' } },
      { failNode: { pool: 'pool-c' } },
      { setJobStatus: { pool: 'pool-b', job: 'queued', status: 'Queue' } },
    );
    const names = ['NotReady', 'DriverAbnormal', 'NodesAbnormal', 'QueueStuck'].map(
      (it) => `ModelArtsPool${it}`,
    );
    await fires(...names);
    act(
      { setPhase: { pool: 'pool-a', phase: null } },
      { setDriverState: { pool: 'pool-a', kind: 'gpu', state: 'Running' } },
      { recoverNode: { pool: 'pool-c' } },
      { stopJob: { pool: 'pool-b', job: 'queued' } },
    );
    await clears(...names);
  });

  it('sees that ModelArts throttles, and that it does no more', async () => {
    act({ fault: { id: 'busy', match: { call: 'ListWorkloads' }, status: 429, retryAfter: 1 } });
    await fires('ModelArtsThrottled');
    act({ clearFault: { id: 'busy' } });
    await clears('ModelArtsThrottled');
  });

  it('sees that a project cannot be read, and that it can again', async () => {
    await world.setToken('wrong');
    await fires('ModelArtsSyncFailing');
    await world.setToken('good');
    await clears('ModelArtsSyncFailing');
  });

  it('sees that deletions wait, and that a person released them', async () => {
    act(...['pool-b', 'pool-c', 'pool-d'].map((pool) => ({ removePool: { pool } })));
    await fires('ModelArtsDeletionBlocked');
    await eventually(async () => {
      const { status } = await world.cluster.projects.get('eu');
      const { message = '' } = status?.conditions?.find(({ type }) => type === 'DeletionBlocked') ?? {};
      const token = new RegExp(`${annotations.confirmDeletion}=(\\S+)`).exec(message)?.[1];
      await world.cluster.projects.patch('eu', {
        metadata: { annotations: { [annotations.confirmDeletion]: token } },
      });
      expect(await prometheus.firing()).not.toContain('ModelArtsDeletionBlocked');
    });
  });

  it('sees that the apiserver refuses mirrors, and that it takes them again', async () => {
    const policy = refusalOfWorkloads(world.namespace);
    await world.kubectl('apply', ...policy);
    try {
      let jobs = 0;
      await eventually(
        async () => {
          act({ addJob: { pool: 'pool-a', job: { name: `refused-${jobs++}` } } });
          await expect(prometheus.firing()).resolves.toContain('ModelArtsOperatorReconcileErrors');
        },
        { every: 500 },
      );
      fired.add('ModelArtsOperatorReconcileErrors');
    } finally {
      await world.kubectl('delete', ...policy);
    }
    await clears('ModelArtsOperatorReconcileErrors');
  });

  it('sees what an operator says of its CRDs and of a request that is no read', async () => {
    const operator = () => createOperatorMetrics({ apiserver: 'a:6443', workers: 1, version: 'other' });
    const serve = ({ registry }: ReturnType<typeof operator>) =>
      startHttpEndpoint({
        what: 'metrics',
        flag: '--metrics-bind-address',
        address: { host: '127.0.0.1', port: Number(otherTarget.split(':')[1]) },
        routes: metricsRoutes(registry),
      });
    const broken = operator();
    broken.reconcile.crdOutdated('pool', true);
    broken.upstream.mutatingAttempt();
    const before = await serve(broken);
    await fires('ModelArtsOperatorCRDOutdated', 'ModelArtsOperatorMutatingRequest').finally(() =>
      before.close(),
    );
    const after = await serve(operator());
    await clears('ModelArtsOperatorCRDOutdated', 'ModelArtsOperatorMutatingRequest').finally(() =>
      after.close(),
    );
  });

  it('sees that everything was renewed', async () => {
    await world.beginAnew('24h');
    const spec = await world.secured(60);
    await world.cluster.projects.patch('eu', { spec });
    await world.stopOperator();
    await fires('ModelArtsOperatorDown');
    await world.startOperator();
    await clears(
      'ModelArtsOperatorDown',
      'ModelArtsClientCertificateExpiring',
      'ModelArtsCertificateExpiring',
      'ModelArtsTokenExpiring',
    );
  });

  it('has seen every alert fire, and in the end none does', async () => {
    expect([...fired].sort()).toEqual(alerts.map(({ name }) => name).sort());
    await clears(...alerts.map(({ name }) => name));
  });
});

/** No mirror of a job may be made in this namespace. */
function refusalOfWorkloads(namespace: string): object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const name = `refuse-workloads-in-${namespace}`;
  const rule = {
    apiGroups: ['modelarts-operator.dev'],
    apiVersions: ['*'],
    operations: ['CREATE'],
    resources: ['modelartsworkloads'],
  };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: { namespaceSelector, resourceRules: [rule] },
        validations: [{ expression: 'false', message: 'no jobs here' }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}
