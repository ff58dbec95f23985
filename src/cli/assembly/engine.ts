import type { KubeConfig } from '@kubernetes/client-node';

import type { Kind } from '../../api/kinds/kind.ts';
import { group, version } from '../../api/kinds/metadata.ts';
import {
  modelArtsPool,
  type ModelArtsPool,
  type ModelArtsPoolStatus,
} from '../../api/kinds/modelarts-pool.ts';
import {
  modelArtsProject,
  type ModelArtsProject,
  type ModelArtsProjectStatus,
} from '../../api/kinds/modelarts-project.ts';
import {
  modelArtsResourceSpec,
  type ModelArtsResourceSpec,
  type ModelArtsResourceSpecStatus,
} from '../../api/kinds/modelarts-resource-spec.ts';
import {
  modelArtsWorkload,
  type ModelArtsWorkload,
  type ModelArtsWorkloadStatus,
} from '../../api/kinds/modelarts-workload.ts';
import type { ProjectEntry } from '../../controller/gather.ts';
import { groupOf } from '../../controller/keys.ts';
import { Operator } from '../../controller/operator.ts';
import { outcome } from '../../controller/outcome.ts';
import type { ModelArtsConnector } from '../../api/upstream.ts';
import { AdaptiveLimit } from '../../kubernetes/adaptive-limit.ts';
import { CallGate } from '../../kubernetes/call-gate.ts';
import { isForbidden, rightRefused } from '../../kubernetes/errors.ts';
import { eventResource, type EventObject } from '../../kubernetes/event-object.ts';
import { EventRecorder } from '../../kubernetes/event-recorder.ts';
import { HttpTransport } from '../../kubernetes/http-transport.ts';
import type { ConnectionSource } from '../../kubernetes/kubeconfig-connection.ts';
import type { KubernetesObject, ResourceDefinition } from '../../kubernetes/objects.ts';
import { ResourceClient } from '../../kubernetes/resource-client.ts';
import type { StoreEntry } from '../../kubernetes/store-entry.ts';
import { Store } from '../../kubernetes/store.ts';
import { WorkQueue } from '../../kubernetes/work-queue.ts';
import { fieldManager } from '../../mirror/identity.ts';
import type { PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../../mirror/world.ts';
import { ModelArtsClients } from '../../modelarts/client.ts';
import type { EndpointRules } from '../../modelarts/address.ts';
import type { ClientObserver } from '../../modelarts/observer.ts';
import type { ProxySettings } from '../../modelarts/proxy.ts';
import type { Fetch } from '../../modelarts/wire.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Redactor } from '../../observability/redactor.ts';
import type { Runtime } from '../../runtime/clock.ts';
import {
  cachedPools,
  cachedProjects,
  cachedResourceSpecs,
  cachedWorkloads,
  type CachedKind,
} from './cached-kinds.ts';
import { ClusterMirrorStore, type WriteAdmission } from './cluster-mirror-store.ts';
import { eventSink, secretReader, secretResource, type SecretObject } from './cluster-ports.ts';
import { registerApiserverMetrics } from '../../observability/apiserver-metrics.ts';
import { createOperatorMetrics, type OperatorMetrics } from './metrics.ts';
import { clientObserver, observedConnector } from './observed-connector.ts';
import { QueueWorkLoop } from './queue-work-loop.ts';
import { learning } from './write-limit.ts';

/** The most writes under way at once. How many there are is learnt. */
export const mostWrites = 32;
/** Few enough to learn how long a write takes where nothing queues. */
const firstWrites = 8;
/** What is left to write when a stop is asked for: counts of events. */
const eventFlushMs = 2_000;

export interface EngineOptions {
  readonly kubeConfig: KubeConfig;
  /** The ways to both servers, for a network that is none. Default: sockets. */
  readonly network?: { readonly apiserver: ConnectionSource; readonly modelarts: Fetch } | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** Names this process in Events. */
  readonly instance: string;
  /** For the User-Agent. */
  readonly version: string;
  /** Default: all. */
  readonly namespaces?: readonly string[] | undefined;
  readonly endpoints: EndpointRules;
  readonly proxy?: ProxySettings;
  /** Told of each exchange with ModelArts. Must not throw. */
  readonly onExchange?: ClientObserver['onExchange'] | undefined;
  /** The most keys that an operator works on at once. */
  readonly workers: number;
  /** The most operators at once. Default 1. */
  readonly operators?: number;
}

/** The kinds as they are cached: one cache a process, however many operators work over it. */
interface Caches {
  readonly projects: Store<ModelArtsProject, ProjectEntry>;
  readonly pools: Store<ModelArtsPool, PoolRecord>;
  readonly workloads: Store<ModelArtsWorkload, WorkloadRecord>;
  readonly resourceSpecs: Store<ModelArtsResourceSpec, ResourceSpecRecord>;
}

export type OperatorStores = ConstructorParameters<typeof Operator>[0]['stores'];

/** An operator of its own over the engine's caches. */
export interface OperatorPart extends WriteAdmission {
  /** Of the work queue, in metrics. */
  readonly name: string;
  /** See OperatorOptions. */
  readonly owns?: ((namespace: string, project: string) => boolean) | undefined;
  /** The caches are this operator's to fill while it runs. Default: somebody else fills them. */
  readonly fills?: boolean;
}

export interface PartialOperator {
  readonly operator: Operator;
  /** Works until the signal aborts, and then writes the last events: under a lease, all of it. */
  work(signal: AbortSignal): Promise<void>;
}

/** What all operators of a process share. */
export interface Engine {
  readonly caches: Caches;
  readonly metrics: OperatorMetrics;
  readonly transport: HttpTransport;
  /** Fills the caches until the signal aborts. Once. */
  runCaches(signal: AbortSignal): Promise<void>;
  /** For one run. */
  operator(part: OperatorPart): PartialOperator;
}

/** Joins what operators share. Opens no socket. */
export function assembleEngine(options: EngineOptions): Engine {
  const { runtime, log, kubeConfig, workers, operators = 1 } = options;
  const metrics = createOperatorMetrics({
    apiserver: apiserverOf(kubeConfig),
    workers: workers * operators,
    version: options.version,
  });
  const writes = new AdaptiveLimit({ initial: firstWrites, most: mostWrites });
  const writeGate = new CallGate(() => writes.limit);
  const learn = learning(writes, writeGate);
  const transport = new HttpTransport({
    kubeConfig,
    connection: options.network?.apiserver,
    runtime,
    userAgent: `modelarts-operator/${options.version}`,
    observe: (observation) => {
      metrics.engine.apiserverRequest(observation);
      learn(observation);
    },
  });
  registerApiserverMetrics(metrics.registry, {
    writesInFlight: () => writeGate.inFlight,
    writeLimit: () => writes.limit,
    clientCertificateEndsAt: () => transport.clientCertificateEndsAt,
  });
  const client = <T extends KubernetesObject>(
    resource: ResourceDefinition,
    admission: WriteAdmission = {},
  ): ResourceClient<T> =>
    new ResourceClient<T>({ transport, resource, fieldManager, writeGate, ...given(admission) });
  const cacheOf = <T extends KubernetesObject, E extends StoreEntry>(
    kind: Kind,
    cached: CachedKind<T, E>,
  ): Store<T, E> =>
    new Store<T, E>({
      runtime,
      namespaces: options.namespaces,
      onError: (error: unknown) =>
        log.warn('Listing or watching failed; it is tried again with growing waits.', {
          kind: kind.kind,
          error,
        }),
      client: client(resourceOf(kind)),
      ...cached,
    });
  const caches: Caches = {
    projects: cacheOf(modelArtsProject, cachedProjects),
    pools: cacheOf<ModelArtsPool, PoolRecord>(modelArtsPool, cachedPools),
    workloads: cacheOf<ModelArtsWorkload, WorkloadRecord>(modelArtsWorkload, cachedWorkloads()),
    resourceSpecs: cacheOf<ModelArtsResourceSpec, ResourceSpecRecord>(
      modelArtsResourceSpec,
      cachedResourceSpecs,
    ),
  };
  const modelarts = connectorOf(options, metrics);
  const secrets = secretReader(client<SecretObject>(secretResource));
  const runCaches = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(Object.values(caches).map((cache: Caches[keyof Caches]) => cache.run(signal)));
  };

  // A right that is lacking is lacking for every Event: each is said once where people look.
  const refused = new Set<string | undefined>();
  const operator = ({ name, owns, fills = false, ...admission }: OperatorPart): PartialOperator => {
    const recorder = new EventRecorder({
      client: client<EventObject>(eventResource, admission),
      runtime,
      reportingController: `${group}/operator`,
      reportingInstance: options.instance,
      onDropped: (event, why, error) => {
        // That a namespace is going away is no such lack.
        const right = rightRefused(error);
        const first = isForbidden(error) && outcome(error).do === 'backOff' && !refused.has(right);
        if (first) refused.add(right);
        log[first ? 'warn' : 'debug']('An event was not written.', { reason: event.reason, why, error });
      },
    });
    const observer = metrics.engine.queue(name);
    const queue = new WorkQueue<string>({ runtime, group: groupOf, observer });
    const one = new Operator({
      stores: storesOf(caches, admission),
      runStores: fills ? runCaches : () => Promise.resolve(),
      work: new QueueWorkLoop(queue, workers),
      secrets,
      modelarts,
      events: eventSink(recorder),
      metrics: metrics.reconcile,
      log,
      runtime,
      owns,
    });
    return {
      operator: one,
      work: async (signal) => {
        try {
          await one.run(signal);
        } finally {
          // Keys that nobody takes any more wait for nothing.
          observer.depth(0);
          await recorder.stop(eventFlushMs);
        }
      },
    };
  };
  return { caches, metrics, transport, runCaches, operator };
}

