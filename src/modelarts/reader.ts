import { UpstreamError } from '../api/errors.ts';
import type {
  CountedListFacts,
  DecodeIssue,
  ListFacts,
  PoolFacts,
  ResourceFlavorFacts,
  ResourceSpecFacts,
  RuntimeMetricsFacts,
  StatisticsFacts,
  WorkloadFacts,
  WorkspaceFacts,
} from '../api/facts.ts';
import type {
  Answer,
  BudgetUse,
  Expirations,
  ModelArtsReader,
  VersionQuery,
  WorkloadPage,
  WorkloadQuery,
} from '../api/upstream.ts';
import { decodePool, decodePoolList } from './decode/pool.ts';
import { Cursor } from './decode/read.ts';
import { decodeFlavorPage } from './decode/resource-flavor.ts';
import { decodeResourceSpecs } from './decode/resource-spec.ts';
import { decodeRuntimeMetrics } from './decode/runtime-metrics.ts';
import { decodeStatistics } from './decode/statistics.ts';
import { decodeTrainingJobVersions } from './decode/training-job-version.ts';
import { decodeWorkloadPage } from './decode/workload.ts';
import { decodeWorkspacePage } from './decode/workspace.ts';
import type { Recognition } from './body.ts';
import { operations, type Operation, type Query } from './endpoints.ts';
import { PageText } from './page-text.ts';
import type { Reply, Transport } from './transport.ts';

export interface ReaderOptions {
  readonly projectID: string;
  readonly transport: Transport;
  /** See ModelArtsReader. */
  readonly plan: (requestsPerSecond: number) => BudgetUse;
  /** See ModelArtsReader. */
  readonly expirations: () => Expirations;
  /** Lets go of what was made for this reader alone. */
  readonly dispose: () => Promise<void>;
}

/** Workspaces a page (the documented default), and pages at most: more is a server that repeats itself. */
const workspacePageSize = 1000;
const mostWorkspacePages = 20;
/** Flavors a page, and pages at most. */
const flavorPageSize = 500;
const mostFlavorPages = 20;

