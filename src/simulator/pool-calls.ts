import { ApiFailure, badRequest, poolDetailNotFound, workspaceClosed } from './api-failure.ts';
import { defaultWorkspace } from './build.ts';
import { dialectOf, modernPools, poolOf, type Call, type Route } from './call.ts';
import { labelSelector } from './label-selector.ts';
import type { SimPool } from './model.ts';
import { cursorPage } from './paging.ts';
import { metricsBody, nodeBody } from './wire-inventory.ts';
import { poolBody, poolListBody, resourcesOf } from './wire-pool.ts';
import { itemsOf, present } from './wire-text.ts';

const failedPhases: ReadonlySet<string> = new Set(['CreationFailed', 'Error']);

function statusWord(pool: SimPool): 'creating' | 'failed' | 'created' {
  if (pool.phase === 'Creating') return 'creating';
  return failedPhases.has(pool.phase) ? 'failed' : 'created';
}

/** Without `workspaceId` only the default workspace is shown. */
function poolsOfWorkspace({ project, query }: Call): SimPool[] {
  const id = query.get('workspaceId') ?? defaultWorkspace;
  const workspace = project.workspaces.get(id);
  if (workspace === undefined) {
    throw new ApiFailure('modelarts', 400, 'ModelArts.7005', `The workspace ${id} does not exist.`);
  }
  if (workspace.closed === true) throw workspaceClosed(id);
  return modernPools(project).filter((pool) => pool.workspace === id);
}

/** Reference sections 1 and 6.1 to 6.6. */
export const poolCalls: readonly Route[] = [
  {
    name: 'ListPools',
    pattern: '/v2/{project}/pools',
    answer(call) {
      const status = call.query.get('status');
      if (status !== null && !/^(created|failed|creating)$/.test(status)) {
        throw badRequest('status must be created, failed or creating.');
      }
      const selects = labelSelector(call.query.get('labelSelector') ?? '');
      const parent = call.query.get('parent');
      const pools = poolsOfWorkspace(call)
        .filter((pool) => status === null || statusWord(pool) === status)
        .filter((pool) => parent === null || pool.parent === parent)
        .filter((pool) =>
          selects({
            'os.modelarts/name': pool.displayName,
            'os.modelarts/workspace.id': pool.workspace,
            ...pool.labels,
          }),
        )
        .map((pool) => poolBody(pool, dialectOf(call, pool)));
      return poolListBody(pools, dialectOf(call));
    },
  },
  {
    name: 'ShowPool',
    pattern: '/v2/{project}/pools/{pool}',
    answer(call) {
      const pool = poolOf(call, poolDetailNotFound);
      return poolBody(pool, dialectOf(call, pool));
    },
  },
  {
    name: 'ShowPoolStatistics',
    pattern: '/v2/{project}/statistics/pools',
    answer(call) {
      const status = { creating: 0, created: 0, failed: 0, pending: 0 };
      for (const pool of poolsOfWorkspace(call)) status[statusWord(pool)] += 1;
      const time = new Date(call.now).toISOString();
      return {
        statistics: { status },
        operationTime: `${time.slice(0, 10)} ${time.slice(11, 23)}000000 +0000 UTC`,
      };
    },
  },
  {
    name: 'ShowRuntimeMetrics',
    pattern: '/v2/{project}/metrics/runtime/pools',
    answer: ({ project, now }) => ({
      apiVersion: 'v2',
      kind: 'PoolMetricsList',
      items: modernPools(project).map((pool) => metricsBody(pool, now)),
    }),
  },
  {
    name: 'ListNodes',
    pattern: '/v2/{project}/pools/{pool}/nodes',
    answer(call) {
      const { metadata, page } = cursorPage(poolOf(call).nodes, call.query);
      return {
        kind: 'NodeList',
        apiVersion: 'v2',
        metadata,
        ...itemsOf(page.map(nodeBody), dialectOf(call)),
      };
    },
  },
  {
    name: 'ListNodePools',
    pattern: '/v2/{project}/pools/{pool}/nodepools',
    answer(call) {
      const pool = poolOf(call);
      const dialect = dialectOf(call, pool);
      const items = pool.resources
        .filter((row) => row.nodePool !== undefined)
        .map((row) => ({
          metadata: { name: row.nodePool },
          spec: { resources: present({ flavor: row.flavor, count: row.count, maxCount: row.maxCount }) },
          status: present({
            resources: resourcesOf(
              { nodes: pool.nodes.filter((node) => node.nodePool === row.nodePool) },
              dialect,
            ),
          }),
        }));
      return { kind: 'NodePoolList', apiVersion: 'v2', ...itemsOf(items, dialect) };
    },
  },
];
