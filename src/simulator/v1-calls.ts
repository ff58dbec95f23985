import { ApiFailure, badRequest, classicFailure, workspaceClosed } from './api-failure.ts';
import { defaultWorkspace } from './build.ts';
import { dialectOf, modernPools, type Call, type Route } from './call.ts';
import type { SimJob, SimPool } from './model.ts';
import { cursorPage, integer } from './paging.ts';
import { eventBody, flavorBody, flavorNames, networkBody, workspaceBody } from './wire-inventory.ts';
import type { Json } from './wire-text.ts';
import { resourceSpecsBody, versionBody, versionDuration, versionStatus } from './wire-v1.ts';

interface Version {
  readonly pool: SimPool;
  readonly job: SimJob;
}

const versionOrder: Readonly<Record<string, (a: SimJob, b: SimJob, now: number) => number>> = {
  create_time: (a, b) => a.createdAt - b.createdAt || a.versionID - b.versionID,
  // Descriptions are all empty here, so that sorting by them leaves the order of creation.
  job_desc: (a, b) => a.createdAt - b.createdAt || a.versionID - b.versionID,
  status: (a, b) =>
    (versionStatus[a.status] ?? 0) - (versionStatus[b.status] ?? 0) || a.versionID - b.versionID,
  duration: (a, b, now) => versionDuration(a, now) - versionDuration(b, now) || a.versionID - b.versionID,
  job_name: (a, b) => a.jobName.localeCompare(b.jobName, 'en') || a.versionID - b.versionID,
};

function classicInteger(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  if (!/^\d{1,9}$/.test(text)) throw classicFailure(`invalid ${name}`);
  return Number(text);
}

/** Reference section 4: training jobs in pools of the old generation. */
function listVersions(call: Call): Json {
  const { project, query, now } = call;
  const dialect = dialectOf(call);
  const compare = versionOrder[query.get('sort_by') ?? 'create_time'];
  const order = query.get('order') ?? 'desc';
  if (compare === undefined) throw classicFailure('invalid sort_by');
  if (order !== 'asc' && order !== 'desc') throw classicFailure('invalid order');
  const workspace = query.get('workspace_id') ?? defaultWorkspace;
  const poolID = query.get('pool_id');
  const status = query.get('status');
  const versions = [...project.pools.values()]
    .filter((pool) => pool.legacy && pool.workspace === workspace && (poolID === null || pool.id === poolID))
    .flatMap((pool): Version[] => pool.jobs.list().map((job) => ({ pool, job })))
    .filter(({ job }) => job.type === 'train')
    .filter(({ job }) => status === null || String(versionStatus[job.status] ?? 0) === status)
    .sort((a, b) => compare(a.job, b.job, now) * (order === 'asc' ? 1 : -1));
  const offset = classicInteger(query, 'offset', 0);
  const limit = classicInteger(query, 'limit', 20);
  // Unlike elsewhere, 0 means all.
  const page = versions.slice(offset, limit === 0 ? undefined : offset + limit);
  return {
    versions: page.map(({ pool, job }) => versionBody(pool, job, now, dialect)),
    offset,
    limit,
    total_count: versions.length,
    is_success: true,
  };
}

function listEvents({ project, query }: Call): Json {
  if (query.get('resource') !== 'pools') throw badRequest('resource must be pools.');
  const name = query.get('name') ?? '';
  const pool = project.pools.get(name);
  if (pool === undefined) throw badRequest(`name ${name} is no pool.`);
  const type = query.get('type');
  const events = pool.events.filter((event) => type === null || event.type === type);
  const ordered = query.get('ascend')?.toLowerCase() === 'true' ? events : events.toReversed();
  const { metadata, page } = cursorPage(ordered.slice(integer(query, 'offset', 0, 1e9)), query);
  return { kind: 'EventList', apiVersion: 'v1', metadata, items: page.map(eventBody) };
}

function networksOf({ project, query }: Call): string[] {
  const workspace = query.get('workspaceId');
  if (workspace !== null && project.workspaces.get(workspace)?.closed === true)
    throw workspaceClosed(workspace);
  const pools = modernPools(project).filter((pool) => workspace === null || pool.workspace === workspace);
  return [...new Set(pools.map((pool) => pool.network))];
}

/** Reference section 6.8: `offset` counts pages here. */
function listWorkspaces({ project, query }: Call): Json {
  const limit = integer(query, 'limit', 1000, 1000) || 1000;
  const start = integer(query, 'offset', 0, 1e6) * limit;
  const name = query.get('name');
  const accessible = query.get('filter_accessible') === 'true';
  const all = [...project.workspaces.values()]
    .filter((workspace) => name === null || (workspace.name ?? workspace.id).includes(name))
    .filter((workspace) => !accessible || workspace.closed !== true)
    .map((workspace) => workspaceBody(project, workspace.id));
  const workspaces = all.slice(start, start + limit);
  return { total_count: all.length, count: workspaces.length, workspaces };
}

/** Reference sections 4, 5, 6.7 to 6.11. */
export const v1Calls: readonly Route[] = [
  {
    name: 'ListTrainingJobVersions',
    pattern: '/v1/{project}/training-jobs/versions',
    offered: (project) => project.features.trainingJobVersions,
    answer: listVersions,
  },
  {
    name: 'ListResourceSpecs',
    pattern: '/v1/{project}/job/resource-specs',
    offered: (project) => project.features.resourceSpecs,
    answer(call) {
      const jobType = call.query.get('job_type');
      if (jobType !== null && jobType !== 'train' && jobType !== 'inference')
        throw classicFailure('invalid job type');
      return resourceSpecsBody(call.project, jobType, dialectOf(call));
    },
  },
  {
    name: 'ListNetworks',
    pattern: '/v1/{project}/networks',
    answer(call) {
      const { metadata, page } = cursorPage(networksOf(call), call.query);
      const items = page.map((name) => networkBody(name, call.project));
      return { kind: 'NetworkList', apiVersion: 'v1', metadata, items };
    },
  },
  {
    name: 'ShowNetwork',
    pattern: '/v1/{project}/networks/{network}',
    answer(call) {
      const name = networksOf(call).find((network) => network === call.params['network']);
      if (name === undefined)
        throw new ApiFailure('modelarts', 404, 'ModelArts.50025001', 'network not found');
      return networkBody(name, call.project);
    },
  },
  {
    name: 'ListWorkspaces',
    pattern: '/v1/{project}/workspaces',
    offered: (project) => project.features.workspaces,
    answer: listWorkspaces,
  },
  {
    name: 'ListResourceFlavors',
    pattern: '/v1/{project}/resourceflavors',
    answer({ project, query }) {
      const { metadata, page } = cursorPage(flavorNames, query);
      const items = page.map((name) => flavorBody(name, project));
      return { kind: 'ResourceFlavorList', apiVersion: 'v1', metadata, items };
    },
  },
  { name: 'ListEvents', pattern: '/v1/{project}/events', answer: listEvents },
  {
    name: 'ListScheduledEvents',
    pattern: '/v1/{project}/scheduled-events',
    answer: () => ({ events: [], count: 0 }),
  },
];
