/** What the dashboard shows: rows of panels, each with the expressions that it draws. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly type: 'stat' | 'timeseries' | 'table' | 'state-timeline';
  /** Grafana's name of the unit. */
  readonly unit?: string;
  /** Of 24. Default 8. */
  readonly width?: number;
  readonly stacked?: boolean;
  /** PromQL by legend. In a table: by the name of the column. */
  readonly queries: Readonly<Record<string, string>>;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const project = 'namespace=~"$namespace",project=~"$project"';
const pool = `${project},pool=~"$pool"`;
const ours = 'job=~"$job"';
const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
const quantile = (q: number, by: string, histogram: string): string =>
  `histogram_quantile(${q}, sum by (le, ${by}) (${rate(`${histogram}_bucket{${ours}}`)}))`;
/** Of several replicas, each may show a pool for a moment. */
const each = (labels: string, series: string): string => `max by (namespace, project, ${labels}) (${series})`;
const column = (series: string): string => each('pool', series);

export const rows: readonly Row[] = [
  {
    title: 'Pools',
    panels: [
      {
        title: 'Pools',
        type: 'stat',
        width: 4,
        queries: { pools: `count(${each('pool', `modelarts_pool_info{${pool}}`)})` },
      },
      {
        title: 'Ready',
        type: 'stat',
        width: 4,
        queries: {
          ready: `sum(${each('pool', `modelarts_pool_condition{${pool},condition="Ready",status="True"}`)}) or vector(0)`,
        },
      },
      {
        title: 'Nodes by state',
        type: 'timeseries',
        queries: { '{{state}}': `sum by (state) (${each('pool, state', `modelarts_pool_nodes{${pool}}`)})` },
      },
      {
        title: 'Free accelerators',
        description: 'Sub-pools share the nodes of their parent: do not add them up.',
        type: 'timeseries',
        queries: {
          '{{pool}} {{resource}}': each('pool, resource', `modelarts_pool_free{${pool},resource=~".+/.+"}`),
        },
      },
      {
        title: 'All pools',
        type: 'table',
        width: 24,
        queries: {
          Name: each('pool, display_name, type, workspace', `modelarts_pool_info{${pool}}`),
          Phase: each('pool, phase', `modelarts_pool_phase{${pool}}`),
          'Available nodes': column(`modelarts_pool_nodes{${pool},state="available"}`),
          'Wanted nodes': column(`modelarts_pool_nodes{${pool},state="desired"}`),
          'Abnormal nodes': column(`modelarts_pool_nodes{${pool},state="abnormal"}`),
          'Last in queue': column(`modelarts_workload_queue_position_max{${pool}}`),
        },
      },
      {
        title: 'Phases',
        type: 'state-timeline',
        width: 12,
        queries: { '{{pool}} {{phase}}': each('pool, phase', `modelarts_pool_phase{${pool}}`) },
      },
      {
        title: 'Drivers',
        type: 'state-timeline',
        width: 12,
        queries: {
          '{{pool}} {{driver}} {{state}}': each(
            'pool, driver, state',
            `modelarts_pool_driver_state{${pool}}`,
          ),
        },
      },
    ],
  },
  {
    title: 'Workloads and queues',
    panels: [
      {
        title: 'Workloads by status',
        type: 'timeseries',
        stacked: true,
        queries: {
          '{{status}}': `sum by (status) (${each('pool, type, status', `modelarts_pool_workloads{${pool}}`)})`,
        },
      },
      {
        title: 'Workloads by type',
        type: 'timeseries',
        stacked: true,
        queries: {
          '{{type}}': `sum by (type) (${each('pool, type, status', `modelarts_pool_workloads{${pool}}`)})`,
        },
      },
      {
        title: 'Last place in the queue',
        type: 'timeseries',
        queries: { '{{pool}}': each('pool', `modelarts_workload_queue_position_max{${pool}}`) },
      },
      {
        title: 'Accelerators asked for',
        type: 'timeseries',
        width: 12,
        queries: {
          '{{pool}} {{resource}}': each(
            'pool, resource',
            `modelarts_pool_allocated{${pool},resource=~".+/.+"}`,
          ),
        },
      },
      {
        title: 'Accelerators there are',
        type: 'timeseries',
        width: 12,
        queries: {
          '{{pool}} {{resource}}': each(
            'pool, resource',
            `modelarts_pool_capacity{${pool},resource=~".+/.+"}`,
          ),
        },
      },
    ],
  },
  {
    title: 'Sync health',
    panels: [
      {
        title: 'Projects not in sync',
        type: 'stat',
        width: 4,
        queries: {
          projects: `count(max by (namespace, project) (modelarts_operator_project_synced{${project}}) == 0) or vector(0)`,
        },
      },
      {
        title: 'Deletions that wait for a person',
        type: 'stat',
        width: 4,
        queries: {
          projects: `sum(max by (namespace, project) (modelarts_operator_project_condition{${project},condition="DeletionBlocked",status="True"})) or vector(0)`,
        },
      },
      {
        title: 'Conditions of projects',
        type: 'state-timeline',
        width: 16,
        queries: {
          '{{project}} {{condition}}={{status}}/{{reason}}': each(
            'condition, status, reason',
            `modelarts_operator_project_condition{${project}}`,
          ),
        },
      },
      {
        title: 'Since the last complete read',
        type: 'timeseries',
        unit: 's',
        queries: {
          '{{project}}': `time() - max by (namespace, project) (modelarts_operator_project_last_sync_timestamp_seconds{${project}})`,
        },
      },
      {
        title: 'Intervals in use',
        type: 'timeseries',
        unit: 's',
        queries: {
          '{{project}} {{reads}}': each('reads', `modelarts_operator_project_interval_seconds{${project}}`),
        },
      },
      {
        title: 'Left of certificates and tokens',
        type: 'timeseries',
        unit: 's',
        queries: {
          '{{project}} {{host}}': `min by (namespace, project, host) (modelarts_operator_project_certificate_expiration_timestamp_seconds{${project}}) - time()`,
          '{{project}} token': `max by (namespace, project) (modelarts_operator_project_token_expiration_timestamp_seconds{${project}}) - time()`,
        },
      },
    ],
  },
  {
    title: 'Requests to ModelArts',
    panels: [
      {
        title: 'Requests by operation',
        type: 'timeseries',
        unit: 'reqps',
        queries: {
          '{{operation}}': `sum by (operation) (${rate(`modelarts_operator_upstream_requests_total{${ours}}`)})`,
        },
      },
      {
        title: 'Requests by answer',
        type: 'timeseries',
        unit: 'reqps',
        queries: {
          '{{code}}': `sum by (code) (${rate(`modelarts_operator_upstream_requests_total{${ours}}`)})`,
        },
      },
      {
        title: 'Failures and retries',
        type: 'timeseries',
        unit: 'reqps',
        queries: {
          '{{reason}}': `sum by (reason) (${rate(`modelarts_operator_upstream_failures_total{${ours}}`)})`,
          retries: `sum(${rate(`modelarts_operator_upstream_retries_total{${ours}}`)})`,
        },
      },
      {
        title: 'How long an attempt takes, 99%',
        type: 'timeseries',
        unit: 's',
        queries: {
          '{{operation}}': quantile(
            0.99,
            'operation',
            'modelarts_operator_upstream_request_duration_seconds',
          ),
        },
      },
      {
        title: 'Waiting for the budget',
        type: 'timeseries',
        unit: 's',
        queries: {
          '50%': quantile(0.5, 'job', 'modelarts_operator_upstream_budget_wait_seconds'),
          '99%': quantile(0.99, 'job', 'modelarts_operator_upstream_budget_wait_seconds'),
        },
      },
      {
        title: 'Parts that did not decode',
        type: 'timeseries',
        unit: 'cps',
        queries: {
          '{{operation}}': `sum by (operation) (${rate(`modelarts_operator_upstream_decode_issues_total{${ours}}`)})`,
        },
      },
    ],
  },
  {
    title: 'Writes to the apiserver',
    panels: [
      {
        title: 'Writes by kind and verb',
        description: 'Still while nothing changes in ModelArts.',
        type: 'timeseries',
        unit: 'wps',
        queries: {
          '{{kind}} {{verb}}': `sum by (kind, verb) (${rate(`modelarts_operator_writes_total{${ours}}`)})`,
        },
      },
      {
        title: 'Deletions by reason',
        type: 'timeseries',
        unit: 'wps',
        queries: {
          '{{kind}} {{reason}}': `sum by (kind, reason) (${rate(`modelarts_operator_deletions_total{${ours}}`)})`,
        },
      },
      {
        title: 'Writes under way, and their limit',
        type: 'timeseries',
        queries: {
          'under way': `sum(modelarts_operator_writes_in_flight{${ours}})`,
          limit: `sum(modelarts_operator_writes_in_flight_limit{${ours}})`,
        },
      },
      {
        title: 'Requests by answer',
        type: 'timeseries',
        unit: 'reqps',
        queries: {
          '{{method}} {{code}}': `sum by (method, code) (${rate(`rest_client_requests_total{${ours}}`)})`,
        },
      },
      {
        title: 'How long a request takes, 99%',
        type: 'timeseries',
        unit: 's',
        queries: { '{{verb}}': quantile(0.99, 'verb', 'rest_client_request_duration_seconds') },
      },
      {
        title: 'Passes by result',
        type: 'timeseries',
        unit: 'ops',
        queries: {
          '{{controller}} {{result}}': `sum by (controller, result) (${rate(`controller_runtime_reconcile_total{${ours}}`)})`,
        },
      },
      {
        title: 'How long a pass takes, 99%',
        type: 'timeseries',
        unit: 's',
        queries: {
          '{{controller}}': quantile(0.99, 'controller', 'controller_runtime_reconcile_time_seconds'),
        },
      },
      {
        title: 'Keys that wait',
        type: 'timeseries',
        queries: { '{{name}}': `sum by (name) (workqueue_depth{${ours}})` },
      },
      {
        title: 'How long a key waits, 99%',
        type: 'timeseries',
        unit: 's',
        queries: { '{{name}}': quantile(0.99, 'name', 'workqueue_queue_duration_seconds') },
      },
    ],
  },
  {
    title: 'Runtime',
    panels: [
      {
        title: 'Versions',
        type: 'stat',
        width: 4,
        queries: { '{{version}}': `count by (version) (modelarts_operator_build_info{${ours}})` },
      },
      {
        title: 'Leases held',
        type: 'stat',
        width: 4,
        queries: { '{{name}}': `sum by (name) (leader_election_master_status{${ours}})` },
      },
      {
        title: 'Processor',
        type: 'timeseries',
        unit: 'short',
        queries: { '{{instance}}': rate(`process_cpu_seconds_total{${ours}}`) },
      },
      {
        title: 'Memory',
        type: 'timeseries',
        unit: 'bytes',
        queries: {
          '{{instance}} resident': `process_resident_memory_bytes{${ours}}`,
          '{{instance}} heap': `nodejs_heap_size_used_bytes{${ours}}`,
        },
      },
      {
        title: 'Event loop lag, 99%',
        type: 'timeseries',
        unit: 's',
        queries: { '{{instance}}': `nodejs_eventloop_lag_p99_seconds{${ours}}` },
      },
      {
        title: 'Garbage collection',
        description: 'Seconds a second.',
        type: 'timeseries',
        unit: 'percentunit',
        queries: {
          '{{instance}}': `sum by (instance) (${rate(`nodejs_gc_duration_seconds_sum{${ours}}`)})`,
        },
      },
    ],
  },
];
