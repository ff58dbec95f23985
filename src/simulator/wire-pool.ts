import type { FullDialect } from './dialect.ts';
import { mergePatch } from './merge-patch.ts';
import type { SimNode, SimPool } from './model.ts';
import { itemsOf, present, rfc3339, spell, type Json } from './wire-text.ts';

/** Reference section 1: one Pool. */
export function poolBody(pool: SimPool, dialect: FullDialect): Json {
  const labels = labelsOf(pool, dialect);
  const body = {
    kind: 'Pool',
    apiVersion: 'v2',
    metadata: present({
      name: pool.id,
      creationTimestamp: timestamp(pool.createdAt, dialect),
      labels: labels === undefined ? undefined : typed(labels, dialect),
      annotations: labels === undefined ? undefined : typed(annotationsOf(pool), dialect),
    }),
    spec: specOf(pool, dialect),
    status: statusOf(pool, dialect),
    ...(dialect.unknownFields ? { futureField: { nested: [1, 'two', null] } } : {}),
  };
  return mergePatch(body, pool.wire ?? {}) as Json;
}

export function poolListBody(pools: readonly Json[], dialect: FullDialect): Json {
  return { kind: 'PoolList', apiVersion: 'v2', ...itemsOf(pools, dialect) };
}

function labelsOf(pool: SimPool, dialect: FullDialect): Record<string, string> | undefined {
  if (dialect.labels === 'missing') return undefined;
  const base = { 'os.modelarts/name': pool.displayName };
  if (dialect.labels === 'minimal') return base;
  return {
    ...base,
    'os.modelarts/workspace.id': pool.workspace,
    'os.modelarts/resource.id': `maos-${pool.id.slice(-12)}`,
    ...pool.labels,
  };
}

function annotationsOf(pool: SimPool): Record<string, string> {
  const subscription = {
    'os.modelarts/period.num': '2',
    'os.modelarts/period.type': '2',
    'os.modelarts/auto.renew': '1',
    'os.modelarts/order.id': `CS${pool.id.slice(-10).toUpperCase()}`,
  };
  return {
    'os.modelarts/description': pool.description,
    'os.modelarts/billing.mode': pool.billing === 'subscription' ? '1' : '0',
    ...(pool.billing === 'subscription' ? subscription : {}),
    ...pool.annotations,
  };
}

/** Values that look like a number or a boolean, sent as one. */
function typed(values: Record<string, string>, dialect: FullDialect): Json {
  if (dialect.labelValues === 'text') return values;
  const looks = (value: string): unknown =>
    /^\d{1,9}$/.test(value) ? Number(value) : value === 'true' ? true : value === 'false' ? false : value;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, looks(value)]));
}

function timestamp(ms: number, dialect: FullDialect): string {
  switch (dialect.timestamps) {
    case 'seconds':
      return rfc3339(ms);
    case 'fraction':
      return rfc3339(ms).replace('Z', '.123456Z');
    case 'offset':
      return rfc3339(ms + 2 * 3_600_000).replace('Z', '+02:00');
    case 'empty':
      return '';
  }
}

function specOf(pool: SimPool, dialect: FullDialect): Json {
  const { gpu, npu } = pool.drivers;
  return present({
    type: pool.type,
    scope: pool.scopes.map((scope) => spell(scope.scopeType, dialect)),
    resources: pool.resources.map((row) =>
      present({
        flavor: row.flavor,
        count: row.count,
        maxCount: row.maxCount,
        azs: row.azs === undefined ? undefined : zones(row.azs),
        nodePool: row.nodePool,
      }),
    ),
    network: pool.type === 'Logical' ? undefined : { name: pool.network },
    jobFlavors: pool.jobFlavors.length === 0 ? undefined : pool.jobFlavors,
    driver:
      gpu === undefined && npu === undefined
        ? undefined
        : present({
            gpuVersion: gpu?.desired,
            npuVersion: npu?.desired,
            updateStrategy: pool.updateStrategy,
          }),
    controlMode:
      dialect.controlMode === 'missing'
        ? undefined
        : dialect.controlMode === 'text'
          ? String(pool.controlMode)
          : pool.controlMode,
    ...(dialect.unknownFields
      ? { containerNetwork: { mode: 'eni' }, containernetwork: { mode: 'eni' }, clusters: {}, masters: [] }
      : {}),
  });
}

function statusOf(pool: SimPool, dialect: FullDialect): Json {
  const { gpu, npu } = pool.drivers;
  const driver = (d: typeof gpu): Json | undefined =>
    d === undefined ? undefined : { version: d.version, state: spell(d.state, dialect) };
  const resources = resourcesOf(pool, dialect);
  return present({
    phase: spell(pool.phase, dialect),
    message: pool.message,
    resources,
    scope: pool.scopes.map((scope) => ({
      scopeType: spell(scope.scopeType, dialect),
      state: spell(scope.state, dialect),
      ...(dialect.scopeDetails === 'full'
        ? { message: '', plugins: [{ name: 'volcano', phase: spell('Running', dialect) }] }
        : {}),
    })),
    driver:
      gpu === undefined && npu === undefined ? undefined : present({ gpu: driver(gpu), npu: driver(npu) }),
    parent: pool.parent,
    root: pool.parent === '' ? pool.id : pool.parent,
  });
}

/** `status.resources` alone: node pools show it too. */
export function resourcesOf(pool: Pick<SimPool, 'nodes'>, dialect: FullDialect): Json | null | undefined {
  if (dialect.poolResources === 'missing') return undefined;
  if (dialect.poolResources === 'null') return null;
  const result: Json = {};
  for (const state of ['Creating', 'Available', 'Abnormal', 'Deleting'] as const) {
    const rows = rowsOf(
      pool.nodes.filter((node) => node.phase === state),
      dialect,
    );
    const key = state.toLowerCase();
    if (rows.length === 0) {
      if (dialect.emptyState !== 'missing') result[key] = dialect.emptyState === 'null' ? null : [];
    } else result[key] = dialect.poolResources === 'object' && rows.length === 1 ? rows[0] : rows;
  }
  return result;
}

function rowsOf(nodes: readonly SimNode[], dialect: FullDialect): Json[] {
  const groups = Map.groupBy(nodes, (node) => JSON.stringify([node.flavor, node.nodePool]));
  return [...groups.values()].map((group) => {
    const azs: Record<string, number> = {};
    for (const node of group) azs[node.az] = (azs[node.az] ?? 0) + 1;
    return present({
      flavor: group[0]?.flavor,
      count: group.length,
      maxCount: dialect.maxCount === 'present' ? group.length : undefined,
      azs: zones(azs),
      nodePool: group[0]?.nodePool,
    });
  });
}

const zones = (azs: Readonly<Record<string, number>>): Json[] =>
  Object.entries(azs).map(([az, count]) => ({ az, count }));
