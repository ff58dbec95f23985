/**
 * The cluster behind the controller's ports, in memory: objects with versions, a garbage collector, Secrets and Events.
 * With the fake ModelArts and a virtual clock the whole controller runs hours in a moment.
 */
import type { ObjectMeta } from '../../src/api/kinds/metadata.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from '../../src/api/kinds/modelarts-pool.ts';
import type {
  ModelArtsProject,
  ModelArtsProjectSpec,
  ModelArtsProjectStatus,
} from '../../src/api/kinds/modelarts-project.ts';
import type {
  ModelArtsResourceSpec,
  ModelArtsResourceSpecStatus,
} from '../../src/api/kinds/modelarts-resource-spec.ts';
import type { ModelArtsWorkload, ModelArtsWorkloadStatus } from '../../src/api/kinds/modelarts-workload.ts';
import type { Connection } from '../../src/api/upstream.ts';
import {
  cachedPools,
  cachedProjects,
  cachedResourceSpecs,
  cachedWorkloads,
  type CachedKind,
} from '../../src/cli/assembly/cached-kinds.ts';
import { QueueWorkLoop } from '../../src/cli/assembly/queue-work-loop.ts';
import type { ProjectEntry } from '../../src/controller/gather.ts';
import { groupOf } from '../../src/controller/keys.ts';
import { Operator, type OperatorOptions } from '../../src/controller/operator.ts';
import {
  noMetrics,
  type LogFields,
  type MirrorStore,
  type ObjectIdentity,
} from '../../src/controller/ports.ts';
import { WorkQueue } from '../../src/kubernetes/work-queue.ts';
import type { EventDraft, MetadataPatch } from '../../src/mirror/decision.ts';
import type { MirrorRecord, PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../../src/mirror/world.ts';
import { FakeModelArts } from './fake-modelarts.ts';
import { virtualClock, type VirtualClock } from './virtual-clock.ts';

interface StoredObject<S> {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: object;
  status?: S;
}

type Entry = Pick<MirrorRecord, 'namespace' | 'name' | 'uid' | 'resourceVersion'>;

/** As kubernetes/ throws them. */
function conflict(message: string): Error {
  return Object.assign(new Error(message), { name: 'ApiError', code: 409, reason: 'Conflict' });
}

class MemoryStore<E extends Entry, O extends StoredObject<S>, S> implements MirrorStore<E, O, S> {
  readonly objects = new Map<string, O>();
  /** `create name`, `status name`, `object name`, `delete name`: what an operator wrote. */
  readonly writes: string[] = [];
  /** Rejected instead of a write, e.g. for `create pool-a`. */
  refusal: (write: string) => unknown = () => undefined;
  /** Uids of what is being deleted, and is not shown so yet. */
  readonly ending = new Set<string>();
  /** Ends what a deleted object owned. */
  onDeleted: (uid: string) => void = () => undefined;
  readonly #kind: CachedKind<O, E>;
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<(old: E | undefined, entry: E | undefined) => void>();
  #version = 0;

  constructor(clock: VirtualClock, kind: CachedKind<O, E>) {
    this.#clock = clock;
    this.#kind = kind;
  }

  get(namespace: string, name: string): E | undefined {
    const object = this.objects.get(`${namespace}/${name}`);
    return object && this.#kind.project(object);
  }
  byIndex(index: string, value: string): readonly E[] {
    return [...this.values()].filter((entry) => this.#kind.indexers[index]?.(entry).includes(value));
  }
  countByIndex(index: string, value: string): number {
    return this.byIndex(index, value).length;
  }
  *values(): Iterable<E> {
    for (const object of this.objects.values()) yield this.#kind.project(object);
  }
  get size(): number {
    return this.objects.size;
  }
  hasSynced(): boolean {
    return true;
  }
  synced(): Promise<void> {
    return Promise.resolve();
  }
  onChange(listener: (old: E | undefined, entry: E | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stands({ namespace, name, uid }: ObjectIdentity): Promise<boolean> {
    return Promise.resolve(this.get(namespace, name)?.uid === uid && !this.ending.has(uid));
  }

  create(object: O): Promise<O> {
    return this.#write(`create ${object.metadata.name}`, () => this.apply(object));
  }

  replaceStatus(entry: E, status: S): Promise<O> {
    return this.#write(`status ${entry.name}`, () => {
      const stored = this.#current(entry);
      return this.#put({ ...stored, status: plain(status) });
    });
  }

  patchMetadata(entry: E, { labels, annotations, ownerReferences }: MetadataPatch): Promise<O> {
    return this.#write(`object ${entry.name}`, () => {
      const stored = this.#current(entry);
      const metadata = {
        ...stored.metadata,
        labels: { ...stored.metadata.labels, ...(labels as Record<string, string>) },
        annotations: { ...stored.metadata.annotations, ...(annotations as Record<string, string>) },
        ...(ownerReferences && { ownerReferences: [...ownerReferences] }),
      };
      return this.#put({ ...stored, metadata });
    });
  }

  async delete(entry: E, { orphan }: { readonly orphan: boolean }): Promise<void> {
    await this.#write(`delete ${entry.name}`, () => this.remove(this.#current(entry), orphan));
  }

  /** What a person does: creates, or changes spec and annotations. */
  apply(object: O): O {
    const { namespace = '', name } = object.metadata;
    const before = this.objects.get(`${namespace}/${name}`);
    const changed = before !== undefined && JSON.stringify(before.spec) !== JSON.stringify(object.spec);
    const metadata: ObjectMeta = {
      ...object.metadata,
      uid: before?.metadata.uid ?? `uid-${object.kind}-${name}-${this.#version}`,
      generation: (before?.metadata.generation ?? 1) + (changed ? 1 : 0),
      creationTimestamp: before?.metadata.creationTimestamp ?? new Date(this.#clock.now()).toISOString(),
    };
    return this.#put({ ...object, ...(before && { status: before.status }), metadata });
  }

  remove(object: O, orphan = false): void {
    const { namespace = '', name, uid = '' } = object.metadata;
    if (!this.objects.delete(`${namespace}/${name}`)) return;
    this.#tell(this.#kind.project(object), undefined);
    if (!orphan) this.onDeleted(uid);
  }

  /** What an operator wrote since the last time this was asked. */
  taken(): readonly string[] {
    return this.writes.splice(0);
  }

  async #write<T>(what: string, act: () => T): Promise<T> {
    const refusal = this.refusal(what);
    await Promise.resolve();
    if (refusal !== undefined) throw refusal;
    const result = act();
    this.writes.push(what);
    return result;
  }

  #current(entry: E): O {
    const stored = this.objects.get(`${entry.namespace}/${entry.name}`);
    if (stored?.metadata.resourceVersion === entry.resourceVersion && stored.metadata.uid === entry.uid)
      return stored;
    throw conflict(`${entry.name} is not what it was`);
  }

  #put(object: O): O {
    const { namespace = '', name } = object.metadata;
    const key = `${namespace}/${name}`;
    const before = this.objects.get(key);
    const resourceVersion = String(++this.#version);
    const stored = plain({ ...object, metadata: { ...object.metadata, resourceVersion } });
    this.objects.set(key, stored);
    this.#tell(before && this.#kind.project(before), this.#kind.project(stored));
    return stored;
  }

  #tell(old: E | undefined, entry: E | undefined): void {
    for (const listener of this.#listeners) listener(old, entry);
  }
}

