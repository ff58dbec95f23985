import { durationMs } from './duration.ts';
import { hardwareOf } from './flavors.ts';
import { terminalStatuses, type SimJob, type SimNode, type SimPool, type Surroundings } from './model.ts';
import { WorldError } from './operations.ts';
import type { JobOutcome, JobSpec, JobType } from './schema.ts';

/** A job on a node that is lost fails when the node does not come back within this time. */
const giveUpAfterMs = 10 * 60_000;
const statusesBeforePlacement: ReadonlySet<string> = new Set(['Queue', ...terminalStatuses]);
const objectPrefix: Readonly<Record<JobType, string>> = {
  train: 'modelarts-job',
  infer: 'infer',
  notebook: 'notebook',
  'x-infer': 'x-infer',
};

/** The life of a job: Queue → Pending → Creating → Running → an end; Abnormal while one of its nodes is lost. */
export class JobLife {
  readonly #world: Surroundings;

  constructor(world: Surroundings) {
    this.#world = world;
  }

  submit(pool: SimPool, spec: JobSpec, outcome: SimJob['outcome'] = spec.outcome ?? 'Completed'): SimJob {
    const job = this.#build(pool, spec, outcome);
    if (pool.jobs.get(job.uid) !== undefined)
      throw new WorldError(`pool ${pool.id} already has a job ${job.uid}`);
    pool.jobs.add(job);
    if (job.status === 'Queue') enqueue(pool, job);
    else if (terminalStatuses.has(job.status)) {
      job.startedAt = job.createdAt;
      this.#end(pool, job, job.createdAt + (job.durationMs ?? 0));
      return job;
    } else this.#beginPlaced(pool, job);
    this.#world.settle(pool);
    return job;
  }

  /** Places waiting jobs in order. A job that must wait lets none behind it pass that wants cards of the same kind. */
  schedule(pool: SimPool): void {
    if (pool.life === 'Deleting' || pool.queue.length === 0) return;
    const lanes = new Set(['', ...pool.nodes.map((node) => node.hardware.card)]);
    const placed = new Set<SimJob>();
    for (const job of pool.queue) {
      if (lanes.size === 0) break;
      if (!lanes.has(job.need.card)) continue;
      const hosts = findHosts(pool, job);
      if (hosts === undefined) {
        lanes.delete(job.need.card);
        continue;
      }
      placed.add(job);
      occupy(job, hosts);
      pool.jobs.setStatus(job, 'Pending');
      this.#plan(job, pool.random.between(1000, 5000), () => this.#create(pool, job));
    }
    if (placed.size > 0) pool.queue = pool.queue.filter((job) => !placed.has(job));
  }

  finish(pool: SimPool, job: SimJob, outcome: JobOutcome): void {
    this.#leaveQueue(pool, job);
    this.#cancel(job);
    pool.jobs.setStatus(job, outcome);
    this.#end(pool, job, this.#world.now());
    this.#world.settle(pool);
  }

  stop(pool: SimPool, job: SimJob): void {
    if (terminalStatuses.has(job.status) || job.status === 'Terminating') return;
    this.#leaveQueue(pool, job);
    this.#cancel(job);
    pool.jobs.setStatus(job, 'Terminating');
    this.#plan(job, pool.random.between(5000, 15_000), () => this.finish(pool, job, 'Terminated'));
    this.#world.settle(pool);
  }

  /** Holds the job in a status of any name. */
  setStatus(pool: SimPool, job: SimJob, status: string): void {
    this.#leaveQueue(pool, job);
    this.#cancel(job);
    pool.jobs.setStatus(job, status);
    if (terminalStatuses.has(status)) this.#end(pool, job, this.#world.now());
    else {
      job.endedAt = 0;
      if (status === 'Queue') enqueue(pool, job);
      if (status === 'Running' && job.startedAt === 0) job.startedAt = this.#world.now();
    }
    this.#world.settle(pool);
  }

  setPriority(pool: SimPool, job: SimJob, priority: number): void {
    const waiting = pool.queue.includes(job);
    this.#leaveQueue(pool, job);
    job.priority = priority;
    if (waiting) enqueue(pool, job);
    this.#world.settle(pool);
  }

