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
import { groupOf, parseKey } from '../../controller/keys.ts';
import { Operator } from '../../controller/operator.ts';
import type { ModelArtsConnector } from '../../api/upstream.ts';
import { AdaptiveLimit } from '../../kubernetes/adaptive-limit.ts';
import { CallGate } from '../../kubernetes/call-gate.ts';
import { eventResource, type EventObject } from '../../kubernetes/event-object.ts';
import { EventRecorder } from '../../kubernetes/event-recorder.ts';
import { HttpTransport } from '../../kubernetes/http-transport.ts';
import type { KubernetesObject, ResourceDefinition } from '../../kubernetes/objects.ts';
import { ResourceClient } from '../../kubernetes/resource-client.ts';
import { Store } from '../../kubernetes/store.ts';
import { WorkQueue } from '../../kubernetes/work-queue.ts';
import { fieldManager } from '../../mirror/identity.ts';
import type { PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../../mirror/world.ts';
import { ModelArtsClients } from '../../modelarts/client.ts';
import type { EndpointRules } from '../../modelarts/address.ts';
import type { ClientObserver } from '../../modelarts/observer.ts';
import type { ProxySettings } from '../../modelarts/proxy.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Redactor } from '../../observability/redactor.ts';
import type { Runtime } from '../../runtime/clock.ts';
import { cachedPools, cachedProjects, cachedResourceSpecs, cachedWorkloads } from './cached-kinds.ts';
import { ClusterMirrorStore } from './cluster-mirror-store.ts';
import { eventSink, secretReader, secretResource, type SecretObject } from './cluster-ports.ts';
import { createOperatorMetrics, registerCacheMetrics, type OperatorMetrics } from './metrics.ts';
import { clientObserver, observedConnector } from './observed-connector.ts';
import { QueueWorkLoop } from './queue-work-loop.ts';

/** How many keys are worked on at once, and so the most writes under way. How many there are is learnt. */
const workers = 32;
/** Few enough to learn how long a write takes where nothing queues. */
const firstWrites = 8;
/** What is left to write when a stop is asked for: counts of events. */
const eventFlushMs = 2_000;

export interface AssemblyOptions {
  readonly kubeConfig: KubeConfig;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** Names this process in Events. */
  readonly instance: string;
  /** For the User-Agent. */
  readonly version: string;
  /** Default: all. */
  readonly namespaces?: readonly string[] | undefined;
  /** `namespace/name` of the one project to work on. Default: all. */
  readonly only?: string | undefined;
  readonly endpoints: EndpointRules;
  readonly proxy?: ProxySettings;
  /** Told of each exchange with ModelArts. Must not throw. */
  readonly onExchange?: ClientObserver['onExchange'] | undefined;
  /** Asked before each write, with the most it may take, milliseconds; throws to refuse. */
  readonly admitWrite?: ((deadlineMs: number) => void) | undefined;
  /** Default 30,000. Under a lease it must be well below the lease's duration. */
  readonly writeDeadlineMs?: number;
}

type OperatorStores = ConstructorParameters<typeof Operator>[0]['stores'];

export interface Assembly {
  readonly operator: Operator;
  readonly stores: OperatorStores;
  readonly metrics: OperatorMetrics;
  readonly transport: HttpTransport;
  /** After the operator has stopped: writes the last events and ends every socket. */
  close(): Promise<void>;
}

/** Joins the parts into an operator. Opens no socket. */
export function assembleOperator(options: AssemblyOptions): Assembly {
  const { runtime, log, kubeConfig } = options;
  const metrics = createOperatorMetrics({ apiserver: apiserverOf(kubeConfig), workers });
  const writes = new AdaptiveLimit({ initial: firstWrites, most: workers });
  const writeGate = new CallGate(() => writes.limit);
  const transport = new HttpTransport({
    kubeConfig,
    runtime,
    userAgent: `modelarts-operator/${options.version}`,
    observe: (observation) => {
      metrics.engine.apiserverRequest(observation);
      if (observation.method !== 'GET')
        writes.observe({
          durationMs: observation.durationMs,
          refused: isOverload(observation.code),
          inFlight: writeGate.inFlight,
        });
    },
  });
  const client = <T extends KubernetesObject>(resource: ResourceDefinition): ResourceClient<T> =>
    new ResourceClient<T>({
      transport,
      resource,
      fieldManager,
      writeGate,
      ...(options.admitWrite && { admitWrite: options.admitWrite }),
      ...(options.writeDeadlineMs !== undefined && { writeDeadlineMs: options.writeDeadlineMs }),
    });
  const storeOptions = (kind: Kind) => ({
    runtime,
    namespaces: options.namespaces,
    onError: (error: unknown) =>
      log.warn('Listing or watching failed; it is tried again with growing waits.', {
        kind: kind.kind,
        error,
      }),
  });

  const projects = new Store<ModelArtsProject, ProjectEntry>({
    ...storeOptions(modelArtsProject),
    client: client(resourceOf(modelArtsProject)),
    ...cachedProjects,
  });
  const pools = new Store<ModelArtsPool, PoolRecord>({
    ...storeOptions(modelArtsPool),
    client: client(resourceOf(modelArtsPool)),
    ...cachedPools,
  });
  const workloads = new Store<ModelArtsWorkload, WorkloadRecord>({
    ...storeOptions(modelArtsWorkload),
    client: client(resourceOf(modelArtsWorkload)),
    ...cachedWorkloads(),
  });
  const resourceSpecs = new Store<ModelArtsResourceSpec, ResourceSpecRecord>({
    ...storeOptions(modelArtsResourceSpec),
    client: client(resourceOf(modelArtsResourceSpec)),
    ...cachedResourceSpecs,
  });
  const stores = {
    projects: new ClusterMirrorStore<ModelArtsProject, ProjectEntry, ModelArtsProjectStatus>(projects),
    pools: new ClusterMirrorStore<ModelArtsPool, PoolRecord, ModelArtsPoolStatus>(pools),
    workloads: new ClusterMirrorStore<ModelArtsWorkload, WorkloadRecord, ModelArtsWorkloadStatus>(workloads),
    resourceSpecs: new ClusterMirrorStore<
      ModelArtsResourceSpec,
      ResourceSpecRecord,
      ModelArtsResourceSpecStatus
    >(resourceSpecs),
  };

  const recorder = new EventRecorder({
    client: client<EventObject>(eventResource),
    runtime,
    reportingController: `${group}/operator`,
    reportingInstance: options.instance,
    onDropped: (event, why, error) =>
      log.debug('An event was not written.', { reason: event.reason, why, error }),
  });
  const queue = new WorkQueue<string>({ runtime, group: groupOf, observer: metrics.engine.queue('mirrors') });
  const operator = new Operator({
    stores,
    runStores: async (signal) => {
      const all = [projects, pools, workloads, resourceSpecs];
      await Promise.all(all.map((store) => store.run(signal)));
    },
    work: new QueueWorkLoop(queue, workers, (key, n) => metrics.reconcile.active(parseKey(key).kind, n)),
    secrets: secretReader(client<SecretObject>(secretResource)),
    modelarts: connectorOf(options, metrics),
    events: eventSink(recorder),
    metrics: metrics.reconcile,
    log,
    runtime,
    only: options.only,
  });
  registerCacheMetrics(metrics.registry, {
    ...stores,
    lastInQueue: (namespace, project, poolName) => operator.lastInQueue(namespace, project, poolName),
  });
  return {
    operator,
    stores,
    metrics,
    transport,
    close: async () => {
      await recorder.stop(eventFlushMs);
      await transport.close();
    },
  };
}

function connectorOf(options: AssemblyOptions, metrics: OperatorMetrics): ModelArtsConnector {
  const clients = new ModelArtsClients({
    runtime: options.runtime,
    endpoints: options.endpoints,
    observer: clientObserver(metrics.upstream, options.onExchange),
    ...(options.proxy && { proxy: options.proxy }),
  });
  return observedConnector(clients, { redactor: options.redactor, metrics: metrics.upstream });
}

function resourceOf({ kind, plural }: Kind): ResourceDefinition {
  return { group, version, plural, kind, namespaced: true };
}

/** By an attempt's status; `<error>` where no answer came. */
function isOverload(code: string): boolean {
  return code === '429' || !/^[1-4]/.test(code);
}

function apiserverOf(kubeConfig: KubeConfig): string {
  return URL.parse(kubeConfig.getCurrentCluster()?.server ?? '')?.host ?? '';
}