/** As it comes back from the apiserver: without what is undefined. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export const namespace = 'team';

export class MemoryCluster {
  readonly clock = virtualClock();
  readonly modelarts = new FakeModelArts();
  readonly connections: Connection[] = [];
  readonly projects = new MemoryStore<ProjectEntry, ModelArtsProject, ModelArtsProjectStatus>(
    this.clock,
    cachedProjects,
  );
  readonly pools = new MemoryStore<PoolRecord, ModelArtsPool, ModelArtsPoolStatus>(this.clock, cachedPools);
  readonly workloads = new MemoryStore<WorkloadRecord, ModelArtsWorkload, ModelArtsWorkloadStatus>(
    this.clock,
    cachedWorkloads(),
  );
  readonly resourceSpecs = new MemoryStore<
    ResourceSpecRecord,
    ModelArtsResourceSpec,
    ModelArtsResourceSpecStatus
  >(this.clock, cachedResourceSpecs);
  readonly secrets = new Map<
    string,
    { resourceVersion: string; type: string; data: Record<string, string> }
  >();
  readonly events: EventDraft[] = [];
  readonly log: (LogFields & { readonly level: string; readonly message: string })[] = [];
  #running:
    { readonly operator: Operator; readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor() {
    this.modelarts.date = () => this.clock.now();
    this.secret('credentials', 'abc');
    for (const store of this.#stores()) {
      store.onDeleted = (uid) => {
        for (const other of this.#stores())
          for (const object of [...other.objects.values()] as StoredObject<unknown>[])
            if (object.metadata.ownerReferences?.some((owner) => owner.uid === uid))
              other.remove(object as never);
      };
    }
  }

  start(options: Partial<OperatorOptions> = {}): Operator {
    const { clock, projects, pools, workloads, resourceSpecs } = this;
    const queue = new WorkQueue<string>({ runtime: clock, group: groupOf });
    const say =
      (level: string) =>
      (message: string, fields: LogFields = {}): unknown =>
        this.log.push({ ...fields, level, message });
    const operator = new Operator({
      stores: { projects, pools, workloads, resourceSpecs },
      runStores: (signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
      work: new QueueWorkLoop(queue, 4),
      secrets: {
        read: (_ns, name) => Promise.resolve(this.secrets.get(name)),
      },
      modelarts: {
        open: (connection) => {
          this.connections.push(connection);
          this.modelarts.allowed = connection.rateLimit.requestsPerSecond;
          return this.modelarts;
        },
      },
      events: { publish: (_subject, event) => this.events.push(event) },
      metrics: noMetrics,
      log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
      runtime: clock,
      ...options,
    });
    const stop = new AbortController();
    this.#running = { operator, stop, done: operator.run(stop.signal) };
    return operator;
  }

  async stop(): Promise<void> {
    this.#running?.stop.abort(new Error('the test stops the operator'));
    await this.#running?.done;
    this.#running = undefined;
  }

  /** Writes a Secret of a new version. */
  secret(name: string, token: string): void {
    const resourceVersion = String(Number(this.secrets.get(name)?.resourceVersion ?? 0) + 1);
    const data = { token: Buffer.from(token).toString('base64') };
    this.secrets.set(name, { resourceVersion, type: 'Opaque', data });
  }

  /** Writes the project, or changes these sections of its spec. */
  project(
    spec: Partial<ModelArtsProjectSpec> = {},
    annotations: Record<string, string> = {},
    name = 'vision',
  ): ModelArtsProject {
    const before = this.projects.objects.get(`${namespace}/${name}`);
    return this.projects.apply({
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsProject',
      metadata: { name, namespace, annotations: { ...before?.metadata.annotations, ...annotations } },
      spec: {
        endpoint: 'https://modelarts.example.com',
        projectID: '0123456789abcdef0123456789abcdef',
        credentials: { secretRef: { name: 'credentials' } },
        resourceSpecs: { mode: 'Disabled' },
        trainingJobVersions: { mode: 'Disabled' },
        ...before?.spec,
        ...spec,
      },
    });
  }

  projectStatus(name = 'vision'): ModelArtsProjectStatus {
    return this.projects.objects.get(`${namespace}/${name}`)?.status ?? {};
  }

  poolStatus(name: string): ModelArtsPoolStatus | undefined {
    return this.pools.objects.get(`${namespace}/${name}`)?.status;
  }

  /** `True/ReadComplete`. */
  said(status: ModelArtsProjectStatus | ModelArtsPoolStatus | undefined, type: string): string {
    const condition = status?.conditions?.find((one) => one.type === type);
    return condition === undefined ? 'absent' : `${condition.status}/${condition.reason}`;
  }

  names(store: { readonly objects: ReadonlyMap<string, unknown> }): readonly string[] {
    return [...store.objects.keys()].map((key) => key.split('/')[1] ?? '').sort();
  }

  /** What the operator wrote since the last time this was asked. */
  taken(): readonly string[] {
    return this.#stores().flatMap((store) => store.taken());
  }

  #stores() {
    return [this.projects, this.pools, this.workloads, this.resourceSpecs] as const;
  }
}
