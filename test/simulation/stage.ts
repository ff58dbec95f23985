import type { Logger } from '../../src/observability/logger.ts';
import { Simulation } from '../../src/simulator/simulation.ts';
import type { World } from '../../src/simulator/world.ts';
import { perform } from './actions.ts';
import { ApiserverLink, type Meddling } from './apiserver-link.ts';
import { Apiserver } from './apiserver/apiserver.ts';
import type { StoredObject } from './apiserver/objects.ts';
import { drawsOf, type Draws } from './draws.ts';
import { Faults } from './faults.ts';
import { Weather } from './network.ts';
import { Oracle } from './oracle.ts';
import { SimProcess } from './process.ts';
import { startReplica, type Misassembly, type Replica } from './replica.ts';
import { Scheduler } from './scheduler.ts';
import { oracleToken, type ProjectStory, type Story } from './story.ts';
import type { Trace } from './trace.ts';
import { upstreamLink, type UpstreamLinkOptions } from './upstream-link.ts';
import { Verdict } from './violation.ts';

/** An error put in on purpose, to see whether it is found. */
export interface Mutation {
  /** What the story must hold for the error to matter. */
  readonly provoke?: (story: Story) => Story;
  readonly apiserver?: Meddling;
  readonly upstream?: UpstreamLinkOptions['meddle'];
  readonly misassembly?: Misassembly;
}

export interface StageOptions {
  readonly story: Story;
  readonly trace: Trace;
  readonly log: Logger;
  /** See Faults. */
  readonly allowed?: ReadonlySet<string> | undefined;
  readonly mutation?: Mutation | undefined;
}

interface Slot {
  readonly number: number;
  starts: number;
  process: SimProcess | undefined;
  replica: Replica | undefined;
}

const startMs = Date.UTC(2026, 0, 1);
/** Until a container that ended is started again. */
const restartMs = 1_000;
/** How long the garbage collector takes to look. */
const garbageMs = 300;

/** All parts of one run, and what can be done to them. */
export class Stage {
  readonly story: Story;
  readonly scheduler: Scheduler;
  readonly apiserver: Apiserver;
  readonly simulation: Simulation;
  readonly weather: Weather;
  readonly faults: Faults;
  readonly verdict: Verdict;
  readonly oracle: Oracle;
  readonly #options: StageOptions;
  readonly #slots: Slot[];
  /** When the last of what was put off is done. */
  #lateUntil = 0;

