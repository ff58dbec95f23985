/** What `budget` says: requests an hour by endpoint, the budget that they come out of, and what a faster cadence costs. Pure. */
import { parseDuration } from '../../api/kinds/duration.ts';
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { withDefaults } from '../../api/kinds/project-defaults.ts';
import { settingsOf } from '../../controller/settings.ts';
import { stretchFactor } from '../../controller/stretch.ts';
import { formatDuration } from '../../mirror/project.ts';
import { requestRates, totalOf, type EndpointRate, type Intervals, type RateInput } from './request-rates.ts';
import { fieldLines, tableLines, type Column } from './table.ts';
import { harmless, type Paint } from './terminal-text.ts';

export interface BudgetReport {
  readonly namespace: string;
  readonly name: string;
  readonly suspended: boolean;
  readonly pools: number;
  readonly intervals: { readonly pool: string; readonly workload: string; readonly stretched: boolean };
  /** Requests an hour while nothing changes in ModelArts: an estimate. */
  readonly endpoints: readonly EndpointRate[];
  readonly perHour: number;
  readonly budget: {
    /** The smallest `rateLimit` of all who share the credential. */
    readonly requestsPerSecond: number;
    readonly perHour: number;
    /** Other projects with the same endpoint and Secret, and what they ask for together. */
    readonly sharedWith: readonly string[];
    readonly othersPerHour: number;
  };
  readonly cadences: readonly CadenceCost[];
}

export interface CadenceCost {
  readonly poolInterval: string;
  readonly workloadInterval: string;
  readonly perHour: number;
  /** By how much the operator would lengthen the intervals of all who share the budget; 1: not at all. */
  readonly stretchedBy: number;
}

/** Parts of the wanted intervals that `cadences` shows. */
const cadenceParts = [1, 1 / 2, 1 / 4, 1 / 8];

/** One report a project; `all` are those whose budget they may share, they themselves among them. */
export function budgetReport(input: RateInput, all: readonly RateInput[]): BudgetReport {
  const { project, pools } = input;
  const others = all.filter((other) => other !== input && sharesBudget(project, other.project));
  const effective = effectiveIntervals(project);
  const wanted = wantedIntervals(project);
  const endpoints = requestRates(input, effective);
  const othersPerHour = sum(
    others.map((other) => totalOf(requestRates(other, wantedIntervals(other.project)))),
  );
  const requestsPerSecond = Math.min(
    ...[input, ...others].map(({ project: { spec } }) => withDefaults(spec).rateLimit.requestsPerSecond),
  );
  return {
    namespace: project.metadata.namespace ?? '',
    name: project.metadata.name,
    suspended: project.spec.suspend === true,
    pools: pools.length,
    intervals: {
      pool: formatDuration(effective.poolMs),
      workload: formatDuration(effective.workloadMs),
      stretched: effective.poolMs > wanted.poolMs || effective.workloadMs > wanted.workloadMs,
    },
    endpoints: endpoints.map(({ endpoint, perHour }) => ({ endpoint, perHour: Math.round(perHour) })),
    perHour: Math.round(totalOf(endpoints)),
    budget: {
      requestsPerSecond,
      perHour: requestsPerSecond * 3600,
      sharedWith: others.map((other) => titleOf(other.project)).sort(),
      othersPerHour: Math.round(othersPerHour),
    },
    cadences:
      project.spec.suspend === true ? [] : cadencesOf(input, wanted, othersPerHour, requestsPerSecond),
  };
}

function cadencesOf(
  input: RateInput,
  wanted: Intervals,
  othersPerHour: number,
  requestsPerSecond: number,
): CadenceCost[] {
  // No interval can be below a second.
  const shorter = (ms: number, part: number): number => Math.max(1000, Math.round((ms * part) / 1000) * 1000);
  const costs = cadenceParts.map((part) => {
    const intervals = { poolMs: shorter(wanted.poolMs, part), workloadMs: shorter(wanted.workloadMs, part) };
    const perHour = totalOf(requestRates(input, intervals));
    return {
      poolInterval: formatDuration(intervals.poolMs),
      workloadInterval: formatDuration(intervals.workloadMs),
      perHour: Math.round(perHour),
      stretchedBy: stretchFactor(
        { planned: (perHour + othersPerHour) / 3600, allowed: requestsPerSecond },
        1,
      ),
    };
  });
  return costs.filter(
    (cost, at) =>
      costs.findIndex(
        (same) => same.poolInterval === cost.poolInterval && same.workloadInterval === cost.workloadInterval,
      ) === at,
  );
}

