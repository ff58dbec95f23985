/**
 * The alerts, defined once: the chart's rule file, the kustomize component, docs/reference/alerts.md and the tests are made
 * from here. What to do about each stands in docs/runbooks.md.
 */
export interface Alert {
  /** Its runbook entry has the same name. */
  readonly name: string;
  readonly severity: 'critical' | 'warning';
  /** How long `expr` must hold before it fires. */
  readonly holds: string;
  /** PromQL. `window`: what durations in it become; tests shorten them. */
  readonly expr: (window: (duration: string) => string) => string;
  /** One line; may name labels. */
  readonly summary: string;
  /** What is so, in one or two sentences. */
  readonly description: string;
}

const runbooks = 'https://modelarts-operator.dev/docs/runbooks';

/** With the name that people know the pool by. Of several replicas each may show a pool for a moment. */
const ofPool = (expr: string): string =>
  `${expr}\n* on (namespace, project, pool) group_left (display_name) ` +
  'max by (namespace, project, pool, display_name) (modelarts_pool_info)';

/** Series that other operators have too, of ours alone. */
const ours = (expr: string): string =>
  `${expr} * on (job, instance) group_left () modelarts_operator_build_info`;

const pool = 'namespace, project, pool';
const poolName = 'Pool {{ $labels.display_name }} ({{ $labels.namespace }}/{{ $labels.pool }})';
const projectName = 'ModelArtsProject {{ $labels.namespace }}/{{ $labels.project }}';

