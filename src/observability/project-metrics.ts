import type { Registry } from 'prom-client';

import { conditionLabels, type ConditionSample } from './pool-metrics.ts';
import { sampleGauges } from './scraped-gauge.ts';

/** One ModelArtsProject, and what reading it has shown. Times are milliseconds since the epoch. */
export interface ProjectSample {
  readonly namespace: string;
  readonly project: string;
  readonly conditions?: readonly ConditionSample[] | undefined;
  readonly lastSyncAt?: number | undefined;
  /** Milliseconds between two reads, by what is read: pools, workloads. */
  readonly intervals?: Readonly<Record<string, number | undefined>> | undefined;
  /** When the certificate ends that each host showed last. */
  readonly certificates?: ReadonlyMap<string, number> | undefined;
  /** When the token ends that IAM gave. */
  readonly tokenEndsAt?: number | undefined;
}

const place = ['namespace', 'project'] as const;

/** Some ten series a project. */
export function registerProjectMetrics(registry: Registry, projects: () => Iterable<ProjectSample>): void {
  const gauge = sampleGauges(registry, place, projects);

  gauge(
    'modelarts_operator_project_synced',
    '1 while the mirrors of a ModelArtsProject are in sync (its condition Synced is True), else 0.',
    [],
    ({ conditions = [] }) => [
      [{}, conditions.some(({ type, status }) => type === 'Synced' && status === 'True') ? 1 : 0],
    ],
  );
  gauge(
    'modelarts_operator_project_condition',
    '1 for the status and reason that each condition of a ModelArtsProject has (Ready, Authenticated, Synced, DeletionBlocked).',
    ['condition', 'status', 'reason'],
    ({ conditions = [] }) => conditions.map((each) => [conditionLabels(each), 1]),
  );
  gauge(
    'modelarts_operator_project_last_sync_timestamp_seconds',
    'When the last complete read of a ModelArtsProject ended, as Unix time.',
    [],
    ({ lastSyncAt }) => (lastSyncAt === undefined ? [] : [[{}, lastSyncAt / 1000]]),
  );
  gauge(
    'modelarts_operator_project_interval_seconds',
    'The time between two reads that is in use (pools, workloads); longer than the wanted one where the budget is too small.',
    ['reads'],
    ({ intervals = {} }) =>
      Object.entries(intervals).flatMap(([reads, ms]) =>
        ms === undefined ? [] : [[{ reads }, ms / 1000] as const],
      ),
  );
  gauge(
    'modelarts_operator_project_certificate_expiration_timestamp_seconds',
    'When the certificate ends that ModelArts or IAM showed last, by host, as Unix time.',
    ['host'],
    ({ certificates = [] }) => [...certificates].map(([host, endsAt]) => [{ host }, endsAt / 1000]),
  );
  gauge(
    'modelarts_operator_project_token_expiration_timestamp_seconds',
    'When the token ends that IAM gave for a user name and password, as Unix time; it is renewed when four fifths of its life are over.',
    [],
    ({ tokenEndsAt }) => (tokenEndsAt === undefined ? [] : [[{}, tokenEndsAt / 1000]]),
  );
}