  remove(pool: SimPool, job: SimJob): void {
    this.#leaveQueue(pool, job);
    this.#cancel(job);
    release(job);
    pool.jobs.remove(job);
    this.#world.settle(pool);
  }

  /** The node of a job is lost: the job stops where it is, and fails when the node stays away. */
  suspend(pool: SimPool, job: SimJob): void {
    if (job.paused !== null || job.status === 'Terminating' || !job.placed) return;
    const step = job.step;
    step?.cancel();
    job.step = null;
    job.paused = {
      status: job.status,
      remaining: step === null ? 0 : step.at - this.#world.now(),
      run: step?.run ?? null,
      giveUp: this.#world.after(giveUpAfterMs, () => this.finish(pool, job, 'Failed')),
    };
    pool.jobs.setStatus(job, 'Abnormal');
  }

  /** Goes on where `suspend` stopped it, once all its nodes are back. */
  resume(pool: SimPool, job: SimJob): void {
    const paused = job.paused;
    if (paused === null || job.hosts.some((node) => node.phase === 'Abnormal')) return;
    paused.giveUp();
    job.paused = null;
    pool.jobs.setStatus(job, paused.status);
    if (paused.run !== null) this.#plan(job, paused.remaining, paused.run);
  }

  #create(pool: SimPool, job: SimJob): void {
    pool.jobs.setStatus(job, 'Creating');
    this.#plan(job, pool.random.between(5000, 40_000), () => this.#run(pool, job));
  }

  #run(pool: SimPool, job: SimJob): void {
    pool.jobs.setStatus(job, 'Running');
    job.startedAt = this.#world.now();
    if (job.durationMs === null) return;
    const outcome = job.outcome;
    this.#plan(job, job.durationMs, () =>
      outcome === 'Terminated' ? this.stop(pool, job) : this.finish(pool, job, outcome),
    );
  }

  /** A job that the scenario puts straight into a status beyond the queue. */
  #beginPlaced(pool: SimPool, job: SimJob): void {
    const hosts = findHosts(pool, job);
    if (hosts !== undefined) occupy(job, hosts);
    const soon = pool.random.between(5000, 20_000);
    if (job.status === 'Pending') this.#plan(job, soon, () => this.#create(pool, job));
    if (job.status === 'Creating') this.#plan(job, soon, () => this.#run(pool, job));
    if (job.status === 'Terminating') this.#plan(job, soon, () => this.finish(pool, job, 'Terminated'));
    if (job.status !== 'Running') return;
    job.startedAt = job.createdAt;
    if (job.durationMs === null) return;
    const left = Math.max(1, job.createdAt + job.durationMs - this.#world.now());
    this.#plan(job, left, () => this.finish(pool, job, job.outcome));
  }

  #end(pool: SimPool, job: SimJob, at: number): void {
    job.endedAt = at;
    release(job);
    const left = at + pool.retentionMs - this.#world.now();
    this.#world.after(Math.max(0, left), () => {
      if (job.endedAt === at) pool.jobs.remove(job);
    });
  }

  #build(pool: SimPool, spec: JobSpec, outcome: SimJob['outcome']): SimJob {
    const type = spec.type ?? 'train';
    const now = this.#world.now();
    const jobUUID = spec.jobUUID ?? pool.random.uuid();
    const uid = spec.uid ?? pool.random.uuid();
    const order = pool.jobNumber++;
    return {
      uid,
      jobUUID,
      order,
      type,
      objectName: `${objectPrefix[type]}-${jobUUID}`,
      jobName: spec.name ?? `${type}-${order}`,
      user: spec.user ?? 'sim-user',
      flavor: spec.flavor ?? pool.jobFlavors[0] ?? pool.resources[0]?.flavor ?? '',
      versionID: pool.versionBase + order,
      nodeCount: spec.nodes ?? 1,
      need: needOf(pool, spec.cards),
      createdAt: now - (spec.age === undefined ? 0 : durationMs(spec.age)),
      durationMs: spec.duration === undefined ? null : durationMs(spec.duration),
      outcome,
      priority: spec.priority ?? 1,
      status: spec.status ?? 'Queue',
      startedAt: 0,
      endedAt: 0,
      hosts: [],
      placed: false,
      step: null,
      paused: null,
      wire: spec.wire,
    };
  }

  #plan(job: SimJob, ms: number, run: () => void): void {
    const whole = Math.round(ms);
    const cancel = this.#world.after(whole, () => {
      job.step = null;
      run();
    });
    job.step = { at: this.#world.now() + whole, run, cancel };
  }

  #cancel(job: SimJob): void {
    job.step?.cancel();
    job.step = null;
    job.paused?.giveUp();
    job.paused = null;
  }

  #leaveQueue(pool: SimPool, job: SimJob): void {
    if (statusesBeforePlacement.has(job.status)) pool.queue = pool.queue.filter((other) => other !== job);
  }
}

