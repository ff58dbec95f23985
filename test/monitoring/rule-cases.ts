/** What makes each alert fire and clear, minute by minute, at the pace that is shipped. */
export interface RuleCase {
  readonly alert: string;
  /** Values by series, a minute apart, in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  /** Pending, and no more, at this time. */
  readonly pendingAt?: string;
  readonly firesAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `$value` as its texts show it. */
  readonly value?: string;
  readonly clearsAt: string;
}

const of = 'namespace="team",project="eu",pool="pool-1"';
const info = `modelarts_pool_info{${of},display_name="Vision"}`;
const always = '1x200';
const poolLabels = { namespace: 'team', project: 'eu', pool: 'pool-1', display_name: 'Vision' };
const projectLabels = { namespace: 'team', project: 'eu' };
const target = 'job="modelarts-operator",instance="a:8080",namespace="operators"';
const build = `modelarts_operator_build_info{${target},version="1"}`;
const targetLabels = { namespace: 'operators', job: 'modelarts-operator' };
const day = 86_400;

export const ruleCases: readonly RuleCase[] = [
  {
    alert: 'ModelArtsPoolNotReady',
    series: {
      [info]: always,
      [`modelarts_pool_condition{${of},condition="Ready",status="True",reason="Running"}`]:
        '1x5 stale _x30 1x20',
      [`modelarts_pool_condition{${of},condition="Ready",status="False",reason="Abnormal"}`]:
        '_x6 1x15 stale',
      // Another reason alone does not begin anew.
      [`modelarts_pool_condition{${of},condition="Ready",status="False",reason="Error"}`]: '_x22 1x10 stale',
    },
    pendingAt: '20m',
    firesAt: '25m',
    labels: poolLabels,
    clearsAt: '40m',
  },
  {
    alert: 'ModelArtsPoolDriverAbnormal',
    series: {
      [info]: always,
      [`modelarts_pool_driver_state{${of},driver="npu",state="Abnormal"}`]: '1x30 stale',
      [`modelarts_pool_driver_state{${of},driver="npu",state="Upgrading"}`]: '_x31 1x100',
    },
    pendingAt: '14m',
    firesAt: '20m',
    labels: { ...poolLabels, driver: 'npu', state: 'Abnormal' },
    clearsAt: '60m',
  },
  {
    alert: 'ModelArtsPoolNodesAbnormal',
    series: { [info]: always, [`modelarts_pool_nodes{${of},state="abnormal"}`]: '0x5 2x15 0x20' },
    pendingAt: '14m',
    firesAt: '18m',
    labels: poolLabels,
    value: '2',
    clearsAt: '25m',
  },
  {
    alert: 'ModelArtsPoolQueueStuck',
    series: {
      [info]: always,
      [`modelarts_workload_queue_position_max{${of}}`]: '3x200',
      [`modelarts_pool_workloads{${of},type="train",status="Queue"}`]: '3x200',
      [`modelarts_pool_workloads{${of},type="train",status="Running"}`]: '2x100 3x100',
      [`modelarts_pool_free{${of},resource="nvidia.com/gpu"}`]: '4x200',
    },
    pendingAt: '55m',
    firesAt: '90m',
    labels: poolLabels,
    value: '3',
    clearsAt: '105m',
  },
  {
    alert: 'ModelArtsSyncFailing',
    series: {
      'modelarts_operator_project_condition{namespace="team",project="eu",condition="Synced",status="False",reason="Unreachable"}':
        '1x20 stale',
    },
    pendingAt: '9m',
    firesAt: '12m',
    labels: projectLabels,
    clearsAt: '22m',
  },
  {
    alert: 'ModelArtsThrottled',
    series: {
      [`modelarts_operator_upstream_failures_total{${target},operation="GET /a",reason="Throttled"}`]:
        '0+6x40 246x40',
      [`modelarts_operator_upstream_requests_total{${target},operation="GET /a",code="200"}`]: '0+54x80',
      [`modelarts_operator_upstream_requests_total{${target},operation="GET /a",code="429"}`]:
        '0+6x40 246x40',
    },
    pendingAt: '10m',
    firesAt: '30m',
    labels: targetLabels,
    value: '10%',
    clearsAt: '60m',
  },
  {
    alert: 'ModelArtsDeletionBlocked',
    series: {
      'modelarts_operator_project_condition{namespace="team",project="eu",condition="DeletionBlocked",status="True",reason="MaxPercentExceeded"}':
        '1x20 stale',
    },
    pendingAt: '4m',
    firesAt: '6m',
    labels: projectLabels,
    clearsAt: '22m',
  },
  {
    alert: 'ModelArtsCertificateExpiring',
    series: {
      'modelarts_operator_project_certificate_expiration_timestamp_seconds{namespace="team",project="eu",host="iam"}': `${14 * day + 1800}x150 ${90 * day}x30`,
    },
    pendingAt: '80m',
    firesAt: '120m',
    labels: { ...projectLabels, host: 'iam' },
    value: '13d 22h 30m 0s',
    clearsAt: '160m',
  },
  {
    alert: 'ModelArtsTokenExpiring',
    series: {
      'modelarts_operator_project_token_expiration_timestamp_seconds{namespace="team",project="eu"}': `${3 * 3600}x100 ${day}x60`,
    },
    pendingAt: '70m',
    firesAt: '90m',
    labels: projectLabels,
    value: '1h 30m 0s',
    clearsAt: '110m',
  },
  {
    alert: 'ModelArtsClientCertificateExpiring',
    series: {
      [`modelarts_operator_client_certificate_expiration_timestamp_seconds{${target}}`]: `${7 * day}x100 ${90 * day}x60`,
    },
    pendingAt: '50m',
    firesAt: '90m',
    labels: targetLabels,
    value: '6d 22h 30m 0s',
    clearsAt: '110m',
  },
  {
    alert: 'ModelArtsOperatorDown',
    series: { [build]: '_x10 1x10' },
    pendingAt: '4m',
    firesAt: '7m',
    labels: {},
    clearsAt: '12m',
  },
  {
    alert: 'ModelArtsOperatorNoLeader',
    series: {
      [build]: always,
      [`leader_election_master_status{${target},name="modelarts-operator"}`]: '0x10 1x20',
      // Somebody else's.
      'leader_election_master_status{job="other",instance="b:8080",name="other"}': '0x30',
    },
    pendingAt: '4m',
    firesAt: '7m',
    labels: { ...targetLabels, name: 'modelarts-operator' },
    clearsAt: '12m',
  },
  {
    alert: 'ModelArtsOperatorReconcileErrors',
    series: {
      [build]: always,
      [`controller_runtime_reconcile_errors_total{${target},controller="pool"}`]: '0+1x40 41x40',
      [`controller_runtime_reconcile_total{${target},controller="pool",result="error"}`]: '0+1x40 41x40',
      [`controller_runtime_reconcile_total{${target},controller="pool",result="success"}`]: '0+4x80',
    },
    pendingAt: '10m',
    firesAt: '30m',
    labels: { ...targetLabels, controller: 'pool' },
    value: '20%',
    clearsAt: '60m',
  },
  {
    alert: 'ModelArtsOperatorCRDOutdated',
    series: { [`modelarts_operator_crd_outdated{${target},kind="pool"}`]: '0x2 1x20 0x20' },
    pendingAt: '14m',
    firesAt: '20m',
    labels: { ...targetLabels, kind: 'pool' },
    clearsAt: '30m',
  },
  {
    alert: 'ModelArtsOperatorMutatingRequest',
    series: { [`modelarts_operator_upstream_mutating_requests_total{${target}}`]: '0x5 1x5 0x5' },
    firesAt: '7m',
    labels: targetLabels,
    clearsAt: '13m',
  },
];

