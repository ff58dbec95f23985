/**
 * What a project asks of ModelArts while nothing changes there, by endpoint: the formula of docs/performance.md over what
 * the mirrors say. An estimate: changes, walks and retries come on top. Pure.
 */
import { activeStatuses, terminalStatuses } from '../../api/facts.ts';
import type { ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { withDefaults, type ResolvedProjectSpec } from '../../api/kinds/project-defaults.ts';
import { settingsOf } from '../../controller/settings.ts';
import { operations, type Operation } from '../../modelarts/endpoints.ts';

const hourMs = 3_600_000;
const pageSize = 500;
const flavorIntervalMs = 600_000;
/** A turn comes up to a tenth of its interval late: a twentieth on average. */
const late = 1.05;

export interface Intervals {
  readonly poolMs: number;
  readonly workloadMs: number;
}

/** Requests an hour. */
export interface EndpointRate {
  readonly endpoint: Operation;
  readonly perHour: number;
}

type StatusCounts = Readonly<Record<string, number>>;

export interface RateInput {
  readonly project: ModelArtsProject;
  /** The pools of the project. */
  readonly pools: readonly ModelArtsPool[];
}

/** Endpoints that nothing is asked of are left out. */
export function requestRates(
  { project, pools }: RateInput,
  { poolMs, workloadMs }: Intervals,
): EndpointRate[] {
  const spec = withDefaults(project.spec);
  const { maxStalenessMs, versionIntervalMs, resourceSpecIntervalMs } = settingsOf(spec);
  const features = project.status?.apiFeatures ?? {};
  const isAsked = (feature: string): boolean => features[feature] !== 'Absent';
  const each = (intervalMs: number, requests = 1): number => (requests * hourMs) / (intervalMs * late);
  const workspaces = workspaceCount(spec, pools);
  const asksWorkspaces = spec.discovery.workspaces.includes('*');
  const versions = spec.trainingJobVersions.mode !== 'Disabled' && spec.workloads.mode !== 'None';
  const counts = pools.map(({ status }) => status?.workloads?.byStatus ?? {});
  const rates: Record<Operation, number> = {
    [operations.listWorkspaces]: asksWorkspaces ? each(poolMs) : 0,
    [operations.listPools]: each(poolMs, workspaces),
    [operations.getPool]: each(features['poolList'] === 'Partial' ? poolMs : maxStalenessMs, pools.length),
    [operations.getRuntimeMetrics]: isAsked('runtimeMetrics') ? each(poolMs) : 0,
    [operations.getStatistics]: each(workloadMs, pools.length),
    [operations.listWorkloads]: sum(
      counts.map((byStatus) => {
        const often = turnLists(spec, byStatus);
        return each(workloadMs, often) + each(maxStalenessMs, thoroughLists(spec, byStatus) - often);
      }),
    ),
    [operations.listTrainingJobVersions]:
      versions && isAsked('trainingJobVersions') ? each(versionIntervalMs, workspaces) : 0,
    [operations.listResourceSpecs]:
      spec.resourceSpecs.mode !== 'Disabled' && isAsked('resourceSpecs')
        ? each(resourceSpecIntervalMs, spec.resourceSpecs.jobTypes.length)
        : 0,
    // Asked for where there are no metrics to know the capacity from.
    [operations.listResourceFlavors]:
      !isAsked('runtimeMetrics') && isAsked('resourceFlavors') ? each(flavorIntervalMs) : 0,
    [operations.createToken]: 0,
  };
  return Object.values(operations)
    .map((endpoint) => ({ endpoint, perHour: project.spec.suspend === true ? 0 : rates[endpoint] }))
    .filter(({ perHour }) => perHour > 0);
}

export function totalOf(rates: readonly EndpointRate[]): number {
  return sum(rates.map(({ perHour }) => perHour));
}

/** Of `*`, those that pools are seen in, and the default one. */
function workspaceCount({ discovery }: ResolvedProjectSpec, pools: readonly ModelArtsPool[]): number {
  if (!discovery.workspaces.includes('*')) return discovery.workspaces.length;
  return new Set(['0', ...pools.map(({ status }) => status?.workspaceID ?? '0')]).size;
}

/** Pages that each turn reads: of every active status that has jobs. */
function turnLists({ workloads }: ResolvedProjectSpec, byStatus: StatusCounts): number {
  if (workloads.mode === 'None') return 0;
  return sum(activeStatuses.map((status) => Math.ceil((byStatus[status] ?? 0) / pageSize)));
}

/** Pages of a turn that reads everything: a page of what has none too, and what has ended down to the history. */
function thoroughLists({ workloads }: ResolvedProjectSpec, byStatus: StatusCounts): number {
  if (workloads.mode === 'None') return 0;
  const pages = (status: string, most = Number.POSITIVE_INFINITY): number =>
    Math.max(1, Math.ceil(Math.min(most, byStatus[status] ?? 0) / pageSize));
  const ended = workloads.mode === 'All' ? terminalStatuses : [];
  return (
    sum(activeStatuses.map((status) => pages(status))) +
    sum(ended.map((status) => pages(status, workloads.history.maxPerPool)))
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
