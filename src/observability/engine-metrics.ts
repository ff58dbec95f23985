import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** client-go's buckets for the work queue, seconds. */
const queueBuckets = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];
/** client-go's buckets for requests, seconds. */
const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** Hooks of one work queue; durations in milliseconds. */
export interface QueueHooks {
  added(): void;
  depth(depth: number): void;
  waited(ms: number): void;
  worked(ms: number): void;
  retried(): void;
}

/** One attempt of a request to the apiserver. */
export interface ApiserverRequest {
  readonly method: string;
  /** HTTP status code, or `<error>`. */
  readonly code: string;
  readonly durationMs: number;
}

/** The Kubernetes side, under the names and buckets of client-go and controller-runtime, so that their dashboards fit. */
export interface EngineMetrics {
  queue(name: string): QueueHooks;
  apiserverRequest(request: ApiserverRequest): void;
  leading(lease: string, leads: boolean): void;
}

/** `host`: of the apiserver, with its port. */
export function registerEngineMetrics(registry: Registry, options: { readonly host: string }): EngineMetrics {
  const registers = [registry];
  const { host } = options;
  const named = ['name'] as const;
  const depth = new Gauge({
    registers,
    name: 'workqueue_depth',
    help: 'Keys that wait for a worker now, by work queue.',
    labelNames: named,
  });
  const adds = new Counter({
    registers,
    name: 'workqueue_adds_total',
    help: 'Keys that became queued, by work queue.',
    labelNames: named,
  });
  const retries = new Counter({
    registers,
    name: 'workqueue_retries_total',
    help: 'Keys queued again after a failure, by work queue.',
    labelNames: named,
  });
  const waits = new Histogram({
    registers,
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a key stayed queued before a worker took it.',
    labelNames: named,
    buckets: queueBuckets,
  });
  const works = new Histogram({
    registers,
    name: 'workqueue_work_duration_seconds',
    help: 'How long a worker was busy with a key.',
    labelNames: named,
    buckets: queueBuckets,
  });
  const requests = new Counter({
    registers,
    name: 'rest_client_requests_total',
    help: 'Requests to the apiserver, each attempt counted, by status code, method and host.',
    labelNames: ['code', 'method', 'host'],
  });
  const requestSeconds = new Histogram({
    registers,
    name: 'rest_client_request_duration_seconds',
    help: 'How long a request to the apiserver took, by verb and host.',
    labelNames: ['verb', 'host'],
    buckets: requestBuckets,
  });
  const leader = new Gauge({
    registers,
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease, else 0.',
    labelNames: named,
  });

  return {
    queue: (name) => {
      depth.set({ name }, 0);
      adds.inc({ name }, 0);
      retries.inc({ name }, 0);
      return {
        added: () => adds.inc({ name }),
        depth: (keys) => depth.set({ name }, keys),
        waited: (ms) => waits.observe({ name }, ms / 1000),
        worked: (ms) => works.observe({ name }, ms / 1000),
        retried: () => retries.inc({ name }),
      };
    },
    apiserverRequest: ({ method, code, durationMs }) => {
      requests.inc({ code, method, host });
      requestSeconds.observe({ verb: method, host }, durationMs / 1000);
    },
    leading: (name, leads) => leader.set({ name }, leads ? 1 : 0),
  };
}
