/** One key, one action: gather, plan, act. Everything that decides is in mirror/; errors go to the caller as they are. */
import type { ModelArtsPool, ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import type { ModelArtsProject, ModelArtsProjectStatus } from '../api/kinds/modelarts-project.ts';
import type {
  ModelArtsResourceSpec,
  ModelArtsResourceSpecStatus,
} from '../api/kinds/modelarts-resource-spec.ts';
import type { ModelArtsWorkload, ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';
import { apiVersion } from '../api/kinds/metadata.ts';
import type { Decision, MetadataPatch, OwnerReference } from '../mirror/decision.ts';
import { planPool } from '../mirror/pool.ts';
import { planProject } from '../mirror/project.ts';
import { planResourceSpec } from '../mirror/resource-spec.ts';
import { planWorkload } from '../mirror/workload.ts';
import type { PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../mirror/world.ts';
import type { CrdWatch } from './crd-watch.ts';
import { gatherPool } from './gather-pool.ts';
import { gatherProject } from './gather-project.ts';
import { gatherResourceSpec } from './gather-resource-spec.ts';
import { gatherWorkload } from './gather-workload.ts';
import type { Now, ProjectEntry, Sources } from './gather.ts';
import type { MirrorKey } from './keys.ts';
import type { ControllerMetrics, EventSink, MirrorStore, ObjectIdentity } from './ports.ts';

export interface Stores {
  readonly projects: MirrorStore<ProjectEntry, ModelArtsProject, ModelArtsProjectStatus>;
  readonly pools: MirrorStore<PoolRecord, ModelArtsPool, ModelArtsPoolStatus>;
  readonly workloads: MirrorStore<WorkloadRecord, ModelArtsWorkload, ModelArtsWorkloadStatus>;
  readonly resourceSpecs: MirrorStore<ResourceSpecRecord, ModelArtsResourceSpec, ModelArtsResourceSpecStatus>;
}

export interface ReconcileIo {
  readonly sources: Sources;
  readonly stores: Stores;
  readonly events: EventSink;
  readonly metrics: ControllerMetrics;
  readonly crds: CrdWatch;
  readonly now: () => Now;
}

/** Milliseconds until the key wants to be looked at again; undefined: at the next change. */
export type Next = number | undefined;

export async function reconcile(key: MirrorKey, io: ReconcileIo, signal: AbortSignal): Promise<Next> {
  switch (key.kind) {
    case 'project': {
      const world = gatherProject(key, io.sources, io.now());
      return (
        world && act('project', 'ModelArtsProject', key, planProject(world), io.stores.projects, io, signal)
      );
    }
    case 'pool': {
      const world = gatherPool(key, io.sources, io.now());
      return act('pool', 'ModelArtsPool', key, planPool(world), io.stores.pools, io, signal);
    }
    case 'workload': {
      const decision = planWorkload(gatherWorkload(key, io.sources, io.now()));
      const inSync = decision.do === 'nothing' && decision.reason === 'InSync';
      if (key.source === 'Workload')
        io.sources.state(key.namespace, key.project)?.workloads.compared(key.uid, inSync);
      return act('workload', 'ModelArtsWorkload', key, decision, io.stores.workloads, io, signal);
    }
    case 'resourceSpec': {
      const decision = planResourceSpec(gatherResourceSpec(key, io.sources, io.now()));
      const { resourceSpecs } = io.stores;
      return act('resourceSpec', 'ModelArtsResourceSpec', key, decision, resourceSpecs, io, signal);
    }
  }
}

/**
 * With `--cascade=orphan` the garbage collector frees an owner's mirrors before it lets the owner go, and the cache may show
 * that before it shows that the owner goes: given back, they would be collected with it. Their keys come back when it does.
 */
async function ownersStand(
  { ownerReferences = [] }: MetadataPatch,
  namespace: string,
  { stores }: ReconcileIo,
  signal: AbortSignal,
): Promise<boolean> {
  const stands = ({ kind, name, uid }: OwnerReference): Promise<boolean> =>
    (kind === 'ModelArtsPool' ? stores.pools : stores.projects).stands({ namespace, name, uid }, signal);
  return (await Promise.all(ownerReferences.map(stands))).every(Boolean);
}

async function act<E extends ObjectIdentity, O extends { readonly status?: S }, S>(
  kind: MirrorKey['kind'],
  objectKind: string,
  key: MirrorKey,
  decision: Decision<O, S>,
  store: MirrorStore<E, O, S>,
  io: ReconcileIo,
  signal: AbortSignal,
): Promise<Next> {
  if (decision.do === 'nothing') return undefined;
  if (decision.do === 'wait') return decision.ms;
  if (decision.do === 'create') {
    await store.create(decision.object, signal);
    io.metrics.wrote(kind, 'create', decision.reason);
    return undefined;
  }
  // The plan was made on this very entry: nothing was awaited since it was gathered.
  const entry = store.get(key.namespace, decision.name);
  if (entry === undefined) return undefined;
  switch (decision.do) {
    case 'status': {
      const stored = await store.replaceStatus(entry, decision.status, signal);
      const subject = {
        apiVersion,
        kind: objectKind,
        namespace: entry.namespace,
        name: entry.name,
        uid: entry.uid,
      };
      io.crds.compare(kind, decision.status, stored.status, subject);
      for (const event of decision.events) io.events.publish(subject, event);
      break;
    }
    case 'object':
      if (!(await ownersStand(decision.metadata, key.namespace, io, signal))) return undefined;
      await store.patchMetadata(entry, decision.metadata, signal);
      break;
    case 'delete':
      await store.delete(entry, { orphan: decision.orphan }, signal);
      break;
  }
  io.metrics.wrote(kind, decision.do, decision.reason);
  return undefined;
}
