/**
 * ModelArts behind its port, in memory: answers at once, writes down what it was asked, and goes wrong on demand. For
 * tests of order and timing on a virtual clock; what goes over a socket is tried with the simulator.
 */
import { UpstreamError, type UpstreamErrorFields, type UpstreamErrorKind } from '../../src/api/errors.ts';
import type {
  CountedListFacts,
  DecodeIssue,
  PoolFacts,
  StatisticsFacts,
  WorkloadFacts,
} from '../../src/api/facts.ts';
import type {
  Answer,
  BudgetUse,
  Expirations,
  ModelArtsReader,
  VersionQuery,
  WorkloadQuery,
} from '../../src/api/upstream.ts';

export function upstreamFailure(
  kind: UpstreamErrorKind,
  fields: Partial<UpstreamErrorFields> = {},
): UpstreamError {
  return new UpstreamError(kind, `ModelArts answered: ${kind}`, { operation: 'GET /test', ...fields });
}

export const poolNotFound = (): UpstreamError => upstreamFailure('NotFound', { status: 404, what: 'pool' });

/** What a page of workloads can be changed into before it is answered. */
export type SpoilPage = (
  page: readonly WorkloadFacts[],
  query: WorkloadQuery,
) => { readonly items: readonly WorkloadFacts[]; readonly received?: number; readonly unidentified?: number };

export class FakeModelArts implements ModelArtsReader {
  readonly pools = new Map<string, PoolFacts>();
  /** By pool, in any order. */
  readonly workloads = new Map<string, readonly WorkloadFacts[]>();
  readonly workspaces = ['0'];
  /** Training-job versions by workspace, in any order. Undefined: not offered. */
  versions: Map<string, readonly WorkloadFacts[]> | undefined;
  /** What a page of versions is changed into before it is answered. */
  spoilVersions: (
    page: CountedListFacts<WorkloadFacts>,
    query: VersionQuery,
  ) => CountedListFacts<WorkloadFacts> = (page) => page;
  /** Every request, e.g. `list 0`, `detail pool-a`, `statistics pool-a`, `jobs pool-a Running 0`. */
  readonly calls: string[] = [];
  /** Thrown instead of the answer to a call. */
  failure: (call: string) => unknown = () => undefined;
  /** Runs before each answer: the place to change the world or to hold an answer back. */
  before: (call: string) => Promise<void> | void = () => undefined;
  /** What the list shows of a pool. */
  row: (pool: PoolFacts) => PoolFacts = (pool) => pool;
  poolIssues: readonly DecodeIssue[] = [];
  unidentifiedPools = 0;
  spoilPage: SpoilPage = (items) => ({ items });
  spoilStatistics: (statistics: StatisticsFacts) => StatisticsFacts = (statistics) => statistics;
  date: () => number = () => 0;
  /** Requests a second; nobody else shares the budget. */
  allowed = 1000;
  closed = false;
  #sequence = 0;

  /** Calls since the last time this was asked. */
  taken(): readonly string[] {
    return this.calls.splice(0);
  }

  listPools(query: { readonly workspaceID: string }, signal: AbortSignal) {
    return this.#answer(`list ${query.workspaceID}`, signal, () => {
      const items = [...this.pools.values()]
        .filter((pool) => pool.workspaceID === query.workspaceID)
        .map(this.row);
      const unidentified = this.unidentifiedPools;
      return {
        value: { items, unidentified, received: items.length + unidentified },
        issues: this.poolIssues,
      };
    });
  }

  getPool(id: string, signal: AbortSignal) {
    return this.#answer(`detail ${id}`, signal, () => {
      const pool = this.pools.get(id);
      if (!pool) throw poolNotFound();
      return { value: pool };
    });
  }

  listWorkloads(pool: string, query: WorkloadQuery, signal: AbortSignal) {
    const { type, status, order, offset, limit } = query;
    return this.#answer(`jobs ${pool} ${status ?? '*'} ${offset}`, signal, () => {
      const matching = this.jobs(pool)
        .filter((job) => status === undefined || job.status === status)
        .filter((job) => type === undefined || job.type === type)
        .sort((a, b) => created(a) - created(b) || (a.uid < b.uid ? -1 : 1));
      const ordered = order === 'newestFirst' ? matching.reverse() : matching;
      const page = this.spoilPage(ordered.slice(offset, offset + limit), query);
      const { items, unidentified = 0, received = items.length + unidentified } = page;
      return { value: { items, unidentified, received } };
    });
  }

  getStatistics(pool: string, signal: AbortSignal) {
    return this.#answer(`statistics ${pool}`, signal, () => {
      return { value: this.spoilStatistics(statisticsOf(this.jobs(pool))) };
    });
  }

  listWorkspaces(signal: AbortSignal) {
    return this.#answer('workspaces', signal, () => {
      const items = this.workspaces.map((id) => ({ id }));
      return { value: { items, unidentified: 0, received: items.length } };
    });
  }

  listTrainingJobVersions(query: VersionQuery, signal: AbortSignal) {
    const { workspaceID, order, offset, limit } = query;
    return this.#answer(`versions ${workspaceID} ${order} ${offset} ${limit}`, signal, () => {
      if (this.versions === undefined) throw upstreamFailure('NotFound', { what: 'api' });
      const all = [...(this.versions.get(workspaceID) ?? [])].sort((a, b) => created(a) - created(b));
      const ordered = order === 'newestFirst' ? all.reverse() : all;
      const items = ordered.slice(offset, limit === 0 ? undefined : offset + limit);
      const page = { items, unidentified: 0, received: items.length, total: all.length };
      return { value: this.spoilVersions(page, query) };
    });
  }

  listResourceSpecs(): Promise<never> {
    return notOffered();
  }

  getRuntimeMetrics(): Promise<never> {
    return notOffered();
  }

  listResourceFlavors(): Promise<never> {
    return notOffered();
  }

  plan(requestsPerSecond: number): BudgetUse {
    return { planned: requestsPerSecond, allowed: this.allowed };
  }

  expirations(): Expirations {
    return { certificates: new Map() };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  jobs(pool: string): readonly WorkloadFacts[] {
    return this.workloads.get(pool) ?? [];
  }

  async #answer<T>(
    call: string,
    signal: AbortSignal,
    make: () => { readonly value: T; readonly issues?: readonly DecodeIssue[] },
  ): Promise<Answer<T>> {
    signal.throwIfAborted();
    this.calls.push(call);
    const sequence = ++this.#sequence;
    await Promise.race([this.before(call), aborted(signal)]);
    signal.throwIfAborted();
    const failure = this.failure(call);
    if (failure !== undefined) throw failure;
    const { value, issues = [] } = make();
    return { value, issues, sequence, date: this.date() };
  }
}

/** Never, unless the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const notOffered = (): Promise<never> => Promise.reject(upstreamFailure('NotFound', { what: 'api' }));

const created = (job: WorkloadFacts): number => job.creationTime ?? 0;

function statisticsOf(jobs: readonly WorkloadFacts[]): StatisticsFacts {
  const byStatus: Record<string, number> = {};
  const types = new Map<string, { total: number; byStatus: Record<string, number> }>();
  for (const { status = '', type = '' } of jobs) {
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    const row = types.get(type) ?? { total: 0, byStatus: {} };
    row.total += 1;
    row.byStatus[status] = (row.byStatus[status] ?? 0) + 1;
    types.set(type, row);
  }
  return { total: jobs.length, byStatus, byType: [...types].map(([type, row]) => ({ type, ...row })) };
}