/** As far as can be seen from outside: by content the operator knows better. */
function sharesBudget(one: ModelArtsProject, other: ModelArtsProject): boolean {
  return (
    one.metadata.namespace === other.metadata.namespace &&
    one.spec.endpoint === other.spec.endpoint &&
    one.spec.credentials.secretRef.name === other.spec.credentials.secretRef.name
  );
}

function wantedIntervals({ spec }: ModelArtsProject): Intervals {
  const { poolIntervalMs, workloadIntervalMs } = settingsOf(withDefaults(spec));
  return { poolMs: poolIntervalMs, workloadMs: workloadIntervalMs };
}

/** Those in use, as the operator says them; the wanted ones before it has. */
function effectiveIntervals(project: ModelArtsProject): Intervals {
  const wanted = wantedIntervals(project);
  const { poolInterval, workloadInterval } = project.status?.effective ?? {};
  return {
    poolMs: parsed(poolInterval) ?? wanted.poolMs,
    workloadMs: parsed(workloadInterval) ?? wanted.workloadMs,
  };
}

const parsed = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

const titleOf = ({ metadata }: ModelArtsProject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const endpointColumns: readonly Column<EndpointRate>[] = [
  { header: 'ENDPOINT', cell: ({ endpoint }) => endpoint },
  { header: 'REQUESTS/HOUR', cell: ({ perHour }) => perHour },
];

function cadenceColumns({ budget }: BudgetReport): readonly Column<CadenceCost>[] {
  const share = (perHour: number): number =>
    Math.round((100 * (perHour + budget.othersPerHour)) / budget.perHour);
  return [
    { header: 'POOLS EVERY', cell: ({ poolInterval }) => poolInterval },
    { header: 'JOBS EVERY', cell: ({ workloadInterval }) => workloadInterval },
    { header: 'REQUESTS/HOUR', cell: ({ perHour }) => perHour },
    { header: 'OF THE BUDGET', cell: ({ perHour }) => `${share(perHour)} %` },
    {
      header: 'FITS',
      cell: ({ stretchedBy }) =>
        stretchedBy === 1
          ? { text: 'yes', tone: 'good' }
          : { text: `no: the operator would wait ${stretchedBy} times as long`, tone: 'bad' },
    },
  ];
}

export function budgetLines(reports: readonly BudgetReport[], paint: Paint): string[] {
  if (reports.length === 0) return ['There is no ModelArtsProject here.'];
  return reports.flatMap((report, at) => [...(at === 0 ? [] : ['']), ...projectLines(report, paint)]);
}

function projectLines(report: BudgetReport, paint: Paint): string[] {
  const { budget, intervals } = report;
  const head = fieldLines(
    [
      ['Project', { text: `${report.namespace}/${report.name}`, tone: 'strong' }],
      ['Pools', report.pools],
      [
        'Intervals',
        `pools ${intervals.pool}, jobs ${intervals.workload}${intervals.stretched ? ', lengthened to fit the budget' : ''}`,
      ],
      [
        'Requests',
        report.suspended ? 'none: suspended' : `about ${report.perHour} an hour while nothing changes`,
      ],
      [
        'Budget',
        `${budget.requestsPerSecond} a second, ${budget.perHour} an hour; up to four fifths are planned`,
      ],
      [
        'Shared with',
        budget.sharedWith.length === 0
          ? undefined
          : `${budget.sharedWith.join(', ')}: about ${budget.othersPerHour} an hour`,
      ],
    ],
    paint,
  );
  if (report.suspended) return head;
  return [
    ...head,
    '',
    ...tableLines(endpointColumns, report.endpoints, { paint }),
    '',
    paint('Cadences (spec.polling)', 'strong'),
    ...tableLines(cadenceColumns(report), report.cadences, { paint }),
    '',
    paint(
      harmless('An estimate from what is mirrored: changes, first reads and retries come on top.'),
      'dim',
    ),
  ];
}
