import { Agenda } from './agenda.ts';
import { buildPool, buildProject } from './build.ts';
import { DriverLife } from './driver-life.ts';
import { FaultBook } from './fault-book.ts';
import { JobLife } from './job-life.ts';
import { Load } from './load.ts';
import type { SimJob, SimPool, SimProject, Surroundings } from './model.ts';
import { NodeLife } from './node-life.ts';
import { WorldError, type WorldOperations } from './operations.ts';
import { refreshPhase } from './pool-phase.ts';

type Args<K extends keyof WorldOperations> = Parameters<WorldOperations[K]>[0];

/**
 * The simulated cloud: projects, pools, nodes and jobs, and what happens to them as time goes on. Pure: time moves only
 * by `advanceTo`, chance comes from the seed, and nothing is read or sent.
 */
export class World implements Surroundings, WorldOperations {
  readonly seed: number;
  readonly projects = new Map<string, SimProject>();
  readonly faults: FaultBook;
  readonly #agenda = new Agenda();
  readonly #jobs = new JobLife(this);
  readonly #nodes = new NodeLife(this, this.#jobs);
  readonly #drivers = new DriverLife(this, this.#jobs);
  readonly #load = new Load(this, this.#jobs);
  readonly #settling = new Set<SimPool>();
  readonly #unsettled = new Set<SimPool>();
  readonly #pace: number;
  #now: number;

  /** `pace`: how many times sooner than it would everything happens that takes time. Default 1. */
  constructor(options: { seed: number; start: number; pace?: number }) {
    this.seed = options.seed;
    this.#pace = options.pace ?? 1;
    this.#now = options.start;
    this.faults = new FaultBook({ seed: options.seed });
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#agenda.add(this.#now + Math.max(0, ms) / this.#pace, run);
  }