/** The caches as an operator sees them, which writes under its own lease. */
export function storesOf(caches: Caches, admission: WriteAdmission = {}): OperatorStores {
  return {
    projects: new ClusterMirrorStore<ModelArtsProject, ProjectEntry, ModelArtsProjectStatus>(
      caches.projects,
      admission,
    ),
    pools: new ClusterMirrorStore<ModelArtsPool, PoolRecord, ModelArtsPoolStatus>(caches.pools, admission),
    workloads: new ClusterMirrorStore<ModelArtsWorkload, WorkloadRecord, ModelArtsWorkloadStatus>(
      caches.workloads,
      admission,
    ),
    resourceSpecs: new ClusterMirrorStore<
      ModelArtsResourceSpec,
      ResourceSpecRecord,
      ModelArtsResourceSpecStatus
    >(caches.resourceSpecs, admission),
  };
}

function given({ admitWrite, writeDeadlineMs }: WriteAdmission) {
  return { ...(admitWrite && { admitWrite }), ...(writeDeadlineMs !== undefined && { writeDeadlineMs }) };
}

function connectorOf(options: EngineOptions, metrics: OperatorMetrics): ModelArtsConnector {
  const clients = new ModelArtsClients({
    runtime: options.runtime,
    endpoints: options.endpoints,
    fetch: options.network?.modelarts,
    observer: clientObserver(metrics.upstream, options.onExchange),
    ...(options.proxy && { proxy: options.proxy }),
  });
  return observedConnector(clients, { redactor: options.redactor, metrics: metrics.upstream });
}

function resourceOf({ kind, plural }: Kind): ResourceDefinition {
  return { group, version, plural, kind, namespaced: true };
}

function apiserverOf(kubeConfig: KubeConfig): string {
  return URL.parse(kubeConfig.getCurrentCluster()?.server ?? '')?.host ?? '';
}
