import type { CheckedObject } from '../support/check-status.ts';
import { statusBreaches } from '../support/check-status.ts';
import type { AbsenceLedger } from './absence-ledger.ts';
import { parsePath, type Apiserver, type ModelAnswer, type ModelRequest } from './apiserver/apiserver.ts';
import { stable, type StoredObject } from './apiserver/objects.ts';
import type { Simulation } from '../../src/simulator/simulation.ts';
import type { Story } from './story.ts';
import type { Verdict } from './violation.ts';

/** What judging a write needs to know. */
export interface Judge {
  readonly verdict: Verdict;
  readonly story: Story;
  readonly apiserver: Apiserver;
  readonly simulation: Simulation;
  readonly quiet: boolean;
  noteQuiet(write: () => string): void;
}

export interface AppliedWrite {
  readonly process: { readonly name: string };
  readonly request: ModelRequest;
  readonly answer: ModelAnswer;
  readonly before: StoredObject | undefined;
  readonly sentAt: number;
  /** The client had given it up by then. */
  readonly abandoned: boolean;
}

interface MirrorSpec {
  readonly projectRef: { readonly name: string };
  readonly poolName?: string;
  readonly source?: string;
  readonly uid?: string;
}

/** What the operator may write at all, by resource. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  modelartsprojects: ['PUT status'],
  modelartspools: ['POST', 'PUT status', 'PATCH', 'DELETE'],
  modelartsworkloads: ['POST', 'PUT status', 'PATCH', 'DELETE'],
  modelartsresourcespecs: ['POST', 'PUT status', 'PATCH', 'DELETE'],
  leases: ['POST', 'PUT'],
  events: ['POST', 'PATCH'],
};

/** Every rule for one write by the operator. */
export function judgeWrite(judge: Judge, ledger: AbsenceLedger, write: AppliedWrite): void {
  const { verdict, quiet } = judge;
  const { process, request, answer, before } = write;
  const { resource, status } = parsePath(request.path);
  const verb = `${request.method}${status ? ' status' : ''}`;
  const what = `${process.name} ${verb} ${request.path}`;
  verdict.must(allowed[resource]?.includes(verb) === true, 'LeastRights', () => what);
  if (resource === 'leases') return;
  if (quiet && !isAllowedInQuiet(verb, resource, before, answer))
    judge.noteQuiet(() => `${what} changes\n${differenceOf(before, answer)}`);
  if (answer.code >= 300 || resource === 'events') return;
  verdict.must(verb === 'POST' || isConditional(request), 'OneWriter', () => `${what} names no version`);
  const text = JSON.stringify(request.body);
  for (const secret of judge.story.secrets)
    verdict.must(!text.includes(secret), 'NoSecretLeaves', () => `${what} shows a credential`);
  if (verb === 'PUT status') {
    const breaches = statusBreaches(answer.body as CheckedObject);
    verdict.must(breaches.length === 0, 'Status', () => `${what}: ${breaches.join('; ')}`);
  }
  if (verb === 'DELETE' && before !== undefined) judgeDeletion(judge, ledger, before, what);
}

/** Invariant 3. */
function judgeDeletion(judge: Judge, ledger: AbsenceLedger, before: StoredObject, what: string): void {
  const { verdict, simulation, story, apiserver } = judge;
  const spec = before.spec as MirrorSpec;
  const project = story.projects.find(({ name }) => name === spec.projectRef.name);
  if (project === undefined) return;
  simulation.catchUp();
  const pools = simulation.world.project(project.projectID).pools;
  if (before.kind === 'ModelArtsPool') {
    const poolName = spec.poolName ?? '';
    const others = apiserver.storage
      .list('modelartspools')
      .some(({ spec: other }) => (other as MirrorSpec).poolName === poolName);
    verdict.must(
      before.metadata.annotations?.['modelarts-operator.dev/discovered-by'] !== undefined,
      'NeverGuess',
      () => `${what}: a person declared this pool`,
    );
    // A person declared it: that mirror takes over.
    if (others) return;
    verdict.must(!pools.has(poolName), 'NeverGuess', () => `${what}: the pool exists`);
    verdict.must(
      ledger.lacks(project.name, poolName) >= project.confirmations &&
        ledger.confirmed(project.name, poolName),
      'NeverGuess',
      () => `${what}: after ${ledger.lacks(project.name, poolName)} lists without it`,
    );
    verdict.must(
      said(before, 'Synced') === 'False/NotFound',
      'NeverGuess',
      () => `${what}: it was not announced`,
    );
  }
  if (before.kind === 'ModelArtsWorkload' && spec.source === 'Workload') {
    const { poolName = '', uid = '' } = spec;
    const pool = pools.get(poolName);
    verdict.must(pool?.jobs.get(uid) === undefined, 'NeverGuess', () => `${what}: the job exists`);
    const scope = `${project.name}/${poolName}`;
    verdict.must(
      pool === undefined || ledger.lacks(scope, uid) >= project.confirmations,
      'NeverGuess',
      () => `${what}: after ${ledger.lacks(scope, uid)} lists without it`,
    );
  }
}

function isConditional({ method, body }: ModelRequest): boolean {
  const { metadata, preconditions } = (body ?? {}) as {
    metadata?: { uid?: string; resourceVersion?: string };
    preconditions?: { uid?: string; resourceVersion?: string };
  };
  const named = method === 'DELETE' ? preconditions : metadata;
  return named?.uid !== undefined && named.resourceVersion !== undefined;
}

/** Invariant 1: the time of the last read, and how often an event that is over had come. */
function isAllowedInQuiet(
  verb: string,
  resource: string,
  before: StoredObject | undefined,
  { code, body }: ModelAnswer,
): boolean {
  if (resource === 'events') return verb === 'PATCH';
  if (verb !== 'PUT status' || resource !== 'modelartsprojects' || code !== 200) return false;
  return withoutTime(before) === withoutTime(body as StoredObject);
}

function withoutTime(object: StoredObject | undefined): string {
  const { lastSyncTime: _t, ...rest } = (object?.status ?? {}) as Record<string, unknown>;
  return stable(rest);
}

function differenceOf(before: StoredObject | undefined, { body }: ModelAnswer): string {
  return `${stable(before?.status)}\n${stable((body as StoredObject).status)}`;
}

/** `False/NotFound`. */
export function said({ status }: StoredObject, type: string): string {
  const { conditions = [] } = (status ?? {}) as {
    conditions?: { type: string; status: string; reason: string }[];
  };
  const condition = conditions.find((each) => each.type === type);
  return condition === undefined ? 'absent' : `${condition.status}/${condition.reason}`;
}
