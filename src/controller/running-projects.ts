import type { ModelArtsConnector } from '../api/upstream.ts';
import { reconcileRequest } from '../mirror/records.ts';
import { compileSelection } from '../mirror/selection.ts';
import type { Runtime } from '../runtime/clock.ts';
import { Connector } from './connection.ts';
import type { DeletionGuard } from './deletion-guard.ts';
import { byIdentity, projectView, type ProjectEntry } from './gather.ts';
import { formatKey, type MirrorKey } from './keys.ts';
import { mirrorsOf } from './mirrors-of-project.ts';
import type { KeyQueue, Logger, SecretReader } from './ports.ts';
import { ProjectRunner } from './project-runner.ts';
import { ProjectState } from './project-state.ts';
import { ReadRequests } from './read-requests.ts';
import type { Stores } from './reconcile.ts';
import { settingsOf } from './settings.ts';

export interface RunningProjectsOptions {
  readonly stores: Stores;
  readonly work: KeyQueue;
  readonly secrets: SecretReader;
  readonly modelarts: ModelArtsConnector;
  readonly log: Logger;
  readonly runtime: Runtime;
  /** Another spec is followed from now on, or none: all mirrors of the project are to be looked at. */
  readonly onReplaced: (namespace: string, project: string) => void;
}

/** What runs for one project that is read. */
export interface RunningProject {
  readonly uid: string;
  readonly generation: number;
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly runner: ProjectRunner;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly requests: ReadRequests;
}

/** The projects that are read: each has one runner, which follows its spec. */
export class RunningProjects {
  readonly #options: RunningProjectsOptions;
  readonly #running = new Map<string, RunningProject>();
  /** Runners that were told to stop and may still be at it. */
  readonly #stopping = new Set<Promise<void>>();

  constructor(options: RunningProjectsOptions) {
    this.#options = options;
  }

  /** By `namespace/name`; undefined while it is not read. */
  get(name: string): RunningProject | undefined {
    return this.#running.get(name);
  }

  /** Makes what runs for a project agree with the project: started, replaced when its spec changed, or stopped. */
  follow(namespace: string, project: string): void {
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
      this.stop(name);
      this.#options.onReplaced(namespace, project);
    }
    if (!wanted) return;
    if (!running && leavesJobsOut(entry)) this.#options.onReplaced(namespace, project);
    const guard = running?.uid === entry.uid ? running.state.guard : undefined;
    const { requests } = current ? running : this.#start(entry, generation, guard);
    requests.forProject({
      value: reconcileRequest(entry.object.metadata),
      echoed: entry.object.status?.lastHandledReconcileAt,
    });
  }

  #start(entry: ProjectEntry, generation: number, guard?: DeletionGuard): RunningProject {
    const { runtime, secrets, modelarts, log, stores, work } = this.#options;
    const { namespace, name: project } = entry;
    const name = `${namespace}/${project}`;
    const ownKey = formatKey({ kind: 'project', namespace, project });
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
      mirrors: mirrorsOf(stores, namespace, project),
      clock: runtime,
      random: runtime,
      log,
      onPools: (poolNames) => {
        work.add(ownKey);
        for (const poolName of poolNames) work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
      },
      onWorkloads: (uids) => {
        for (const uid of uids) {
          const gone = state.workloads.row(uid) === undefined;
          const key = formatKey({ kind: 'workload', namespace, project, source: 'Workload', uid });
          work.add(key, gone ? 'high' : 'normal');
        }
      },
      onMirrors: (keys) => {
        work.add(ownKey);
        for (const key of keys) work.add(formatKey(key));
      },
    });
    const stop = new AbortController();
    if (!selection.ok) stop.abort(new Error(selection.message));
    const done = runner.run(stop.signal).catch((error: unknown) => {
      // A bug in one project's reading must not take the others down (invariant 5); it starts again with the next change.
      log.error('Reading a project stopped unexpectedly.', { project: name, error });
      if (this.#running.get(name)?.runner === runner) this.#running.delete(name);
      work.addAfter(ownKey, state.poolIntervalMs);
    });
    const requests = new ReadRequests({
      state,
      runner,
      stopped: stop.signal,
      onMet: (poolName) => {
        work.add(poolName === undefined ? ownKey : formatKey({ kind: 'pool', namespace, project, poolName }));
      },
    });
    const running: RunningProject = {
      uid: entry.uid,
      generation,
      state,
      connector,
      runner,
      stop,
      done,
      requests,
    };
    this.#running.set(name, running);
    return running;
  }

  stop(name: string): void {
    const running = this.#running.get(name);
    if (!running) return;
    this.#running.delete(name);
    running.stop.abort(new Error('the project is no longer read'));
    const done = running.done.finally(() => this.#stopping.delete(done));
    this.#stopping.add(done);
  }

  /** Stops all; resolves when no read is under way. */
  async stopAll(): Promise<void> {
    for (const name of [...this.#running.keys()]) this.stop(name);
    await Promise.all(this.#stopping);
  }

  /** Reads at once where a mirror of this pool asks for it. */
  meetRequests({ namespace, project, poolName }: Extract<MirrorKey, { kind: 'pool' }>): void {
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
