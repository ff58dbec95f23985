import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { registerReconcileMetrics } from './controller-metrics.ts';
import { registerEngineMetrics } from './engine-metrics.ts';
import { registerApiserverMetrics } from './apiserver-metrics.ts';
import { registerPoolMetrics, type PoolSample } from './pool-metrics.ts';
import { registerBuildInfo } from './process-metrics.ts';
import { registerProjectMetrics, type ProjectSample } from './project-metrics.ts';
import { registerUpstreamMetrics } from './upstream-metrics.ts';

const synced = { type: 'Synced', status: 'True', reason: 'ReadComplete' };
const project: ProjectSample = { namespace: 'ns', project: 'p', conditions: [synced] };

function everything(pools: PoolSample[] = [], projects: ProjectSample[] = [project]) {
  const registry = new Registry();
  const engine = registerEngineMetrics(registry, { host: '10.0.0.1:6443' });
  const reconcile = registerReconcileMetrics(registry, { kinds: ['pool', 'workload'], workers: 4 });
  const upstream = registerUpstreamMetrics(registry);
  const apiserver: { clientCertificateEndsAt: number | undefined } = { clientCertificateEndsAt: 2_000_000 };
  registerApiserverMetrics(registry, {
    writesInFlight: () => 3,
    writeLimit: () => 8,
    clientCertificateEndsAt: () => apiserver.clientCertificateEndsAt,
  });
  registerBuildInfo(registry, '1.2.3');
  registerPoolMetrics(registry, () => pools);
  registerProjectMetrics(registry, () => projects);
  return { registry, engine, reconcile, upstream, apiserver, text: () => registry.metrics() };
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
       "modelarts_operator_build_info",
       "modelarts_operator_client_certificate_expiration_timestamp_seconds",
       "modelarts_operator_crd_outdated",
       "modelarts_operator_deletions_total",
       "modelarts_operator_project_certificate_expiration_timestamp_seconds",
       "modelarts_operator_project_condition",
       "modelarts_operator_project_interval_seconds",
       "modelarts_operator_project_last_sync_timestamp_seconds",
       "modelarts_operator_project_synced",
       "modelarts_operator_project_token_expiration_timestamp_seconds",
       "modelarts_operator_upstream_budget_wait_seconds",
       "modelarts_operator_upstream_decode_issues_total",
       "modelarts_operator_upstream_failures_total",
       "modelarts_operator_upstream_mutating_requests_total",
       "modelarts_operator_upstream_request_duration_seconds",
       "modelarts_operator_upstream_requests_total",
       "modelarts_operator_upstream_retries_total",
       "modelarts_operator_writes_in_flight",
       "modelarts_operator_writes_in_flight_limit",
       "modelarts_operator_writes_total",
       "modelarts_pool_allocated",
       "modelarts_pool_capacity",
       "modelarts_pool_condition",
       "modelarts_pool_driver_state",
       "modelarts_pool_free",
       "modelarts_pool_info",
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
      expect(name.endsWith('_total')).toBe(String(type) === 'counter');
      expect(help).toMatch(/^\S.*\.$/);
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
    upstream.failed('GET /v2/{project}/pools', 'Throttled');
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
      'modelarts_operator_upstream_failures_total{operation="GET /v2/{project}/pools",reason="Throttled"} 1',
      'modelarts_operator_upstream_failures_total{operation="GET /v2/{project}/pools",reason="Unreachable"} 0',
      'modelarts_operator_upstream_retries_total{operation="GET /v2/{project}/pools"} 1',
      'modelarts_operator_writes_in_flight 3',
      'modelarts_operator_writes_in_flight_limit 8',
      'modelarts_operator_client_certificate_expiration_timestamp_seconds 2000',
      'modelarts_operator_build_info{version="1.2.3"} 1',
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
        displayName: 'Vision',
        type: 'Dedicate',
        workspace: '0',
        conditions: [{ type: 'Ready', status: 'False', reason: 'Abnormal' }],
        phase: 'Running',
        capacity: { cpu: 8 },
        allocated: { cpu: 6.5 },
        free: { cpu: 1.5 },
        nodes: { available: 2, abnormal: 0 },
        drivers: { npu: 'Upgrading' },
        workloads: [{ type: 'train', byStatus: { Running: 3 } }],
        queuePositionMax: 0,
      },
    ];
    const { text } = everything(pools);
    const of = 'namespace="ns",project="p",pool="pool-1"';
    for (const line of [
      `modelarts_pool_info{${of},display_name="Vision",type="Dedicate",workspace="0"} 1`,
      `modelarts_pool_condition{${of},condition="Ready",status="False",reason="Abnormal"} 1`,
      `modelarts_pool_capacity{${of},resource="cpu"} 8`,
      `modelarts_pool_allocated{${of},resource="cpu"} 6.5`,
      `modelarts_pool_free{${of},resource="cpu"} 1.5`,
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

  it('read projects at the scrape: what is not known has no series', async () => {
    const projects: ProjectSample[] = [{ namespace: 'ns', project: 'new' }];
    const { apiserver, text } = everything([], projects);
    expect((await text()).match(/^.*project="new".*$/gm)).toEqual([
      'modelarts_operator_project_synced{namespace="ns",project="new"} 0',
    ]);
    projects[0] = {
      ...project,
      lastSyncAt: 1_500,
      intervals: { pools: 30_000, workloads: undefined },
      certificates: new Map([['iam.example.com', 9_000]]),
      tokenEndsAt: 8_000,
    };
    const of = 'namespace="ns",project="p"';
    const metrics = 'modelarts_operator_project';
    expect((await text()).match(/^.*project="p".*$/gm)).toEqual([
      `${metrics}_synced{${of}} 1`,
      `${metrics}_condition{${of},condition="Synced",status="True",reason="ReadComplete"} 1`,
      `${metrics}_last_sync_timestamp_seconds{${of}} 1.5`,
      `${metrics}_interval_seconds{${of},reads="pools"} 30`,
      `${metrics}_certificate_expiration_timestamp_seconds{${of},host="iam.example.com"} 9`,
      `${metrics}_token_expiration_timestamp_seconds{${of}} 8`,
    ]);
    projects.length = 0;
    apiserver.clientCertificateEndsAt = undefined;
    expect(await text()).not.toMatch(/^modelarts_operator_(project|client_certificate)_[a-z_]+[{ ]/m);
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