/** Reads one ModelArts project and decodes what it says. */
export class Reader implements ModelArtsReader {
  readonly #options: ReaderOptions;
  readonly #closing = new AbortController();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  listPools(
    query: { readonly workspaceID: string; readonly labelSelector?: string },
    signal: AbortSignal,
  ): Promise<Answer<ListFacts<PoolFacts>>> {
    const { workspaceID, labelSelector } = query;
    const pairs: Query = [
      ['workspaceId', workspaceID],
      ['labelSelector', labelSelector],
    ];
    return this.#read(operations.listPools, {}, pairs, signal, decodePoolList);
  }

  getPool(id: string, signal: AbortSignal): Promise<Answer<PoolFacts>> {
    return this.#read(operations.getPool, { pool: id }, [], signal, (body) => {
      const pool = decodePool(body);
      // Another pool than the one asked for would be mirrored as this one.
      return pool?.id === id ? pool : body.at('metadata').at('name').issueOfWhole(id);
    });
  }

  async listWorkloads(
    pool: string,
    query: WorkloadQuery,
    signal: AbortSignal,
  ): Promise<Answer<WorkloadPage>> {
    const pairs: Query = [
      ['type', query.type],
      ['status', query.status],
      ['sort', query.order === undefined ? undefined : 'create_time'],
      ['ascend', query.order === undefined ? undefined : String(query.order === 'oldestFirst')],
      ['offset', String(query.offset)],
      ['limit', String(query.limit)],
    ];
    const text = new PageText(query.before);
    const reply = await this.#get(operations.listWorkloads, { pool }, pairs, signal, text);
    const { recognized } = text;
    if (recognized === undefined)
      return answerOf(reply, (body) => {
        const page = decodeWorkloadPage(body, pool);
        return page && text.remembered(page, body.issues);
      });
    return { value: recognized, issues: [], sequence: reply.sequence, date: reply.date };
  }

  getStatistics(pool: string, signal: AbortSignal): Promise<Answer<StatisticsFacts>> {
    return this.#read(operations.getStatistics, { pool }, [], signal, decodeStatistics);
  }

  async listWorkspaces(signal: AbortSignal): Promise<Answer<ListFacts<WorkspaceFacts>>> {
    const byID = new Map<string, WorkspaceFacts>();
    const issues: Answer<unknown>['issues'][] = [];
    let unidentified = 0;
    let received = 0;
    let first: Answer<unknown> | undefined;
    for (let page = 0; page < mostWorkspacePages; page++) {
      // `offset` counts pages here, not records.
      const pairs: Query = [
        ['offset', String(page)],
        ['limit', String(workspacePageSize)],
      ];
      const answer = await this.#read(operations.listWorkspaces, {}, pairs, signal, decodeWorkspacePage);
      first ??= answer;
      issues.push(answer.issues);
      const before = byID.size;
      for (const workspace of answer.value.items) byID.set(workspace.id, byID.get(workspace.id) ?? workspace);
      const fresh = byID.size - before;
      if (fresh === 0 && page > 0) break;
      received += answer.value.received;
      unidentified += answer.value.unidentified;
      const more = answer.value.received >= workspacePageSize || received < (answer.value.total ?? 0);
      if (!more || answer.value.received === 0) break;
    }
    const { sequence = 0, date = 0 } = first ?? {};
    return {
      value: { items: [...byID.values()], unidentified, received },
      issues: issues.flat(),
      sequence,
      date,
    };
  }

  listResourceSpecs(
    jobType: string,
    signal: AbortSignal,
  ): Promise<Answer<CountedListFacts<ResourceSpecFacts>>> {
    return this.#read(operations.listResourceSpecs, {}, [['job_type', jobType]], signal, decodeResourceSpecs);
  }

  listTrainingJobVersions(
    query: VersionQuery,
    signal: AbortSignal,
  ): Promise<Answer<CountedListFacts<WorkloadFacts>>> {
    const pairs: Query = [
      ['workspace_id', query.workspaceID],
      ['sort_by', 'create_time'],
      ['order', query.order === 'oldestFirst' ? 'asc' : 'desc'],
      ['offset', String(query.offset)],
      ['limit', String(query.limit)],
    ];
    return this.#read(operations.listTrainingJobVersions, {}, pairs, signal, decodeTrainingJobVersions);
  }

  getRuntimeMetrics(signal: AbortSignal): Promise<Answer<ListFacts<RuntimeMetricsFacts>>> {
    return this.#read(operations.getRuntimeMetrics, {}, [], signal, decodeRuntimeMetrics);
  }

  async listResourceFlavors(signal: AbortSignal): Promise<Answer<ListFacts<ResourceFlavorFacts>>> {
    const pages: Answer<ListFacts<ResourceFlavorFacts>>[] = [];
    const cursors = new Set<string>();
    for (let cursor: string | undefined; pages.length < mostFlavorPages;) {
      const pairs: Query = [
        ['continue', cursor],
        ['limit', String(flavorPageSize)],
      ];
      const answer = await this.#read(operations.listResourceFlavors, {}, pairs, signal, decodeFlavorPage);
      pages.push(answer);
      cursor = answer.value.next;
      // One that comes again would go round for ever.
      if (cursor === undefined || cursors.has(cursor)) break;
      cursors.add(cursor);
    }
    const sum = (count: (page: ListFacts<unknown>) => number): number =>
      pages.reduce((total, { value }) => total + count(value), 0);
    return {
      value: {
        items: pages.flatMap(({ value }) => value.items),
        unidentified: sum(({ unidentified }) => unidentified),
        received: sum(({ received }) => received),
      },
      issues: pages.flatMap(({ issues }) => issues),
      sequence: pages[0]?.sequence ?? 0,
      date: pages[0]?.date ?? 0,
    };
  }

  plan(requestsPerSecond: number): BudgetUse {
    return this.#options.plan(requestsPerSecond);
  }

  expirations(): Expirations {
    return this.#options.expirations();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The connection to ModelArts was closed.'));
    await this.#options.dispose();
  }

  async #read<T>(
    operation: Operation,
    ids: Readonly<Record<string, string>>,
    query: Query,
    signal: AbortSignal,
    decode: (body: Cursor) => T | undefined,
  ): Promise<Answer<T>> {
    return answerOf(await this.#get(operation, ids, query, signal), decode);
  }

  #get(
    operation: Operation,
    ids: Readonly<Record<string, string>>,
    query: Query,
    signal: AbortSignal,
    recognition?: Recognition,
  ): Promise<Reply> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const allIDs = { project: this.#options.projectID, ...ids };
    return this.#options.transport.get(operation, allIDs, query, either, recognition);
  }
}

function answerOf<T>(reply: Reply, decode: (body: Cursor) => T | undefined): Answer<T> {
  const { operation, status, sequence, date } = reply;
  const body = new Cursor(reply.body);
  const value = decode(body);
  if (value === undefined) throw notDocumented(operation, status, body.issues[0]);
  return { value, issues: body.issues, sequence, date };
}

/** Names the place and never what stands there: the same trouble must always give the same words. */
function notDocumented(operation: Operation, status: number, issue: DecodeIssue | undefined): UpstreamError {
  const { path = '', expected = '' } = issue ?? {};
  const message = `${operation} was answered with HTTP 200 and JSON that is not the documented answer: ${path} is not ${expected}.`;
  return new UpstreamError('InvalidResponse', `${message} Check the endpoint.`, { operation, status, path });
}
