import type { Fetch } from '../../src/modelarts/wire.ts';
import type { Simulation } from '../../src/simulator/simulation.ts';
import { AbsenceLedger } from './absence-ledger.ts';
import { parsePath, type Apiserver, type ModelRequest } from './apiserver/apiserver.ts';
import type { StoredObject } from './apiserver/objects.ts';
import { Politeness } from './politeness.ts';
import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { ProjectStory, Story } from './story.ts';
import type { Verdict } from './violation.ts';
import { judgeWrite, type AppliedWrite, type Judge } from './write-rules.ts';

type WireRequest = Parameters<Fetch>[1];

/** A request to ModelArts, until its answer. */
export interface Exchange {
  readonly call: string;
  readonly account: string;
  readonly locks: boolean;
  readonly project: ProjectStory | undefined;
  readonly url: URL;
}

export interface OracleOptions {
  readonly scheduler: Scheduler;
  readonly apiserver: Apiserver;
  readonly simulation: Simulation;
  readonly story: Story;
  readonly verdict: Verdict;
}

const writeSpanMs = 10_000;
/** To one object, in that time. */
const mostWrites = 30;

/**
 * Sees everything that passes between the operator and the two servers, and judges it by the invariants of the design
 * against what is true in them.
 */
export class Oracle implements Judge {
  readonly #options: OracleOptions;
  readonly #politeness: Politeness;
  readonly #ledgers = new Map<SimProcess, AbsenceLedger>();
  /** Which lease a process must hold to write for a project. */
  readonly leaseOf = new Map<SimProcess, (project: string | undefined) => string | undefined>();
  readonly #writes = new Map<string, { readonly span: number; readonly count: number }>();
  #unquiet: string[] | undefined;

  constructor(options: OracleOptions) {
    this.#options = options;
    this.#politeness = new Politeness(options.verdict, options.story.rateLimit);
  }

  get verdict(): Verdict {
    return this.#options.verdict;
  }
  get story(): Story {
    return this.#options.story;
  }
  get apiserver(): Apiserver {
    return this.#options.apiserver;
  }
  get simulation(): Simulation {
    return this.#options.simulation;
  }
  get now(): number {
    return this.#options.scheduler.now;
  }

  /** Nothing changes any more: from now on nothing may be written. */
  beginQuiet(): void {
    this.#unquiet = [];
  }

  /** What was written since. */
  endQuiet(): readonly string[] {
    const breaches = this.#unquiet ?? [];
    this.#unquiet = undefined;
    return breaches;
  }

  noteQuiet(write: () => string): void {
    this.#unquiet?.push(write());
  }

  get quiet(): boolean {
    return this.#unquiet !== undefined;
  }

  ledger(process: SimProcess): AbsenceLedger {
    const known = this.#ledgers.get(process) ?? new AbsenceLedger();
    this.#ledgers.set(process, known);
    return known;
  }

  /** A request leaves for the apiserver. */
  sent(process: SimProcess, request: ModelRequest): void {
    if (request.method === 'GET') return;
    const { resource } = parsePath(request.path);
    if (resource === 'leases') return;
    this.#mustHold(process, request, this.before(request), 'sends');
  }

  /** What a request is about, as it is stored now. */
  before({ method, path }: ModelRequest): StoredObject | undefined {
    if (method === 'GET' || method === 'POST') return undefined;
    const { resource, namespace = '', name = '' } = parsePath(path);
    return this.apiserver.storage.get(resource, namespace, name);
  }

  /** The apiserver carried a request out, or refused it. */
  applied(write: AppliedWrite & { readonly process: SimProcess }): void {
    const { process, request, sentAt, abandoned } = write;
    if (request.method === 'GET') return;
    const inTime = this.now - sentAt <= this.story.size.lease.writeDeadlineMs && !abandoned;
    if (inTime && parsePath(request.path).resource !== 'leases')
      this.#mustHold(process, request, write.before, 'has written');
    judgeWrite(this, this.ledger(process), write);
    if (write.answer.code === 200) this.#countWrite(request.path);
  }

