import type { FullDialect } from './dialect.ts';
import { mergePatch } from './merge-patch.ts';
import type { SimJob, SimPool } from './model.ts';
import { cpuQuantity, memoryQuantity, present, spell, type Json } from './wire-text.ts';

const gvks: Readonly<Record<SimJob['type'], string>> = {
  train: 'batch.volcano.sh/v1alpha1, Kind=Job',
  infer: 'apps/v1, Kind=Deployment',
  'x-infer': 'apps/v1, Kind=Deployment',
  notebook: 'v1, Kind=Pod',
};
const families: Readonly<Record<string, string>> = {
  'huawei.com/ascend-1980': 'huawei.com/ascend-snt9',
  'huawei.com/ascend-310': 'huawei.com/ascend-snt3',
};

/**
 * Reference section 2.3: one Workload. `resourceRequirement` is what the whole job asks for, over all its nodes.
 * `position` is its place in the pool's queue, 0 when it does not wait.
 */
export function workloadBody(
  pool: SimPool,
  job: SimJob,
  position: number,
  now: number,
  dialect: FullDialect,
): Json {
  const placed = job.status !== 'Queue' && job.status !== 'Pending';
  const running = job.startedAt === 0 ? 0 : (job.endedAt === 0 ? now : job.endedAt) - job.startedAt;
  const pending = (job.startedAt || job.endedAt || now) - job.createdAt;
  const body = present({
    apiVersion: 'v1',
    kind: 'Workload',
    type: spell(job.type, dialect),
    namespace: pool.id,
    name: job.objectName,
    jobName: job.jobName,
    uid: dialect.identity === 'full' ? job.uid : undefined,
    jobUUID: dialect.identity === 'nameOnly' ? undefined : job.jobUUID,
    flavor: job.flavor === '' ? undefined : job.flavor,
    status: spell(job.status, dialect),
    resourceRequirement: requirement(job, job.nodeCount, dialect),
    priority: dialect.priority === 'text' ? String(job.priority) : job.priority,
    runningDuration: seconds(running, dialect),
    pendingDuration: seconds(pending, dialect),
    pendingPosition: dialect.pendingPosition === 'unknown' ? -1 : position,
    createTime: creation(job.createdAt, dialect),
    gvk: gvks[job.type],
    hostIps: hosts(placed ? job.hosts.map((node) => node.ip) : [], dialect),
    nodes: placed ? nodesOf(job, dialect) : undefined,
    isDeleted: dialect.isDeleted === 'missing' ? undefined : dialect.isDeleted === 'text' ? 'false' : false,
    userName: dialect.unknownFields ? job.user : undefined,
    futureField: dialect.unknownFields ? [] : undefined,
  });
  return mergePatch(body, job.wire ?? {}) as Json;
}

function seconds(ms: number, dialect: FullDialect): number | undefined {
  return ms === 0 && dialect.zeroDurations === 'missing' ? undefined : Math.floor(ms / 1000);
}

function creation(ms: number, dialect: FullDialect): number | string {
  if (dialect.createTime === 'seconds') return Math.floor(ms / 1000);
  return dialect.createTime === 'text' ? String(ms) : ms;
}

function hosts(ips: readonly string[], dialect: FullDialect): unknown {
  switch (dialect.hostIps) {
    case 'text':
      return ips.join(',');
    case 'spaced':
      return ips.map((ip) => ` ${ip} `).join(',');
    case 'array':
      return ips;
    case 'missing':
      return ips.length === 0 ? undefined : ips.join(',');
  }
}

function nodesOf(job: SimJob, dialect: FullDialect): unknown {
  if (dialect.nodes === 'missing' || job.hosts.length === 0) return undefined;
  const used = '1'.repeat(Math.min(16, job.need.cards)).padStart(16, '0');
  const nodes = job.hosts.map((node) => ({
    hostIp: node.ip,
    npuTopologyPlacement: used,
    resourceRequirement: requirement(job, 1, dialect),
  }));
  return dialect.nodes === 'array' ? nodes : nodes[0];
}

function requirement(job: SimJob, nodes: number, dialect: FullDialect): unknown {
  if (dialect.resourceRequirement === 'missing') return undefined;
  const { need } = job;
  const cards = nodes * need.cards;
  const amount = dialect.amounts === 'number' ? cards : String(cards);
  const map: Json = {
    cpu: cpu(nodes * need.cpuMilli, dialect),
    memory: memory(nodes * need.memoryMi, dialect),
  };
  if (cards > 0) {
    const family = families[need.card];
    if (family === undefined || dialect.cardNames !== 'families') map[need.card] = amount;
    if (family !== undefined && dialect.cardNames !== 'numbers') map[family] = amount;
  }
  if (dialect.resourceRequirement === 'object') return map;
  return Object.entries(map).map(([key, value]) => ({ [key]: value }));
}

function cpu(milli: number, dialect: FullDialect): unknown {
  if (dialect.amounts === 'human') return `${milli / 1000} Cores`;
  return dialect.amounts === 'number' ? milli / 1000 : cpuQuantity(milli);
}

function memory(mi: number, dialect: FullDialect): unknown {
  if (dialect.amounts === 'human') return `${Math.round((mi / 1024) * 100) / 100} GiB`;
  return dialect.amounts === 'number' ? mi * 2 ** 20 : memoryQuantity(mi);
}

/** Reference section 3: workload statistics of one pool. */
export function statisticsBody(pool: SimPool, dialect: FullDialect): Json {
  const count = (n: number): number | string => (dialect.counts === 'text' ? String(n) : n);
  const items = [...pool.jobs.statistics()].flatMap(([type, counts]) => {
    const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
    if (total === 0) return [];
    const status = Object.fromEntries([...counts].map(([word, n]) => [spell(word, dialect), count(n)]));
    return [{ type: spell(type, dialect), total, status }];
  });
  const totals = { jobs: pool.jobs.size, lists: items.length, missing: undefined };
  const statistics = present({ total: totals[dialect.statisticsTotal], items });
  switch (dialect.statisticsKey) {
    case 'both':
      return { statics: { total: 0, items: [] }, statistics };
    default:
      return { [dialect.statisticsKey]: statistics };
  }
}
