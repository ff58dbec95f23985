import type { ModelArtsConnector } from '../api/upstream.ts';
import { annotations } from '../mirror/identity.ts';
import { compileSelection } from '../mirror/selection.ts';
import type { PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../mirror/world.ts';
import type { Runtime } from '../runtime/clock.ts';
import { sleep } from '../runtime/wait.ts';
import { Connector } from './connection.ts';
import { CrdWatch } from './crd-watch.ts';
import { byPool, byProject, projectView, type ProjectEntry, type Sources } from './gather.ts';
import type { DeletionGuard } from './deletion-guard.ts';
import { FailingKeys } from './failing-keys.ts';
import { formatKey, groupOf, parseKey, type MirrorKey } from './keys.ts';
import { mirrorsOf } from './mirrors-of-project.ts';
import { outcome } from './outcome.ts';
import type { ControllerMetrics, EventSink, Logger, SecretReader } from './ports.ts';
import { ProjectRunner, type Asked } from './project-runner.ts';
import { ProjectState } from './project-state.ts';
import { reconcile, type ReconcileIo, type Stores } from './reconcile.ts';
import { settingsOf } from './settings.ts';

/** The queue of keys, and the workers on it. */
export interface WorkLoop {
  add(key: string, priority?: 'high' | 'normal'): void;
  addAfter(key: string, ms: number): void;
  /** Nothing queued and nothing worked on. */
  readonly idle: boolean;
  /**
   * Runs until the signal aborts and the last pass has ended. A pass that rejects comes back with the key's back-off; one
   * that resolves with a number comes back after so many milliseconds.
   */
  run(options: {
    readonly handle: (key: string, signal: AbortSignal) => Promise<number | undefined>;
    readonly onError: (key: string, error: unknown) => void;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

export interface OperatorOptions {
  readonly stores: Stores;
  /** Fills the stores until the signal aborts. */
  readonly runStores: (signal: AbortSignal) => Promise<void>;
  readonly work: WorkLoop;
  readonly secrets: SecretReader;
  readonly modelarts: ModelArtsConnector;
  readonly events: EventSink;
  readonly metrics: ControllerMetrics;
  readonly log: Logger;
  readonly runtime: Runtime;
  /** `namespace/name` of the one project to work on. Default: all. */
  readonly only?: string | undefined;
}

interface Running {
  readonly uid: string;
  readonly generation: number;
  readonly state: ProjectState;
  readonly runner: ProjectRunner;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  /** Values of the reconcile annotation that are being acted upon, by what they stand on. */
  readonly requested: Map<string, string>;
}

/** A project's counts follow its mirrors; during a first sync that would be a write each, so they wait this long. */
const countsAfterMs = 1_000;
/** How often `sync` looks whether the work is done. */
const idlePollMs = 20;

/** The whole operator but its edges: caches and runners put keys into the queue, workers reconcile them. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #running = new Map<string, Running>();
  /** Runners that were told to stop and may still be at it. */
  readonly #stopping = new Set<Promise<void>>();
  readonly #failing = new FailingKeys();
  readonly #io: ReconcileIo;
  #started = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { stores, events, metrics, runtime } = options;
    const crds = new CrdWatch(events, metrics);
    const sources: Sources = {
      ...stores,
      state: (namespace, project) => this.#running.get(`${namespace}/${project}`)?.state,
      pruned: (kind) => crds.pruned(kind),
    };
    const now = (): { now: number; monotonic: number } => ({
      now: runtime.now(),
      monotonic: runtime.monotonic(),
    });
    this.#io = { sources, stores, events, metrics, crds, now };
  }

  /** The caches are filled and the workers are at work. Says nothing about ModelArts: probes must not. */
  get ready(): boolean {
    return this.#started;
  }

  /** Runs until the signal aborts, then stops cleanly: no read and no write is under way when it resolves. */
  async run(signal: AbortSignal): Promise<void> {
    const { stores, work } = this.#options;
    const filling = this.#options.runStores(signal);
    try {
      await Promise.all(
        Object.values(stores).map((store: { synced(s: AbortSignal): Promise<void> }) => store.synced(signal)),
      );
    } catch (error) {
      await filling;
      if (signal.aborted) return;
      throw error;
    }
    this.#listen();
    this.#started = true;
    await work.run({
      handle: (key, passSignal) => this.#pass(key, passSignal),
      onError: (key, error) => this.#failed(key, error),
      signal,
    });
    for (const name of [...this.#running.keys()]) this.#stop(name);
    await Promise.all([...this.#stopping, filling]);
  }

  /**
   * Resolves when every project was read once and all that followed from it is written, or the signal aborted. Answers
   * the projects that were not read whole, or of which something could not be written. `run` must be under way.
   */
  async sync(signal: AbortSignal, only?: string): Promise<readonly string[]> {
    const { stores, work } = this.#options;
    await this.#settled(signal);
    const names = [...stores.projects.values()].map(({ namespace, name }) => `${namespace}/${name}`);
    const wanted = names.filter((name) => only === undefined || name === only);
    const results = await Promise.all(
      wanted.map(async (name) => ({
        name,
        ok: (await this.#running.get(name)?.runner.readAll(true)) === 'complete',
      })),
    );
    await this.#settled(signal);
    // Counts of mirrors follow a while later (`countsAfterMs`): here they are waited for.
    for (const [namespace = '', project = ''] of wanted.map((name) => name.split('/')))
      work.add(formatKey({ kind: 'project', namespace, project }));
    await this.#settled(signal);
    const unwritten = this.#failing.projects();
    const failed = results
      .filter(({ name, ok }) => unwritten.has(name) || (!ok && !isSuspended(stores, name)))
      .map(({ name }) => name);
    return only !== undefined && wanted.length === 0 ? [only] : failed.sort();
  }

  /** Nothing is to be done now, and nothing that failed is about to be tried again. */
  async #settled(signal: AbortSignal): Promise<void> {
    const { runtime, work } = this.#options;
    while (!this.#started || !work.idle || this.#failing.retrying) await sleep(runtime, idlePollMs, signal);
  }

  async #pass(text: string, signal: AbortSignal): Promise<number | undefined> {
    const { metrics, runtime, only } = this.#options;
    if (only !== undefined && groupOf(text) !== only) return undefined;
    const key = parseKey(text);
    const startedAt = runtime.monotonic();
    const seconds = (): number => (runtime.monotonic() - startedAt) / 1000;
    metrics.active(key.kind, 1);
    try {
      if (key.kind === 'project') this.#follow(key.namespace, key.project);
      if (key.kind === 'pool') this.#honourPoolRequest(key);
      const next = await reconcile(key, this.#io, signal);
      metrics.reconciled(key.kind, next === undefined ? 'success' : 'requeue_after', seconds());
      this.#failing.succeeded(text);
      return next;
    } catch (error) {
      metrics.reconciled(key.kind, 'error', seconds());
      const meaning = outcome(error);
      if (!signal.aborted) this.#failing.failed(text, meaning);
      if (meaning.do !== 'stop' || signal.aborted) throw error;
      if (meaning.loud)
        this.#options.log.error(
          'The apiserver refuses this object; it is left alone until something changes.',
          { key: text, error },
        );
      return undefined;
    } finally {
      metrics.active(key.kind, -1);
    }
  }

  #failed(key: string, error: unknown): void {
    const meaning = outcome(error);
    if (meaning.do === 'backOff' && meaning.loud) {
      this.#options.log.warn('A pass failed; it is tried again with growing waits.', { key, error });
    } else {
      this.#options.log.debug('A pass met a newer version; it is planned again.', { key });
    }
  }

  /** Makes what runs for a project agree with the project: started, replaced when its spec changed, or stopped. */
  #follow(namespace: string, project: string): void {
    const name = `${namespace}/${project}`;
    const entry = this.#options.stores.projects.get(namespace, project);
    const running = this.#running.get(name);
    const generation = entry?.object.metadata.generation ?? 0;
    const wanted =
      entry !== undefined &&
      entry.object.spec.suspend !== true &&
      entry.object.metadata.deletionTimestamp === undefined;
    const current = running !== undefined && running.uid === entry?.uid && running.generation === generation;
    if (wanted && current) return this.#honourProjectRequest(entry, running);
    if (running) this.#stop(name);
    if (running || !wanted) this.#enqueueMirrors(namespace, project);
    if (!wanted) return;
    const guard = running?.uid === entry.uid ? running.state.guard : undefined;
    this.#honourProjectRequest(entry, this.#start(entry, generation, guard));
  }

  #start(entry: ProjectEntry, generation: number, guard?: DeletionGuard): Running {
    const { runtime, secrets, modelarts, log, stores, work } = this.#options;
    const { namespace, name } = entry;
    const view = projectView(entry);
    const selection = compileSelection(view.spec.discovery);
    const state = new ProjectState(
      view,
      settingsOf(view.spec),
      selection.ok ? selection.selection : { selects: () => false },
      runtime.monotonic(),
      guard,
    );
    // Read with a selector that selects nothing, every mirror would be NotSelected: so nothing is read.
    if (!selection.ok) {
      state.configuration = {
        reason: 'InvalidSpec',
        message: `\`discovery.labelSelector\`: ${selection.message}`,
      };
    }
    // What the calls of this installation are like was learned before; a restart does not unsay it.
    const { apiFeatures, refusedSecretVersion, observedGeneration } = entry.object.status ?? {};
    if (apiFeatures !== undefined) state.apiFeatures = apiFeatures;
    // A changed spec may mend what was refused: then the credential is tried anew.
    const refused = observedGeneration === generation ? refusedSecretVersion : undefined;
    if (refused !== undefined) state.refusedSecretVersion = refused;
    const connector = new Connector({
      state,
      secrets,
      modelarts,
      clock: runtime,
      log,
      ...(refused !== undefined && { refusedSecretVersion: refused }),
    });
    const runner = new ProjectRunner({
      state,
      connector,
      mirrors: mirrorsOf(stores, namespace, name),
      clock: runtime,
      random: runtime,
      log,
      onPools: (poolNames) => {
        work.add(formatKey({ kind: 'project', namespace, project: name }));
        for (const poolName of poolNames)
          work.add(formatKey({ kind: 'pool', namespace, project: name, poolName }));
      },
      onWorkloads: (uids) => {
        for (const uid of uids) {
          work.add(formatKey({ kind: 'workload', namespace, project: name, source: 'Workload', uid }));
        }
      },
      onMirrors: (keys) => {
        work.add(formatKey({ kind: 'project', namespace, project: name }));
        for (const key of keys) work.add(formatKey(key));
      },
    });
    const stop = new AbortController();
    if (!selection.ok) stop.abort(new Error(selection.message));
    const done = runner.run(stop.signal).catch((error: unknown) => {
      // A bug in one project's reading must not take the others down (invariant 5); it starts again with the next change.
      log.error('Reading a project stopped unexpectedly.', { project: `${namespace}/${name}`, error });
      if (this.#running.get(`${namespace}/${name}`)?.runner === runner)
        this.#running.delete(`${namespace}/${name}`);
      work.addAfter(formatKey({ kind: 'project', namespace, project: name }), state.poolIntervalMs);
    });
    const running: Running = { uid: entry.uid, generation, state, runner, stop, done, requested: new Map() };
    this.#running.set(`${namespace}/${name}`, running);
    return running;
  }

  #stop(name: string): void {
    const running = this.#running.get(name);
    if (!running) return;
    this.#running.delete(name);
    running.stop.abort(new Error('the project is no longer read'));
    const done = running.done.finally(() => this.#stopping.delete(done));
    this.#stopping.add(done);
  }

  #honourProjectRequest(entry: ProjectEntry, running: Running): void {
    const value = entry.object.metadata.annotations?.[annotations.reconcileRequestedAt];
    if (value === undefined || value === entry.object.status?.lastHandledReconcileAt) return;
    this.#honour(
      running,
      '',
      value,
      (now) => running.runner.readAll(now),
      () => {
        running.state.handledReconcileAt = value;
        this.#options.work.add(
          formatKey({ kind: 'project', namespace: entry.namespace, project: entry.name }),
        );
      },
    );
  }

  #honourPoolRequest(key: Extract<MirrorKey, { kind: 'pool' }>): void {
    const running = this.#running.get(`${key.namespace}/${key.project}`);
    if (!running) return;
    for (const mirror of this.#options.stores.pools.byIndex(
      'identity',
      `${key.namespace}/${key.project}/${key.poolName}`,
    )) {
      const value = mirror.reconcileRequestedAt;
      if (value === undefined || value === mirror.status.lastHandledReconcileAt) continue;
      this.#honour(
        running,
        key.poolName,
        value,
        (now) => running.runner.readPool(key.poolName, now),
        () => {
          running.state.poolHandledReconcileAt.set(key.poolName, value);
          this.#options.work.add(formatKey(key));
        },
      );
    }
  }

  /** Reads at once for a new value; where that fails, the next read of its own accord that works settles it. */
  #honour(
    running: Running,
    on: string,
    value: string,
    read: (now: boolean) => Promise<Asked>,
    settle: () => void,
  ): void {
    if (running.requested.get(on) === value) return;
    running.requested.set(on, value);
    const wanted = (): boolean => !running.stop.signal.aborted && running.requested.get(on) === value;
    const attempt = async (): Promise<void> => {
      for (let now = true; wanted(); now = false) {
        const became = await read(now);
        if (became === 'complete') settle();
        if (became !== 'incomplete') return;
      }
    };
    void attempt();
  }

  /** Whatever changes in the cluster is looked at again. Listeners only enqueue. */
  #listen(): void {
    const { stores, work } = this.#options;
    stores.projects.onChange((old, entry) => this.#projectChanged(old, entry));
    stores.pools.onChange((old, entry) => this.#poolChanged(old, entry));
    stores.workloads.onChange((old, entry) => this.#workloadChanged(old, entry));
    stores.resourceSpecs.onChange((old, entry) => this.#resourceSpecChanged(old, entry));
    for (const { namespace, name } of stores.projects.values()) {
      work.add(formatKey({ kind: 'project', namespace, project: name }), 'high');
    }
    for (const { namespace, project, poolName } of stores.pools.values()) {
      work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
    }
  }

  #projectChanged(old: ProjectEntry | undefined, entry: ProjectEntry | undefined): void {
    const { namespace, name } = (entry ?? old)!;
    const byPerson =
      old?.uid !== entry?.uid || old?.object.metadata.generation !== entry?.object.metadata.generation;
    this.#options.work.add(
      formatKey({ kind: 'project', namespace, project: name }),
      byPerson ? 'high' : 'normal',
    );
    if (old?.uid !== entry?.uid) this.#enqueueMirrors(namespace, name);
  }

  #poolChanged(old: PoolRecord | undefined, entry: PoolRecord | undefined): void {
    const { namespace, project, poolName } = (entry ?? old)!;
    const { work, stores } = this.#options;
    const cameOrWent = old?.uid !== entry?.uid;
    work.add(formatKey({ kind: 'pool', namespace, project, poolName }), cameOrWent ? 'high' : 'normal');
    if (!cameOrWent) return;
    const running = this.#running.get(`${namespace}/${project}`);
    if (entry && entry.discoveredBy === undefined) running?.runner.wake();
    const inPool = stores.workloads.byIndex(byPool, `${namespace}/${project}/${poolName}`);
    for (const { identity, source } of inPool)
      if (isSource(source))
        work.add(formatKey({ kind: 'workload', namespace, project, source, uid: identity }));
    for (const { facts } of running?.state.workloads.rowsOf(poolName) ?? [])
      work.add(formatKey({ kind: 'workload', namespace, project, source: 'Workload', uid: facts.uid }));
    work.addAfter(formatKey({ kind: 'project', namespace, project }), countsAfterMs);
  }

  #workloadChanged(old: WorkloadRecord | undefined, entry: WorkloadRecord | undefined): void {
    const { namespace, project, source, identity, poolName } = (entry ?? old)!;
    const { work } = this.#options;
    if (!isSource(source)) return;
    work.add(formatKey({ kind: 'workload', namespace, project, source, uid: identity }));
    if (old?.uid === entry?.uid) return;
    work.addAfter(formatKey({ kind: 'project', namespace, project }), countsAfterMs);
    // A pool that waits for its last workload to go is told.
    if (!entry && poolName !== undefined) work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
  }

  #resourceSpecChanged(old: ResourceSpecRecord | undefined, entry: ResourceSpecRecord | undefined): void {
    const { namespace, project, jobType, specID } = (entry ?? old)!;
    const { work } = this.#options;
    work.add(formatKey({ kind: 'resourceSpec', namespace, project, jobType, specID }));
    if (old?.uid !== entry?.uid)
      work.addAfter(formatKey({ kind: 'project', namespace, project }), countsAfterMs);
  }

  /** What a project asks for is another thing now: of mirrors that it leaves out, no read will tell. */
  #enqueueMirrors(namespace: string, project: string): void {
    const { stores, work } = this.#options;
    for (const { poolName } of stores.pools.byIndex(byProject, `${namespace}/${project}`)) {
      work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
    }
    for (const { identity, source } of stores.workloads.byIndex(byProject, `${namespace}/${project}`)) {
      if (isSource(source))
        work.add(formatKey({ kind: 'workload', namespace, project, source, uid: identity }));
    }
  }
}

function isSource(text: string): text is 'Workload' | 'TrainingJobVersion' {
  return text === 'Workload' || text === 'TrainingJobVersion';
}

function isSuspended(stores: Stores, name: string): boolean {
  const [namespace = '', project = ''] = name.split('/');
  return stores.projects.get(namespace, project)?.object.spec.suspend === true;
}