/** Higher priority first, then the older. */
function enqueue(pool: SimPool, job: SimJob): void {
  const at = pool.queue.findIndex(
    (other) =>
      other.priority < job.priority || (other.priority === job.priority && other.createdAt > job.createdAt),
  );
  if (at < 0) pool.queue.push(job);
  else pool.queue.splice(at, 0, job);
}

/** A share of the node in proportion to its cards; two cores and 8 GiB (or the whole of a smaller node) without cards. */
function needOf(pool: SimPool, wanted: number | undefined): SimJob['need'] {
  const kinds = pool.resources.map((row) => hardwareOf(row.flavor));
  const cards = wanted ?? (kinds.some((kind) => kind.cards > 0) ? 1 : 0);
  const kind =
    kinds.filter((k) => k.cards > 0).find((k) => k.cards >= cards) ?? kinds.find((k) => k.cards > 0);
  if (cards === 0 || kind === undefined) {
    const smallest = kinds.reduce((least, k) => Math.min(least, k.cpuMilli), 2000);
    return { cpuMilli: smallest, memoryMi: smallest * 4, cards: 0, card: '' };
  }
  // A quarter of the node's cores and memory stays free for jobs without cards.
  const share = 0.75 * Math.min(1, cards / kind.cards);
  return {
    cpuMilli: Math.floor(kind.cpuMilli * share),
    memoryMi: Math.floor(kind.memoryMi * share),
    cards,
    card: kind.card,
  };
}

function findHosts(pool: SimPool, job: SimJob): SimNode[] | undefined {
  const { need } = job;
  const fits = (node: SimNode): boolean =>
    node.phase === 'Available' &&
    !node.cordoned &&
    !node.upgrading &&
    (need.card === '' || node.hardware.card === need.card) &&
    node.free.cards >= need.cards &&
    node.free.cpuMilli >= need.cpuMilli &&
    node.free.memoryMi >= need.memoryMi;
  const hosts: SimNode[] = [];
  // Jobs without cards go to nodes without cards while there is room.
  const passes =
    need.card === ''
      ? [(n: SimNode) => n.hardware.cards === 0, (n: SimNode) => n.hardware.cards > 0]
      : [() => true];
  for (const wanted of passes) {
    for (const node of pool.nodes) {
      if (wanted(node) && fits(node)) hosts.push(node);
      if (hosts.length === job.nodeCount) return hosts;
    }
  }
  return undefined;
}

function occupy(job: SimJob, hosts: SimNode[]): void {
  job.hosts = hosts;
  job.placed = true;
  for (const node of hosts) {
    node.jobs.add(job);
    node.free.cpuMilli -= job.need.cpuMilli;
    node.free.memoryMi -= job.need.memoryMi;
    node.free.cards -= job.need.cards;
  }
}

function release(job: SimJob): void {
  if (!job.placed) return;
  job.placed = false;
  for (const node of job.hosts) {
    node.jobs.delete(job);
    node.free.cpuMilli += job.need.cpuMilli;
    node.free.memoryMi += job.need.memoryMi;
    node.free.cards += job.need.cards;
  }
}
