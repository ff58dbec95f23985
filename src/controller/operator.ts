import type { Expirations, ModelArtsConnector } from '../api/upstream.ts';
import type { Runtime } from '../runtime/clock.ts';
import { sleep } from '../runtime/wait.ts';
import { ClusterChanges } from './cluster-changes.ts';
import { CrdWatch } from './crd-watch.ts';
import { FailingKeys } from './failing-keys.ts';
import type { Sources } from './gather.ts';
import type { Failure } from './health.ts';
import { formatKey, parseKey } from './keys.ts';
import { outcome } from './outcome.ts';
import type { ControllerMetrics, EventSink, KeyQueue, Logger, SecretReader } from './ports.ts';
import { reconcile, type ReconcileIo, type Stores } from './reconcile.ts';
import { RunningProjects } from './running-projects.ts';

/** The queue of keys, and the workers on it. */
export interface WorkLoop extends KeyQueue {
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

/** How often `sync` looks whether the work is done. */
const idlePollMs = 20;

/** The whole operator but its edges: caches and runners put keys into the queue, workers reconcile them. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #projects: RunningProjects;
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
      state: (namespace, project) => this.#projects.get(`${namespace}/${project}`)?.state,
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
      running: (name) => this.#projects.get(name),
    });
    this.#projects = new RunningProjects({
      ...options,
      onReplaced: (namespace, project) => this.#changes.projectReplaced(namespace, project),
    });
  }

  /** The caches are filled and the workers are at work. Says nothing about ModelArts: probes must not. */
  get ready(): boolean {
    return this.#started;
  }

  /** What reading a project has shown; undefined while it is not read. */
  reading(namespace: string, project: string): ProjectReading | undefined {
    const running = this.#projects.get(`${namespace}/${project}`);
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
    await Promise.all([this.#projects.stopAll(), filling]);
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
        ok: (await this.#projects.get(name)?.runner.readAll(true)) === 'complete',
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
      this.#projects.stop(`${key.namespace}/${key.project}`);
      this.#failing.succeeded(text);
      return undefined;
    }
    const startedAt = runtime.monotonic();
    const seconds = (): number => (runtime.monotonic() - startedAt) / 1000;
    metrics.active(key.kind, 1);
    try {
      if (key.kind === 'project') this.#projects.follow(key.namespace, key.project);
      if (key.kind === 'pool') this.#projects.meetRequests(key);
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
}

function isSuspended(stores: Stores, name: string): boolean {
  const [namespace = '', project = ''] = name.split('/');
  return stores.projects.get(namespace, project)?.object.spec.suspend === true;
}
