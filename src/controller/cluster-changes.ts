import { annotations } from '../mirror/identity.ts';
import type { PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../mirror/world.ts';
import { byPool, byProject, type ProjectEntry } from './gather.ts';
import { formatKey } from './keys.ts';
import type { KeyQueue } from './ports.ts';
import type { ProjectRunner } from './project-runner.ts';
import type { ProjectState } from './project-state.ts';
import type { Stores } from './reconcile.ts';

export interface ClusterChangesOptions {
  /** What is of other projects is left alone. */
  readonly owns: (namespace: string, project: string) => boolean;
  readonly stores: Stores;
  readonly work: KeyQueue;
  /** What reads a project, by `namespace/name`; absent while nothing does. */
  readonly running: (
    name: string,
  ) => { readonly state: ProjectState; readonly runner: Pick<ProjectRunner, 'wake'> } | undefined;
}

/** A project's counts follow its mirrors; during a first sync that would be a write each, so they wait this long. */
const countsAfterMs = 1_000;

/** Puts into the queue what a change in the cluster asks to be looked at again. Does nothing else. */
export class ClusterChanges {
  readonly #options: ClusterChangesOptions;

  constructor(options: ClusterChangesOptions) {
    this.#options = options;
  }

  /** From now on, until the returned function is called; what is there already counts as having changed. */
  listen(): () => void {
    const { stores, work, owns } = this.#options;
    const mine =
      <E extends Pick<PoolRecord, 'namespace' | 'project'>>(changed: (old?: E, entry?: E) => void) =>
      (old: E | undefined, entry: E | undefined): void => {
        const { namespace, project } = (entry ?? old)!;
        if (owns(namespace, project)) changed(old, entry);
      };
    const ends = [
      stores.projects.onChange((old, entry) => this.#projectChanged(old, entry)),
      stores.pools.onChange(mine((old, entry) => this.#poolChanged(old, entry))),
      stores.workloads.onChange(mine((old, entry) => this.#workloadChanged(old, entry))),
      stores.resourceSpecs.onChange(mine((old, entry) => this.#resourceSpecChanged(old, entry))),
    ];
    for (const { namespace, name } of stores.projects.values()) {
      if (owns(namespace, name)) work.add(formatKey({ kind: 'project', namespace, project: name }), 'high');
    }
    for (const { namespace, project, poolName } of stores.pools.values()) {
      if (owns(namespace, project)) work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
    }
    return () => ends.forEach((end) => end());
  }

  /** What a project asks for is another thing now: of mirrors that it leaves out, no read will tell. */
  projectReplaced(namespace: string, project: string): void {
    const { stores, work } = this.#options;
    for (const { poolName } of stores.pools.byIndex(byProject, `${namespace}/${project}`)) {
      work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
    }
    this.#addWorkloads(stores.workloads.byIndex(byProject, `${namespace}/${project}`));
  }

  #projectChanged(old: ProjectEntry | undefined, entry: ProjectEntry | undefined): void {
    const { namespace, name } = (entry ?? old)!;
    const { owns, running } = this.#options;
    // What is read here and is another's now must be looked at once more, to be stopped.
    if (!owns(namespace, name) && !running(`${namespace}/${name}`)) return;
    const key = formatKey({ kind: 'project', namespace, project: name });
    this.#options.work.add(key, byPerson(old, entry) ? 'high' : 'normal');
    // With another Secret it may have come from another owner, and with it all that it has.
    if (old?.uid !== entry?.uid || secretOf(old) !== secretOf(entry)) this.projectReplaced(namespace, name);
  }

  #poolChanged(old: PoolRecord | undefined, entry: PoolRecord | undefined): void {
    const { namespace, project, poolName } = (entry ?? old)!;
    const { work, stores, running } = this.#options;
    const cameOrWent = old?.uid !== entry?.uid;
    const asked = old?.reconcileRequestedAt !== entry?.reconcileRequestedAt;
    work.add(
      formatKey({ kind: 'pool', namespace, project, poolName }),
      cameOrWent || asked ? 'high' : 'normal',
    );
    if (!cameOrWent) return;
    const reading = running(`${namespace}/${project}`);
    if (entry && entry.discoveredBy === undefined) reading?.runner.wake();
    this.#addWorkloads(stores.workloads.byIndex(byPool, `${namespace}/${project}/${poolName}`));
    for (const { facts } of reading?.state.workloads.rowsOf(poolName) ?? [])
      work.add(formatKey({ kind: 'workload', namespace, project, source: 'Workload', uid: facts.uid }));
    this.#addCounts(namespace, project);
  }

  #workloadChanged(old: WorkloadRecord | undefined, entry: WorkloadRecord | undefined): void {
    const workload = (entry ?? old)!;
    const { namespace, project, poolName } = workload;
    const cameOrWent = old?.uid !== entry?.uid;
    // One that was just made says nothing yet: its status comes before the next is made.
    this.#addWorkloads([workload], cameOrWent ? 'high' : 'normal');
    if (!cameOrWent) return;
    this.#addCounts(namespace, project);
    // A pool that waits for its last workload to go is told.
    if (!entry && poolName !== undefined)
      this.#options.work.add(formatKey({ kind: 'pool', namespace, project, poolName }));
  }

  #resourceSpecChanged(old: ResourceSpecRecord | undefined, entry: ResourceSpecRecord | undefined): void {
    const { namespace, project, jobType, specID } = (entry ?? old)!;
    this.#options.work.add(formatKey({ kind: 'resourceSpec', namespace, project, jobType, specID }));
    if (old?.uid !== entry?.uid) this.#addCounts(namespace, project);
  }

  #addCounts(namespace: string, project: string): void {
    this.#options.work.addAfter(formatKey({ kind: 'project', namespace, project }), countsAfterMs);
  }

  #addWorkloads(workloads: readonly WorkloadRecord[], priority: 'high' | 'normal' = 'normal'): void {
    for (const { namespace, project, source, identity: uid } of workloads) {
      if (source === 'Workload' || source === 'TrainingJobVersion')
        this.#options.work.add(formatKey({ kind: 'workload', namespace, project, source, uid }), priority);
    }
  }
}

/** All that people change of a project: it came, went, wants other things, or asks for something by annotation. */
function byPerson(old: ProjectEntry | undefined, entry: ProjectEntry | undefined): boolean {
  if (old?.uid !== entry?.uid) return true;
  const [before, after] = [old?.object.metadata, entry?.object.metadata];
  return (
    before?.generation !== after?.generation ||
    [annotations.reconcileRequestedAt, annotations.confirmDeletion].some(
      (name) => before?.annotations?.[name] !== after?.annotations?.[name],
    )
  );
}

const secretOf = (entry: ProjectEntry | undefined): string | undefined =>
  entry?.object.spec.credentials.secretRef.name;