  /** Invariant 1, also while things change: an operator that answers its own writes would never come to rest. */
  #countWrite(path: string): void {
    const span = Math.floor(this.now / writeSpanMs);
    const counted = this.#writes.get(path);
    const count = counted?.span === span ? counted.count + 1 : 1;
    this.#writes.set(path, { span, count });
    this.verdict.must(count <= mostWrites, 'Quiet', () => `${path} was written ${count} times within 10 s`);
  }

  /** A request leaves for ModelArts or IAM. */
  asked(process: SimProcess, { method, url, headers }: WireRequest, call: string): Exchange {
    const reading = method === 'GET' && call !== 'unknown';
    this.verdict.must(
      reading || call === 'CreateToken',
      'ReadOnly',
      () => `${process.name} sends ${method} ${url.pathname}`,
    );
    const project = this.story.projects.find(({ projectID }) => url.pathname.includes(projectID));
    const { credential = 'password' } = project ?? {};
    const who = credential === 'password' ? (project?.name ?? 'iam') : credentialOf(headers);
    const exchange = {
      call,
      account: `${process.name} ${who}`,
      locks: credential !== 'password',
      project,
      url,
    };
    if (reading) this.#politeness.asked(exchange.account, this.now, call);
    return exchange;
  }

  answered(
    process: SimProcess,
    exchange: Exchange,
    answer: { status: number; retryAfter: string | undefined; body: Buffer },
  ): void {
    const { call, account, locks, project, url } = exchange;
    if (call !== 'CreateToken')
      this.#politeness.answered(account, this.now, answer.status, answer.retryAfter, locks);
    if (project === undefined) return;
    const pool = url.pathname.split('/').at(-2) ?? '';
    const ledger = this.ledger(process);
    if (call === 'ShowPool' && answer.status === 404)
      ledger.detailGone(project.name, url.pathname.split('/').at(-1) ?? '');
    if (answer.status !== 200) return;
    if (call === 'ListPools')
      ledger.listed(project.name, idsOf(answer.body), this.#mirrored('modelartspools', project, 'poolName'));
    const unfiltered = !url.searchParams.has('status') && !url.searchParams.has('type');
    if (call === 'ListWorkloads' && unfiltered && url.searchParams.get('offset') === '0')
      ledger.listed(
        `${project.name}/${pool}`,
        idsOf(answer.body),
        this.#mirrored('modelartsworkloads', project, 'uid'),
      );
  }

  #mirrored(resource: string, { name }: ProjectStory, field: string): string[] {
    const ids: string[] = [];
    for (const { spec } of this.apiserver.storage.list(resource)) {
      const { projectRef, [field]: id } = spec as { projectRef: { name: string }; [field: string]: unknown };
      if (projectRef.name === name) ids.push(String(id));
    }
    return ids;
  }

  /** Invariant 8. */
  #mustHold(
    process: SimProcess,
    request: ModelRequest,
    before: StoredObject | undefined,
    does: string,
  ): void {
    const body = request.body as { spec?: { projectRef?: { name?: string } } } | undefined;
    const spec = (before?.spec ?? body?.spec) as { projectRef?: { name?: string } } | undefined;
    const { resource } = parsePath(request.path);
    const project = resource === 'modelartsprojects' ? before?.metadata.name : spec?.projectRef?.name;
    const lease = this.leaseOf.get(process)?.(project);
    if (lease === undefined) return;
    const record = this.apiserver.storage.get('leases', this.story.namespace, lease);
    const { holderIdentity } = (record?.spec ?? {}) as { holderIdentity?: string };
    this.verdict.must(
      holderIdentity === process.name,
      'OneWriter',
      () =>
        `${process.name} ${does} ${request.method} ${request.path} while ${lease} is held by "${holderIdentity}"`,
    );
  }
}

function credentialOf(headers: Readonly<Record<string, string>>): string {
  const { authorization = '', 'x-auth-token': token = '' } = headers;
  return token === '' ? (/Access=([^,]+)/.exec(authorization)?.[1] ?? 'nobody') : token;
}

/** `metadata.name` of pools, and what identifies a job; nothing of what is not such a list. */
function idsOf(body: Buffer): ReadonlySet<string> {
  try {
    const { items } = JSON.parse(body.toString()) as { items?: unknown };
    if (!Array.isArray(items)) return new Set();
    return new Set(items.map(idOf).filter((id) => id !== undefined));
  } catch {
    return new Set();
  }
}

function idOf(row: { uid?: string; jobUUID?: string; metadata?: { name?: string } }): string | undefined {
  return row.uid ?? row.jobUUID ?? row.metadata?.name;
}
