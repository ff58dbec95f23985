import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { registerReconcileMetrics } from './controller-metrics.ts';
import { registerEngineMetrics } from './engine-metrics.ts';
import { registerMirrorMetrics, type PoolSample } from './mirror-metrics.ts';
import { registerUpstreamMetrics } from './upstream-metrics.ts';

function everything(pools: PoolSample[] = []) {
  const registry = new Registry();
  const engine = registerEngineMetrics(registry, { host: '10.0.0.1:6443' });
  const reconcile = registerReconcileMetrics(registry, { kinds: ['pool', 'workload'], workers: 4 });
  const upstream = registerUpstreamMetrics(registry);
  registerMirrorMetrics(registry, {
    pools: () => pools,
    projects: () => [{ namespace: 'ns', project: 'p', synced: true }],
  });
  return { registry, engine, reconcile, upstream, text: () => registry.metrics() };
}

describe('metrics', () => {
  it('have these names: a name is API', () => {
    expect(
      everything()
        .registry.getMetricsAsArray()
        .map(({ name }) => name)
        .sort(),
    ).toMatchInlineSnapshot(`
     [
       "controller_runtime_active_workers",
       "controller_runtime_max_concurrent_reconciles",
       "controller_runtime_reconcile_errors_total",
       "controller_runtime_reconcile_time_seconds",
       "controller_runtime_reconcile_total",
       "leader_election_master_status",
       "modelarts_operator_crd_outdated",
       "modelarts_operator_deletions_total",
       "modelarts_operator_project_synced",
       "modelarts_operator_upstream_budget_wait_seconds",
       "modelarts_operator_upstream_decode_issues_total",
       "modelarts_operator_upstream_mutating_requests_total",
       "modelarts_operator_upstream_request_duration_seconds",
       "modelarts_operator_upstream_requests_total",
       "modelarts_operator_upstream_retries_total",
       "modelarts_operator_writes_total",
       "modelarts_pool_driver_state",
       "modelarts_pool_nodes",
       "modelarts_pool_phase",
       "modelarts_pool_workloads",
       "modelarts_workload_queue_position_max",
       "rest_client_request_duration_seconds",
       "rest_client_requests_total",
       "workqueue_adds_total",
       "workqueue_depth",
       "workqueue_queue_duration_seconds",
       "workqueue_retries_total",
       "workqueue_work_duration_seconds",
     ]
    `);
  });

  it('follow the naming rules: prefix, unit, _total, a help text that is a sentence', () => {
    for (const { name, help, type } of everything().registry.getMetricsAsArray()) {
      expect(name).toMatch(/^(controller_runtime|workqueue|rest_client|leader_election|modelarts)_[a-z_]+$/);
      expect(help).toMatch(/^\S.*\.$/);
      if (String(type) === 'counter') expect(name).toMatch(/_total$/);
      if (String(type) === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('start at zero where the labels are known', async () => {
    const { engine, text } = everything();
    engine.queue('mirrors');
    expect(await text()).toContain('modelarts_operator_upstream_mutating_requests_total 0');
    for (const line of [
      'controller_runtime_reconcile_total{controller="pool",result="error"} 0',
      'controller_runtime_reconcile_errors_total{controller="workload"} 0',
      'modelarts_operator_writes_total{kind="pool",verb="create"} 0',
      'modelarts_operator_deletions_total{kind="workload",reason="HistoryPruned"} 0',
      'modelarts_operator_crd_outdated{kind="pool"} 0',
      'workqueue_depth{name="mirrors"} 0',
    ]) {
      expect(await text()).toContain(line);
    }
  });

  it('count what they are told', async () => {
    const { engine, reconcile, upstream, text } = everything();
    engine.apiserverRequest({ method: 'PUT', code: '409', durationMs: 12 });
    engine.leading('modelarts-operator', true);
    const queue = engine.queue('mirrors');
    queue.added();
    queue.depth(7);
    queue.waited(2);
    queue.worked(3);
    queue.retried();
    reconcile.reconciled('pool', 'error', 0.2);
    reconcile.wrote('pool', 'delete', 'UpstreamGone');
    reconcile.crdOutdated('pool', true);
    reconcile.active('pool', 1);
    upstream.requested('GET /v2/{project}/pools', '200', 0.1);
    upstream.retried('GET /v2/{project}/pools');
    upstream.waited(1);
    upstream.undecodable('GET /v2/{project}/pools', 2);
    upstream.mutatingAttempt();
    const lines = await text();
    for (const line of [
      'rest_client_requests_total{code="409",method="PUT",host="10.0.0.1:6443"} 1',
      'leader_election_master_status{name="modelarts-operator"} 1',
      'workqueue_depth{name="mirrors"} 7',
      'workqueue_adds_total{name="mirrors"} 1',
      'workqueue_retries_total{name="mirrors"} 1',
      'workqueue_queue_duration_seconds_sum{name="mirrors"} 0.002',
      'controller_runtime_reconcile_errors_total{controller="pool"} 1',
      'controller_runtime_active_workers{controller="pool"} 1',
      'modelarts_operator_writes_total{kind="pool",verb="delete"} 1',
      'modelarts_operator_deletions_total{kind="pool",reason="UpstreamGone"} 1',
      'modelarts_operator_crd_outdated{kind="pool"} 1',
      'modelarts_operator_upstream_requests_total{operation="GET /v2/{project}/pools",code="200"} 1',
      'modelarts_operator_upstream_retries_total{operation="GET /v2/{project}/pools"} 1',
      'modelarts_operator_upstream_decode_issues_total{operation="GET /v2/{project}/pools"} 2',
      'modelarts_operator_upstream_mutating_requests_total 1',
      'modelarts_operator_upstream_budget_wait_seconds_sum 1',
      'modelarts_operator_project_synced{namespace="ns",project="p"} 1',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('read pools at the scrape: a pool that went leaves no series', async () => {
    const pools: PoolSample[] = [
      {
        namespace: 'ns',
        project: 'p',
        pool: 'pool-1',
        phase: 'Running',
        nodes: { available: 2, abnormal: 0 },
        drivers: { npu: 'Upgrading' },
        workloads: [{ type: 'train', byStatus: { Running: 3 } }],
        queuePositionMax: 0,
      },
    ];
    const { text } = everything(pools);
    const of = 'namespace="ns",project="p",pool="pool-1"';
    for (const line of [
      `modelarts_pool_nodes{${of},state="available"} 2`,
      `modelarts_pool_workloads{${of},type="train",status="Running"} 3`,
      `modelarts_pool_phase{${of},phase="Running"} 1`,
      `modelarts_pool_driver_state{${of},driver="npu",state="Upgrading"} 1`,
      `modelarts_workload_queue_position_max{${of}} 0`,
    ]) {
      expect(await text()).toContain(line);
    }
    pools.length = 0;
    expect(await text()).not.toContain('pool-1');
  });

  it('stay bounded whatever words ModelArts sends, with the sum kept', async () => {
    const byStatus = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`S${i}`, 1]));
    const { text } = everything([
      { namespace: 'ns', project: 'p', pool: 'x', workloads: [{ type: 't', byStatus }] },
    ]);
    const counts = [...(await text()).matchAll(/^modelarts_pool_workloads\{.*\} (\d+)$/gm)].map((m) =>
      Number(m[1]),
    );
    expect(counts).toHaveLength(64);
    expect(counts.reduce((a, b) => a + b)).toBe(1000);
  });
});