/** What must not alert. */
export const quietCases: readonly {
  readonly why: string;
  readonly alert: string;
  readonly at: string;
  readonly series: RuleCase['series'];
}[] = [
  {
    why: 'a pool is being created',
    alert: 'ModelArtsPoolNotReady',
    at: '40m',
    series: {
      [info]: always,
      [`modelarts_pool_condition{${of},condition="Ready",status="False",reason="Creating"}`]: always,
    },
  },
  {
    why: 'it is not known whether a pool is ready',
    alert: 'ModelArtsPoolNotReady',
    at: '40m',
    series: {
      [info]: always,
      [`modelarts_pool_condition{${of},condition="Ready",status="Unknown",reason="Stale"}`]: always,
    },
  },
  {
    why: 'jobs wait because every accelerator is taken',
    alert: 'ModelArtsPoolQueueStuck',
    at: '180m',
    series: {
      [info]: always,
      [`modelarts_workload_queue_position_max{${of}}`]: '3x200',
      [`modelarts_pool_workloads{${of},type="train",status="Running"}`]: '2x200',
      [`modelarts_pool_free{${of},resource="nvidia.com/gpu"}`]: '0x200',
      [`modelarts_pool_free{${of},resource="cpu"}`]: '9x200',
    },
  },
  {
    why: 'a project is suspended',
    alert: 'ModelArtsSyncFailing',
    at: '40m',
    series: {
      'modelarts_operator_project_condition{namespace="team",project="eu",condition="Synced",status="Unknown",reason="Suspended"}':
        always,
    },
  },
  {
    why: 'no passes are made',
    alert: 'ModelArtsOperatorReconcileErrors',
    at: '40m',
    series: {
      [build]: always,
      [`controller_runtime_reconcile_errors_total{${target},controller="pool"}`]: '5x100',
      [`controller_runtime_reconcile_total{${target},controller="pool",result="error"}`]: '5x100',
    },
  },
];