  constructor(options: StageOptions) {
    const { story, trace, allowed } = options;
    this.#options = options;
    this.story = story;
    const scheduler = new Scheduler({ startMs, trace });
    this.scheduler = scheduler;
    this.apiserver = new Apiserver({ now: () => scheduler.wall });
    const truth = new SimProcess({ scheduler, name: 'world', seed: story.seed });
    this.simulation = new Simulation({
      runtime: truth.runtime,
      scenario: story.scenario,
      manualClock: false,
      pace: story.size.pace,
    });
    this.weather = new Weather(scheduler);
    this.faults = new Faults(story.seed, story.rates, allowed);
    this.verdict = new Verdict(() => scheduler.now);
    const { apiserver, simulation, verdict } = this;
    this.oracle = new Oracle({ scheduler, apiserver, simulation, story, verdict });
    this.#slots = Array.from({ length: story.replicas }, (_, number) => ({
      number,
      starts: 0,
      process: undefined,
      replica: undefined,
    }));
    let due = false;
    const collect = (): void => {
      due = false;
      while (this.apiserver.collect());
    };
    this.apiserver.storage.listen(({ type, object }) => {
      if (due || (type === 'MODIFIED' && object.metadata.deletionTimestamp === undefined)) return;
      if (object.kind === 'Lease' || object.kind === 'Event') return;
      due = true;
      scheduler.after(garbageMs, 'garbage collector', collect);
    });
  }

  /** Everything is there, and the processes start. */
  begin(): void {
    for (const project of this.story.projects) {
      this.#putSecret(project, project.secret);
      this.request('POST', 'modelartsprojects', '', {
        metadata: { name: project.name, namespace: this.story.namespace },
        spec: project.spec,
      });
    }
    for (const { at, id, kind, n } of this.story.actions)
      this.scheduler.at(at, id, () => {
        if (!this.faults.allow(id)) return;
        this.simulation.catchUp();
        perform(kind, this, drawsOf(this.story.seed, 'action', n), n);
      });
    for (const slot of this.#slots) this.later(slot.number * 700, () => this.#start(slot));
  }

  /** Nothing goes wrong any more, and what went wrong is put right. */
  heal(): void {
    this.faults.heal();
    this.weather.heal();
    for (const slot of this.#slots) {
      slot.process?.skew(0);
      if (slot.process === undefined) this.#start(slot);
    }
    this.simulation.catchUp();
    for (const project of this.world.projects.values())
      for (const pool of project.pools.values()) this.world.recoverNode({ pool: `${project.id}/${pool.id}` });
    for (const { name } of this.story.projects)
      this.patch('modelartsprojects', name, { spec: { suspend: false } });
  }

  /**
   * When all processes go on that were stopped for a while, everything has come that was held back on its way or was given
   * up, and people have done what they took their time for.
   */
  get unsettledUntil(): number {
    return Math.max(
      this.#lateUntil,
      this.weather.troubledUntil,
      ...this.#slots.map(({ process }) => process?.pausedUntil ?? 0),
    );
  }

  get world(): World {
    return this.simulation.world;
  }

  later(ms: number, run: () => void): void {
    this.#lateUntil = Math.max(this.#lateUntil, this.scheduler.now + ms);
    this.scheduler.after(ms, 'later', run);
  }

  /** `<project>/<pool>`. */
  somePool(draws: Draws): string | undefined {
    const all = [...this.world.projects.values()].flatMap((project) =>
      [...project.pools.keys()].map((id) => `${project.id}/${id}`),
    );
    return all.length === 0 ? undefined : draws.pick(all);
  }

  withJob(draws: Draws, act: (pool: string, job: string) => void): void {
    const pool = this.somePool(draws);
    const jobs = pool === undefined ? [] : this.world.pool(pool).jobs.list();
    if (pool !== undefined && jobs.length > 0) act(pool, draws.pick(jobs).uid);
  }

  nodesOf(pool: string): number {
    return this.world.pool(pool).nodes.filter(({ phase }) => phase === 'Available').length;
  }

  someObject(resource: string, draws: Draws): string | undefined {
    const all = this.apiserver.storage.list(resource);
    return all.length === 0 ? undefined : draws.pick(all).metadata.name;
  }

  /** What a person does with kubectl; refusals are his to bear. */
  request(method: string, resource: string, name: string, body?: object): void {
    const { namespace } = this.story;
    const version = resource === 'secrets' ? '/api/v1' : '/apis/modelarts-operator.dev/v1alpha1';
    const path = `${version}/namespaces/${namespace}/${resource}${name === '' ? '' : `/${name}`}`;
    this.apiserver.handle({ method, path, query: new URLSearchParams(), body });
  }

  patch(resource: string, name: string, body: object, sub?: 'status'): void {
    this.request('PATCH', resource, sub === undefined ? name : `${name}/${sub}`, body);
  }

  /** Another credential, which ModelArts takes instead of the old one. */
  rotateSecret(project: ProjectStory, n: number): void {
    if (project.credential !== 'token') return;
    const token = `secret-token-of-${project.name}-${n}`;
    this.revokeTokens(project);
    this.world.addToken({ project: project.projectID, token });
    this.#putSecret(project, { token });
  }

  revokeTokens({ projectID }: ProjectStory): void {
    this.world.revokeTokens({ project: projectID });
    this.world.addToken({ project: projectID, token: oracleToken });
  }

  /** The process of a replica that runs now, by a number below 1. */
  processAt(part: number): SimProcess | undefined {
    return this.#slots[Math.floor(part * this.#slots.length)]?.process;
  }

  onlySometimes(draws: Draws): string | undefined {
    return draws.chance(0.5) ? this.processAt(draws.next())?.name : undefined;
  }

  /** SIGKILL; it is started again a while later. */
  kill(part: number, downMs: number): void {
    const slot = this.#slots[Math.floor(part * this.#slots.length)];
    if (slot?.process === undefined) return;
    this.#end(slot, slot.process, downMs);
  }

  /** SIGTERM. */
  stop(part: number): void {
    this.#slots[Math.floor(part * this.#slots.length)]?.replica?.stop();
  }

  #putSecret({ name }: ProjectStory, keys: Readonly<Record<string, string>>): void {
    const data = Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    const metadata = { name, namespace: this.story.namespace };
    if (this.apiserver.storage.get('secrets', this.story.namespace, name) === undefined)
      this.request('POST', 'secrets', '', { metadata, type: 'Opaque', data });
    else this.patch('secrets', name, { data });
  }

  #start(slot: Slot): void {
    if (slot.process !== undefined) return;
    const { scheduler, faults, weather, oracle, apiserver, simulation, story } = this;
    const { log, mutation = {} } = this.#options;
    const name = `op-${slot.number}.${++slot.starts}`;
    const process = new SimProcess({ scheduler, name, seed: story.seed });
    const shared = { process, scheduler, faults, weather, oracle };
    slot.process = process;
    slot.replica = startReplica({
      process,
      story,
      log,
      network: {
        apiserver: new ApiserverLink({ ...shared, apiserver, meddle: mutation.apiserver }),
        modelarts: upstreamLink({ ...shared, simulation, meddle: mutation.upstream }),
      },
      misassembly: mutation.misassembly,
    });
    oracle.leaseOf.set(process, slot.replica.leaseOf);
    void slot.replica.ended.then((error) => {
      this.verdict.must(error === undefined, 'Alive', () => `${name} ended by itself: ${describe(error)}`);
      this.#end(slot, process, restartMs);
    });
  }

  #end(slot: Slot, process: SimProcess, downMs: number): void {
    if (slot.process !== process) return;
    process.kill();
    slot.process = undefined;
    slot.replica = undefined;
    this.later(downMs, () => this.#start(slot));
  }

  objects(resource: string): StoredObject[] {
    return this.apiserver.storage.list(resource);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
