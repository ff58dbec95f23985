import type { SimJob } from './model.ts';

/** Oldest first, of equal age in order of arrival. */
const before = (a: SimJob, b: SimJob): boolean =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.order < b.order);

/** Position at which `job` stands or would stand. */
function position(jobs: readonly SimJob[], job: SimJob): number {
  let low = 0;
  let high = jobs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(jobs[middle] as SimJob, job)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(jobs: SimJob[], job: SimJob): void {
  const last = jobs.at(-1);
  if (last === undefined || before(last, job)) jobs.push(job);
  else jobs.splice(position(jobs, job), 0, job);
}

function take(jobs: SimJob[] | undefined, job: SimJob): void {
  const at = jobs === undefined ? 0 : position(jobs, job);
  if (jobs?.[at] === job) jobs.splice(at, 1);
}

/** A pool's jobs in order of creation, whole and by status, so that a page of 50,000 finished ones costs a page. */
export class JobIndex {
  readonly #byUid = new Map<string, SimJob>();
  readonly #all: SimJob[] = [];
  readonly #byStatus = new Map<string, SimJob[]>();
  /** type → status → number of jobs. */
  readonly #counts = new Map<string, Map<string, number>>();

  get size(): number {
    return this.#all.length;
  }

  get(uid: string): SimJob | undefined {
    return this.#byUid.get(uid);
  }

  /** Oldest first. Not to be changed. */
  list(status?: string): readonly SimJob[] {
    return status === undefined ? this.#all : (this.#byStatus.get(status) ?? []);
  }

  statistics(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#counts;
  }

  add(job: SimJob): void {
    this.#byUid.set(job.uid, job);
    insert(this.#all, job);
    this.#enter(job);
  }

  remove(job: SimJob): void {
    this.#byUid.delete(job.uid);
    take(this.#all, job);
    this.#leave(job);
  }

  /** The only way to change `job.status`. */
  setStatus(job: SimJob, status: string): void {
    this.#leave(job);
    job.status = status;
    this.#enter(job);
  }

  #enter(job: SimJob): void {
    const jobs = this.#byStatus.get(job.status);
    if (jobs === undefined) this.#byStatus.set(job.status, [job]);
    else insert(jobs, job);
    const counts = this.#counts.get(job.type) ?? new Map<string, number>();
    this.#counts.set(job.type, counts.set(job.status, (counts.get(job.status) ?? 0) + 1));
  }

  #leave(job: SimJob): void {
    take(this.#byStatus.get(job.status), job);
    const counts = this.#counts.get(job.type);
    const left = (counts?.get(job.status) ?? 1) - 1;
    if (left > 0) counts?.set(job.status, left);
    else counts?.delete(job.status);
  }
}