  /** Lets everything happen that is due by `time`. An earlier time than now changes nothing. */
  advanceTo(time: number): void {
    for (let due = this.#agenda.next(time); due !== undefined; due = this.#agenda.next(time)) {
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = Math.max(this.#now, time);
  }

  settle(pool: SimPool): void {
    this.#unsettled.add(pool);
    // A step of settling that changes the pool again asks for one more round, not for a nested one.
    if (this.#settling.has(pool)) return;
    this.#settling.add(pool);
    while (this.#unsettled.delete(pool)) {
      this.#drivers.settle(pool);
      this.#nodes.settle(pool);
      this.#jobs.schedule(pool);
    }
    this.#settling.delete(pool);
    refreshPhase(pool, this.#now);
    const active = pool.jobs.list('Terminating').length;
    if (pool.life === 'Deleting' && pool.nodes.length === 0 && active === 0) this.#forget(pool);
  }

  addProject(spec: Args<'addProject'>): void {
    if (this.projects.has(spec.id)) throw new WorldError(`there already is a project ${spec.id}`);
    const project = buildProject(spec, this.#now);
    this.projects.set(project.id, project);
    for (const pool of spec.pools ?? []) this.addPool({ project: project.id, pool });
  }

  removeProject({ project }: Args<'removeProject'>): void {
    const gone = this.project(project);
    for (const pool of [...gone.pools.values()]) this.#forget(pool);
    this.projects.delete(gone.id);
  }

  addPool({ project, pool: spec, gradually = false }: Args<'addPool'>): string {
    const owner = this.project(project);
    const pool = buildPool(owner, spec, { seed: this.seed, now: this.#now, gradually });
    if (owner.pools.has(pool.id)) throw new WorldError(`project ${owner.id} already has a pool ${pool.id}`);
    owner.pools.set(pool.id, pool);
    for (const row of pool.resources) this.#nodes.addRow(pool, row, !gradually);
    this.#load.fill(pool);
    for (const job of spec.jobs ?? []) this.#jobs.submit(pool, job);
    this.#load.start(pool);
    this.settle(pool);
    return pool.id;
  }

  removePool({ pool, gradually = false }: Args<'removePool'>): void {
    if (gradually) this.#nodes.beginDeletion(this.pool(pool));
    else this.#forget(this.pool(pool));
  }

  updatePool({ pool: ref, set }: Args<'updatePool'>): void {
    const pool = this.pool(ref);
    const { name, labels, annotations, dialect, load, ...rest } = set;
    Object.assign(pool, rest);
    if (name !== undefined) pool.displayName = name;
    if (labels !== undefined) pool.labels = { ...pool.labels, ...labels };
    if (annotations !== undefined) pool.annotations = { ...pool.annotations, ...annotations };
    if (dialect !== undefined) pool.dialect = { ...pool.dialect, ...dialect };
    if (load !== undefined) {
      pool.load = { ...pool.load, ...load };
      this.#load.start(pool);
    }
  }

  setPhase({ pool: ref, phase, message = '' }: Args<'setPhase'>): void {
    const pool = this.pool(ref);
    pool.heldPhase = phase === null ? null : { phase, message };
    this.settle(pool);
  }

  scalePool({ pool, flavor, count, az }: Args<'scalePool'>): void {
    this.#nodes.scale(this.pool(pool), flavor, count, az);
  }

  upgradeDriver({ pool, kind, version, strategy }: Args<'upgradeDriver'>): void {
    this.#drivers.upgrade(this.pool(pool), kind, version, strategy);
  }

  setDriverState({ pool, kind, state }: Args<'setDriverState'>): void {
    this.#drivers.setState(this.pool(pool), kind, state);
  }

  setScope({ pool: ref, scope, state }: Args<'setScope'>): void {
    const pool = this.pool(ref);
    const known = pool.scopes.find((s) => s.scopeType === scope);
    if (known === undefined) pool.scopes.push({ scopeType: scope, state });
    else known.state = state;
  }

  failNode({ pool, node }: Args<'failNode'>): string {
    return this.#nodes.fail(this.pool(pool), node);
  }

  recoverNode({ pool, node }: Args<'recoverNode'>): void {
    this.#nodes.recover(this.pool(pool), node);
  }

  addJob({ pool, job }: Args<'addJob'>): string {
    return this.#jobs.submit(this.pool(pool), job).uid;
  }

  finishJob({ pool: ref, job, outcome }: Args<'finishJob'>): void {
    const pool = this.pool(ref);
    this.#jobs.finish(pool, jobIn(pool, job), outcome);
  }

  stopJob({ pool: ref, job }: Args<'stopJob'>): void {
    const pool = this.pool(ref);
    this.#jobs.stop(pool, jobIn(pool, job));
  }

  updateJob({ pool: ref, job: uid, priority, wire }: Args<'updateJob'>): void {
    const pool = this.pool(ref);
    const job = jobIn(pool, uid);
    if (wire !== undefined) job.wire = wire;
    if (priority !== undefined) this.#jobs.setPriority(pool, job, priority);
  }

  setJobStatus({ pool: ref, job, status }: Args<'setJobStatus'>): void {
    const pool = this.pool(ref);
    this.#jobs.setStatus(pool, jobIn(pool, job), status);
  }

  removeJob({ pool: ref, job }: Args<'removeJob'>): void {
    const pool = this.pool(ref);
    this.#jobs.remove(pool, jobIn(pool, job));
  }

  setWorkspace({ project, workspace }: Args<'setWorkspace'>): void {
    const { workspaces } = this.project(project);
    workspaces.set(workspace.id, { ...workspaces.get(workspace.id), ...workspace });
  }

  removeWorkspace({ project, workspace }: Args<'removeWorkspace'>): void {
    if (!this.project(project).workspaces.delete(workspace))
      throw new WorldError(`there is no workspace ${workspace}`);
  }

  addToken({ project, token }: Args<'addToken'>): void {
    this.project(project).tokens.set(token, Infinity);
  }

  revokeTokens({ project }: Args<'revokeTokens'>): void {
    this.project(project).tokens.clear();
  }

  setDialect({ project: ref, dialect }: Args<'setDialect'>): void {
    const project = this.project(ref);
    project.dialect = { ...project.dialect, ...dialect };
  }

  setSpecSoldOut({ project, code, soldOut }: Args<'setSpecSoldOut'>): void {
    const spec = this.project(project).resourceSpecs.find((s) => s.code === code);
    if (spec === undefined) throw new WorldError(`there is no resource specification ${code}`);
    spec.soldOut = soldOut;
  }

  fault(rule: Args<'fault'>): string {
    return this.faults.add(rule, this.#now);
  }

  clearFault({ id }: { id?: string } = {}): void {
    this.faults.clear(id);
  }

  /** By id; without one, the only project. */
  project(id: string | undefined): SimProject {
    if (id === undefined) {
      const [only, ...others] = this.projects.values();
      if (only === undefined || others.length > 0)
        throw new WorldError(`name one of the ${this.projects.size} projects`);
      return only;
    }
    const project = this.projects.get(id);
    if (project === undefined) throw new WorldError(`there is no project ${id}`);
    return project;
  }

  pool(ref: string): SimPool {
    const [first = '', second] = ref.split('/');
    const pools =
      second === undefined
        ? [...this.projects.values()].flatMap((project) => [...project.pools.values()])
        : [...this.project(first).pools.values()];
    const wanted = second ?? first;
    const byID = pools.filter((pool) => pool.id === wanted);
    const found = byID.length > 0 ? byID : pools.filter((pool) => pool.displayName === wanted);
    const [pool] = found;
    if (pool === undefined) throw new WorldError(`there is no pool ${ref}`);
    if (found.length > 1)
      throw new WorldError(`${found.length} pools are called ${ref}: name it <project id>/<pool id>`);
    return pool;
  }

  #forget(pool: SimPool): void {
    pool.stopLoad();
    pool.life = 'Gone';
    this.projects.get(pool.projectID)?.pools.delete(pool.id);
  }
}

function jobIn(pool: SimPool, ref: string): SimJob {
  const job = pool.jobs.get(ref);
  if (job !== undefined) return job;
  const [found, ...others] = pool.jobs.list().filter((j) => j.jobName === ref);
  if (found === undefined) throw new WorldError(`pool ${pool.id} has no job ${ref}`);
  if (others.length > 0)
    throw new WorldError(`${others.length + 1} jobs of pool ${pool.id} are called ${ref}: name it by uid`);
  return found;
}
