import type { ModelArtsReader } from '../../api/upstream.ts';
import { AskedCalls, call, type Call } from './asked-calls.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { Target } from './target.ts';

export interface CallsOptions {
  readonly target: Target;
  readonly reader: ModelArtsReader;
  readonly asked: AskedCalls;
}

/** Asks each call that the operator makes for a project once: what no project can do without first. */
export async function* checkCalls({ target, reader, asked }: CallsOptions): AsyncGenerator<Finding> {
  const { about, spec } = target;
  let workspaces = spec.discovery.workspaces;
  let pool: string | undefined;

  const all = workspaces.includes('*');
  const listWorkspaces = call(
    'workspaces',
    all ? 'needed' : 'optional',
    (signal) => reader.listWorkspaces(signal),
    ({ items }) => {
      if (all) workspaces = items.map(({ id }) => id);
      return `${items.length} workspaces`;
    },
  );
  if (all) {
    workspaces = [];
    yield* asked.ask([listWorkspaces]);
  }
  const lists = workspaces.map((workspaceID) =>
    call(
      'pools',
      'needed',
      (signal) => reader.listPools({ workspaceID }, signal),
      ({ items }) => {
        pool ??= items[0]?.id;
        return `${items.length} pools in workspace ${workspaceID}`;
      },
    ),
  );
  yield* asked.ask(lists);
  if (asked.hopeless) return;
  if (pool === undefined) {
    yield findingsOf('pool', about).warn(
      'there is no pool to ask for: details, statistics and workloads are not checked',
      'check discovery.workspaces (--workspaces) where there should be one',
    );
  } else {
    yield* asked.ask(callsOfPool(reader, pool));
  }
  yield* asked.ask(all ? [] : [listWorkspaces]);
  yield* asked.ask(callsThatMayLack(target, reader, workspaces[0] ?? '0'));
}

function callsOfPool(reader: ModelArtsReader, pool: string): Call[] {
  return [
    call(
      'pool',
      'needed',
      (signal) => reader.getPool(pool, signal),
      ({ id, phase }) => `${id} is ${phase ?? 'of no known phase'}`,
    ),
    call(
      'statistics',
      'needed',
      (signal) => reader.getStatistics(pool, signal),
      () => `of ${pool}`,
    ),
    call(
      'workloads',
      'needed',
      (signal) => reader.listWorkloads(pool, { offset: 0, limit: 1 }, signal),
      ({ items }) => (items.length === 0 ? `none in ${pool}` : `of ${pool}`),
    ),
  ];
}

function callsThatMayLack({ spec }: Target, reader: ModelArtsReader, workspaceID: string): Call[] {
  const { resourceSpecs, trainingJobVersions } = spec;
  const ofType = (jobType: string): Call =>
    call(
      'resource-specs',
      resourceSpecs.mode === 'Enabled' ? 'needed' : 'optional',
      (signal) => reader.listResourceSpecs(jobType, signal),
      ({ items }) => `${items.length} for jobs of type ${jobType}`,
    );
  const versions = call(
    'training-job-versions',
    trainingJobVersions.mode === 'Enabled' ? 'needed' : 'optional',
    (signal) =>
      reader.listTrainingJobVersions({ workspaceID, order: 'newestFirst', offset: 0, limit: 1 }, signal),
    ({ items }) => (items.length === 0 ? 'none' : 'at least one'),
  );
  return [
    ...(resourceSpecs.mode === 'Disabled' ? [] : resourceSpecs.jobTypes.map(ofType)),
    ...(trainingJobVersions.mode === 'Disabled' ? [] : [versions]),
    call(
      'runtime-metrics',
      'optional',
      (signal) => reader.getRuntimeMetrics(signal),
      ({ items }) => `${items.length} pools`,
    ),
    call(
      'resource-flavors',
      'optional',
      (signal) => reader.listResourceFlavors(signal),
      ({ items }) => `${items.length} flavors`,
    ),
  ];
}
