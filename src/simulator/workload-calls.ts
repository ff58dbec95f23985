import { ApiFailure, badRequest } from './api-failure.ts';
import { dialectOf, modernPools, poolOf, type Call, type Route } from './call.ts';
import type { SimJob, SimPool } from './model.ts';
import { integer } from './paging.ts';
import { itemsOf, type Json } from './wire-text.ts';
import { statisticsBody, workloadBody } from './wire-workload.ts';

const pageSize = 500;
const types: ReadonlySet<string> = new Set(['train', 'infer', 'notebook', 'x-infer']);

/** A parameter that may be repeated or joined by commas. */
const listed = (query: URLSearchParams, name: string): string[] =>
  query.getAll(name).flatMap((value) => value.split(',').filter((part) => part !== ''));

function selectJobs(pool: SimPool, query: URLSearchParams): readonly SimJob[] {
  const wanted = listed(query, 'type');
  const strange = wanted.find((type) => !types.has(type));
  if (strange !== undefined) throw badRequest(`type ${strange} is none of ${[...types].join(', ')}.`);
  const sort = query.get('sort');
  if (sort !== null && sort !== 'create_time') throw badRequest('sort must be create_time.');
  const hosts = listed(query, 'hostip');
  let jobs = pool.jobs.list(query.get('status') ?? undefined);
  if (wanted.length > 0) jobs = jobs.filter((job) => wanted.includes(job.type));
  if (hosts.length > 0) jobs = jobs.filter((job) => job.hosts.some((node) => hosts.includes(node.ip)));
  // `ascend` works only together with `sort`.
  const ascending = sort !== null && query.get('ascend')?.toLowerCase() === 'true';
  return ascending ? jobs : jobs.toReversed();
}

function listWorkloads(call: Call): Json {
  const pool = poolOf(call);
  const dialect = dialectOf(call, pool);
  const jobs = selectJobs(pool, call.query);
  const offset = integer(call.query, 'offset', 0, 2 ** 31 - 1);
  const limit = integer(call.query, 'limit', pageSize, pageSize) || pageSize;
  const page = call.query.has('hostip') ? jobs : jobs.slice(offset, offset + limit);
  const positions = new Map(pool.queue.map((job, index) => [job, index + 1]));
  const items = page.map((job) => workloadBody(pool, job, positions.get(job) ?? 0, call.now, dialect));
  return {
    apiVersion: 'v1',
    kind: 'WorkloadList',
    ...(dialect.listEnvelope === 'total' ? { metadata: {}, total: jobs.length } : {}),
    ...itemsOf(items, dialect),
  };
}

/** Reference 6.13. Queuing is a secondary phase there, and durations are milliseconds. */
function showTrainingJob({ project, params, now }: Call): Json {
  for (const pool of modernPools(project)) {
    const job = pool.jobs.list().find((j) => j.type === 'train' && j.jobUUID === params['job']);
    if (job === undefined) continue;
    const queued = job.status === 'Queue';
    return {
      kind: 'job',
      metadata: {
        id: job.jobUUID,
        name: job.jobName,
        workspace_id: pool.workspace,
        description: '',
        create_time: job.createdAt,
        user_name: job.user,
      },
      status: {
        phase: queued ? 'Pending' : job.status,
        secondary_phase: queued ? 'Queuing' : job.status,
        duration: job.startedAt === 0 ? 0 : (job.endedAt || now) - job.startedAt,
        start_time: job.startedAt,
      },
      spec: {
        resource: { policy: 'regular', flavor_id: job.flavor, node_count: job.nodeCount, pool_id: pool.id },
      },
    };
  }
  throw new ApiFailure('modelarts', 404, 'ModelArts.2775', `Training job ${params['job']} not found.`);
}

/** Reference sections 2, 3 and 6.13. */
export const workloadCalls: readonly Route[] = [
  { name: 'ListWorkloads', pattern: '/v2/{project}/pools/{pool}/workloads', answer: listWorkloads },
  {
    name: 'ShowWorkloadStatistics',
    pattern: '/v2/{project}/statistics/pools/{pool}/workloads',
    answer(call) {
      const pool = poolOf(call);
      return statisticsBody(pool, dialectOf(call, pool));
    },
  },
  { name: 'ShowTrainingJob', pattern: '/v2/{project}/training-jobs/{job}', answer: showTrainingJob },
];
