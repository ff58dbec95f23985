import type { PoolFacts } from '../../src/api/facts.ts';
import type { ModelArtsPool } from '../../src/api/kinds/modelarts-pool.ts';
import type { ModelArtsWorkload } from '../../src/api/kinds/modelarts-workload.ts';
import { isTerminal } from '../../src/controller/workload-observations.ts';
import { walkWorkloads, type WalkedRow } from '../../src/controller/walk.ts';
import { sumAllocated } from '../../src/mirror/allocated.ts';
import { poolCapacity } from '../../src/mirror/capacity.ts';
import { canonicalJSON } from '../../src/mirror/digest.ts';
import { poolValues, type PoolValues } from '../../src/mirror/pool-values.ts';
import { workloadRecord } from '../../src/mirror/records.ts';
import { workloadStatus } from '../../src/mirror/workload-status.ts';
import type { ModelArtsReader } from '../../src/api/upstream.ts';
import { ModelArtsClients } from '../../src/modelarts/client.ts';
import { demoProjectID, demoToken } from '../../src/simulator/scenarios/demo.ts';
import type { Stage } from './stage.ts';

interface FreshRead {
  readonly pools: ReadonlyMap<string, { readonly facts: PoolFacts; readonly values: PoolValues }>;
  readonly rows: ReadonlyMap<string, WalkedRow>;
}

/** Everything in the default workspace, read by detail calls and full walks: none of the operator's shortcuts. */
export async function readAll(reader: ModelArtsReader): Promise<FreshRead> {
  const { signal } = new AbortController();
  const pools = new Map<string, { facts: PoolFacts; values: PoolValues }>();
  const rows = new Map<string, WalkedRow>();
  const list = await reader.listPools({ workspaceID: '0' }, signal);
  const metrics = (await reader.getRuntimeMetrics(signal)).value.items;
  for (const { id } of list.value.items) {
    const facts = (await reader.getPool(id, signal)).value;
    const statistics = (await reader.getStatistics(id, signal)).value;
    const walk = await walkWorkloads(reader, id, { query: { order: 'oldestFirst' } }, signal);
    if (!walk.complete) throw new Error(`the rows of ${id} changed while they were read`);
    for (const [uid, row] of walk.rows) rows.set(uid, row);
    const held = sumAllocated([...walk.rows.values()].map((row) => row.facts));
    const capacity = poolCapacity({
      source: { is: 'metrics', ...metrics.find((row) => row.id === id) },
      pool: facts,
      shared: list.value.items.some(({ parent }) => parent === id),
      ...(held && { held }),
    });
    pools.set(id, { facts, values: poolValues(facts, { statistics, ...capacity }, new Set()) });
  }
  return { pools, rows };
}

async function freshRead({ runtime, simulator }: Stage): Promise<FreshRead> {
  const clients = new ModelArtsClients({ runtime, endpoints: { allowLocal: true } });
  const reader = clients.open({
    endpoint: simulator.url,
    projectID: demoProjectID,
    credentials: { type: 'token', token: demoToken },
    rateLimit: { requestsPerSecond: 1000, burst: 1000 },
  });
  try {
    return await readAll(reader);
  } finally {
    await reader.close();
  }
}

/** How the mirrors of the stage differ from what ModelArts says now; empty when they are faithful. */
export async function unfaithful(
  stage: Stage,
  what: 'all' | 'poolsAndActive' = 'all',
): Promise<readonly string[]> {
  return differences(
    await freshRead(stage),
    { pools: await stage.cluster.pools.all(), workloads: await stage.cluster.workloads.all() },
    what,
  );
}

/** How mirrors differ from what was read. */
export function differences(
  { pools, rows }: FreshRead,
  mirrors: { readonly pools: readonly ModelArtsPool[]; readonly workloads: readonly ModelArtsWorkload[] },
  what: 'all' | 'poolsAndActive' = 'all',
): readonly string[] {
  const differences = missing(
    'pool',
    pools.keys(),
    mirrors.pools.map(({ spec }) => spec.poolName),
  );
  for (const mirror of mirrors.pools) {
    const read = pools.get(mirror.spec.poolName);
    if (read && what === 'all') differences.push(...differ(mirror, shown(mirror), read.values));
    // What is counted moves with the history, and that may be a little older; what there is comes from another call.
    if (read && what !== 'all')
      differences.push(...differ(mirror, uncounted(shown(mirror)), uncounted(read.values)));
  }
  const wanted = [...rows].filter(([, row]) => what === 'all' || !isTerminal(row)).map(([uid]) => uid);
  // Training-job versions come from another call, and have tests of their own.
  const mirrored = mirrors.workloads.filter(
    ({ spec, status }) =>
      spec.source === 'Workload' &&
      (what === 'all' || !['Completed', 'Terminated', 'Failed'].includes(status?.phase ?? 'Failed')),
  );
  differences.push(
    ...missing(
      'workload',
      wanted,
      mirrored.map(({ spec }) => spec.uid),
    ),
  );
  for (const mirror of mirrored) {
    const row = rows.get(mirror.spec.uid);
    if (row) differences.push(...differ(mirror, mirror.status, statusOf(mirror, row)));
  }
  return differences;
}

/** What a pass would write for this row now: equal to what stands there when nothing is left to do. */
function statusOf(mirror: ModelArtsWorkload, { facts, readAt }: WalkedRow): unknown {
  return workloadStatus(workloadRecord(mirror), { facts, readAt, queuePosition: 'Banded' });
}

function shown({ status = {} }: ModelArtsPool): PoolValues {
  const { conditions: _c, observedGeneration: _o, lastHandledReconcileAt: _l, ...values } = status;
  return values;
}

function uncounted({ workloads: _w, capacity: _c, free: _f, ...rest }: PoolValues): PoolValues {
  return rest;
}

function missing(what: string, wanted: Iterable<string>, mirrored: readonly string[]): string[] {
  const all = new Set(wanted);
  const have = new Set(mirrored);
  return [
    ...[...all].filter((id) => !have.has(id)).map((id) => `${what} ${id} has no mirror`),
    ...[...have].filter((id) => !all.has(id)).map((id) => `${what} ${id} is mirrored and is not there`),
    ...(have.size === mirrored.length ? [] : [`a ${what} is mirrored twice`]),
  ];
}

function differ(mirror: ModelArtsPool | ModelArtsWorkload, actual: unknown, expected: unknown): string[] {
  const [is, ought] = [canonicalJSON(actual), canonicalJSON(expected)];
  return is === ought ? [] : [`${mirror.kind} ${mirror.metadata.name} is\n${is}\nand ought to be\n${ought}`];
}
