import type { Expirations, ModelArtsConnector } from '../api/upstream.ts';
import { reconcileRequest } from '../mirror/records.ts';
import { compileSelection } from '../mirror/selection.ts';
import type { Runtime } from '../runtime/clock.ts';
import { sleep } from '../runtime/wait.ts';
import { ClusterChanges } from './cluster-changes.ts';
import { Connector } from './connection.ts';
import { CrdWatch } from './crd-watch.ts';
import type { DeletionGuard } from './deletion-guard.ts';
import { FailingKeys } from './failing-keys.ts';
import { byIdentity, projectView, type ProjectEntry, type Sources } from './gather.ts';
import type { Failure } from './health.ts';
import { formatKey, parseKey, type MirrorKey } from './keys.ts';
import { mirrorsOf } from './mirrors-of-project.ts';
import { outcome } from './outcome.ts';
import type { ControllerMetrics, EventSink, Logger, SecretReader } from './ports.ts';
import { ProjectRunner } from './project-runner.ts';
import { ProjectState } from './project-state.ts';
import { ReadRequests } from './read-requests.ts';
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
  /** Which projects are worked on, asked anew each time; of others not even a key is taken. Default: all. */
  readonly owns?: ((namespace: string, project: string) => boolean) | undefined;
}

/** What reading a project has shown that its mirrors do not say. */
export interface ProjectReading {
  /** When the last complete read ended, milliseconds since the epoch. */
  readonly lastSyncAt: number | undefined;
  /** Why the last reading was not whole, also while it has not failed for long enough to be said in a condition. */
  readonly failure: Failure | undefined;
  readonly expirations: Expirations | undefined;
  /** The greatest place in a pool's queue, 0 when nothing queues; undefined while it is not known. */
  lastInQueue(poolName: string): number | undefined;
}

interface Running {
  readonly uid: string;
  readonly generation: number;
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly runner: ProjectRunner;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly requests: ReadRequests;
}

/** How often `sync` looks whether the work is done. */
const idlePollMs = 20;

/** The whole operator but its edges: caches and runners put keys into the queue, workers reconcile them. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #running = new Map<string, Running>();
  /** Runners that were told to stop and may still be at it. */
  readonly #stopping = new Set<Promise<void>>();
  readonly #failing = new FailingKeys();
  readonly #changes: ClusterChanges;
  readonly #owns: (namespace: string, project: string) => boolean;
  readonly #io: ReconcileIo;
  #started = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { stores, events, metrics, runtime, owns = () => true } = options;
    this.#owns = owns;
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
    this.#changes = new ClusterChanges({
      owns,
      stores,
      work: options.work,
      running: (name) => this.#running.get(name),
    });
  }

  /** The caches are filled and the workers are at work. Says nothing about ModelArts: probes must not. */
  get ready(): boolean {
    return this.#started;
  }

  /** What reading a project has shown; undefined while it is not read. */
  reading(namespace: string, project: string): ProjectReading | undefined {
    const running = this.#running.get(`${namespace}/${project}`);
    if (running === undefined) return undefined;
    const { state, connector } = running;
    return {
      lastSyncAt: state.lastSyncAt,
      failure: state.failure,
      expirations: connector.expirations(),
      lastInQueue: (poolName) => state.workloads.lastInQueue(poolName),
    };
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
    const unlisten = this.#changes.listen();
    this.#started = true;
    await work.run({
      handle: (key, passSignal) => this.#pass(key, passSignal),
      onError: (key, error) => this.#failed(key, error),
      signal,
    });
    unlisten();
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
    const wanted = [...stores.projects.values()]
      .filter(({ namespace, name }) => this.#owns(namespace, name))
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .filter((name) => only === undefined || name === only);
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
    const { metrics, runtime } = this.#options;
    const key = parseKey(text);
    if (!this.#owns(key.namespace, key.project)) {
      this.#stop(`${key.namespace}/${key.project}`);
      this.#failing.succeeded(text);
      return undefined;
    }
    const startedAt = runtime.monotonic();
    const seconds = (): number => (runtime.monotonic() - startedAt) / 1000;
    metrics.active(key.kind, 1);
    try {
      if (key.kind === 'project') this.#follow(key.namespace, key.project);
      if (key.kind === 'pool') this.#meetRequests(key);
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
    if (running && !(wanted && current)) {
      this.#stop(name);
      this.#changes.projectReplaced(namespace, project);
    }
    if (!wanted) return;
    if (!running && leavesJobsOut(entry)) this.#changes.projectReplaced(namespace, project);
    const guard = running?.uid === entry.uid ? running.state.guard : undefined;
    const { requests } = current ? running : this.#start(entry, generation, guard);
    requests.forProject({
      value: reconcileRequest(entry.object.metadata),
      echoed: entry.object.status?.lastHandledReconcileAt,
    });
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
    const requests = new ReadRequests({
      state,
      runner,
      stopped: stop.signal,
      onMet: (poolName) => {
        const project = { namespace, project: name };
        work.add(
          formatKey(
            poolName === undefined ? { kind: 'project', ...project } : { kind: 'pool', ...project, poolName },
          ),
        );
      },
    });
    const running: Running = { uid: entry.uid, generation, state, connector, runner, stop, done, requests };
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

  #meetRequests({ namespace, project, poolName }: Extract<MirrorKey, { kind: 'pool' }>): void {
    const requests = this.#running.get(`${namespace}/${project}`)?.requests;
    const mirrors = this.#options.stores.pools.byIndex(byIdentity, `${namespace}/${project}/${poolName}`);
    for (const { reconcileRequestedAt, status } of mirrors)
      requests?.forPool(poolName, { value: reconcileRequestedAt, echoed: status.lastHandledReconcileAt });
  }
}

/** Mirrors of jobs may be there that no read will touch: from before the spec was so. */
function leavesJobsOut({ object }: ProjectEntry): boolean {
  const { mode, types } = object.spec.workloads ?? {};
  return mode === 'None' || types !== undefined;
}

function isSuspended(stores: Stores, name: string): boolean {
  const [namespace = '', project = ''] = name.split('/');
  return stores.projects.get(namespace, project)?.object.spec.suspend === true;
}