export const alerts: readonly Alert[] = [
  {
    name: 'ModelArtsPoolNotReady',
    severity: 'warning',
    holds: '15m',
    expr: () =>
      ofPool(
        `(max by (${pool}) (modelarts_pool_condition{condition="Ready",status="False",reason!~"Creating|Deleting"}) == 1)`,
      ),
    summary: `${poolName} is not ready.`,
    description:
      'Its condition Ready has been False for 15 minutes, and it is neither being created nor deleted. New jobs may not start there.',
  },
  {
    name: 'ModelArtsPoolDriverAbnormal',
    severity: 'warning',
    holds: '15m',
    expr: () =>
      ofPool(
        `(max by (${pool}, driver, state) (modelarts_pool_driver_state{state!~"Running|Creating|Upgrading|Deleting"}) == 1)`,
      ),
    summary: `The {{ $labels.driver }} driver of ${lower(poolName)} is {{ $labels.state }}.`,
    description:
      'It has neither run nor been upgraded for 15 minutes. Jobs that need the accelerator may fail.',
  },
  {
    name: 'ModelArtsPoolNodesAbnormal',
    severity: 'warning',
    holds: '10m',
    expr: () => ofPool(`(max by (${pool}) (modelarts_pool_nodes{state="abnormal"}) > 0)`),
    summary: `Abnormal nodes in ${lower(poolName)}: {{ $value }}.`,
    description: 'They have been so for 10 minutes. Their accelerators are paid for and cannot be used.',
  },
  {
    name: 'ModelArtsPoolQueueStuck',
    severity: 'warning',
    holds: '1h',
    expr: (window) =>
      ofPool(
        [
          `(`,
          `  max by (${pool}) (modelarts_workload_queue_position_max) > 0`,
          `  and changes((sum by (${pool}) (modelarts_pool_workloads{status!="Queue"}))[${window('10m')}:]) == 0`,
          `  unless max by (${pool}) (modelarts_pool_free{resource=~".+/.+"}) == 0`,
          `)`,
        ].join('\n'),
      ),
    summary: `No job leaves the queue of ${lower(poolName)}.`,
    description:
      'Jobs wait ({{ $value }} of them), none has left the queue for an hour, and not all accelerators are known to be taken.',
  },
  {
    name: 'ModelArtsSyncFailing',
    severity: 'warning',
    holds: '10m',
    expr: () =>
      'max by (namespace, project) (modelarts_operator_project_condition{condition="Synced",status="False"}) == 1',
    summary: `${projectName} is not in sync.`,
    description:
      'All or a part of it could not be read for 10 minutes. Its mirrors show what was known before; its condition Synced says why.',
  },
  {
    name: 'ModelArtsThrottled',
    severity: 'warning',
    holds: '15m',
    expr: (window) =>
      [
        `sum by (namespace, job) (rate(modelarts_operator_upstream_failures_total{reason="Throttled"}[${window('10m')}]))`,
        `/ sum by (namespace, job) (rate(modelarts_operator_upstream_requests_total[${window('10m')}])) > 0.05`,
      ].join('\n'),
    summary: 'ModelArts throttles the operator.',
    description:
      '{{ $value | humanizePercentage }} of the requests of {{ $labels.job }} were answered with "too many". Mirrors lag behind.',
  },
  {
    name: 'ModelArtsDeletionBlocked',
    severity: 'warning',
    holds: '5m',
    expr: () =>
      'max by (namespace, project) (modelarts_operator_project_condition{condition="DeletionBlocked",status="True"}) == 1',
    summary: `Deletions in ${projectName} wait for a person.`,
    description:
      'More pools are missing in ModelArts than may be deleted at once, so none is. The condition DeletionBlocked names them and the command that releases them.',
  },
  {
    name: 'ModelArtsCertificateExpiring',
    severity: 'warning',
    holds: '1h',
    expr: () =>
      'min by (namespace, project, host) (modelarts_operator_project_certificate_expiration_timestamp_seconds) - time() < 14 * 86400',
    summary: `The certificate of {{ $labels.host }} ends in {{ $value | humanizeDuration }}.`,
    description: `${projectName} cannot be read once it has ended.`,
  },
  {
    name: 'ModelArtsTokenExpiring',
    severity: 'warning',
    holds: '15m',
    expr: () =>
      'max by (namespace, project) (modelarts_operator_project_token_expiration_timestamp_seconds) - time() < 2 * 3600',
    summary: `The IAM token of ${projectName} ends in {{ $value | humanizeDuration }} and was not renewed.`,
    description:
      'A token lives for a day and is renewed when four fifths of that are over: IAM has refused or not answered since.',
  },
  {
    name: 'ModelArtsClientCertificateExpiring',
    severity: 'warning',
    holds: '1h',
    expr: () =>
      'min by (namespace, job) (modelarts_operator_client_certificate_expiration_timestamp_seconds) - time() < 7 * 86400',
    summary:
      'The client certificate in the kubeconfig of the operator ends in {{ $value | humanizeDuration }}.',
    description: 'Once it has ended the apiserver refuses the operator, and the mirrors stand still.',
  },
  {
    name: 'ModelArtsOperatorDown',
    severity: 'critical',
    holds: '5m',
    expr: () => 'absent(modelarts_operator_build_info)',
    summary: 'No modelarts-operator is scraped.',
    description: 'It does not run, or Prometheus does not find or reach it. Mirrors stand still.',
  },
  {
    name: 'ModelArtsOperatorNoLeader',
    severity: 'critical',
    holds: '5m',
    expr: () => `max by (namespace, job, name) (${ours('leader_election_master_status')}) == 0`,
    summary: 'No replica of {{ $labels.job }} holds the Lease {{ $labels.name }}.',
    description:
      'Replicas run, and none of them works on the projects of that Lease. Their mirrors stand still.',
  },
  {
    name: 'ModelArtsOperatorReconcileErrors',
    severity: 'warning',
    holds: '15m',
    expr: (window) =>
      [
        `sum by (namespace, job, controller) (${ours(`rate(controller_runtime_reconcile_errors_total[${window('10m')}])`)})`,
        `/ sum by (namespace, job, controller) (${ours(`rate(controller_runtime_reconcile_total[${window('10m')}])`)}) > 0.1`,
      ].join('\n'),
    summary: 'The operator fails to write mirrors of kind {{ $labels.controller }}.',
    description:
      '{{ $value | humanizePercentage }} of its passes over that kind failed. The log says what the apiserver answered.',
  },
  {
    name: 'ModelArtsOperatorCRDOutdated',
    severity: 'warning',
    holds: '15m',
    expr: () => 'max by (namespace, job, kind) (modelarts_operator_crd_outdated) == 1',
    summary: 'The CRD of kind {{ $labels.kind }} is older than the operator.',
    description: 'Fields that it does not know are dropped from the mirrors.',
  },
  {
    name: 'ModelArtsOperatorMutatingRequest',
    severity: 'critical',
    holds: '0m',
    expr: () => 'max by (namespace, job) (modelarts_operator_upstream_mutating_requests_total) > 0',
    summary: 'The operator tried to send ModelArts a request that is no read.',
    description:
      'It was refused before it was sent. This is a bug of the operator, or its program was changed.',
  },
];

export const runbookURL = ({ name }: Pick<Alert, 'name'>): string => `${runbooks}#${name.toLowerCase()}`;

/** How a rule differs where it is tried out: durations within its expression, and how long it must hold. */
export interface Pace {
  readonly window: (duration: string) => string;
  readonly holds: (duration: string) => string;
}

const asDefined: Pace = { window: (duration) => duration, holds: (duration) => duration };

/** A rule file of Prometheus, which is the spec of a PrometheusRule too. */
export function ruleFile(pace: Pace = asDefined): { readonly groups: readonly object[] } {
  return {
    groups: [
      {
        name: 'modelarts-operator',
        rules: alerts.map((alert) => ({
          alert: alert.name,
          expr: alert.expr(pace.window),
          for: pace.holds(alert.holds),
          labels: { severity: alert.severity },
          annotations: {
            summary: alert.summary,
            description: alert.description,
            runbook_url: runbookURL(alert),
          },
        })),
      },
    ],
  };
}

function lower(name: string): string {
  return `p${name.slice(1)}`;
}
