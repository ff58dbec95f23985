import { total, type MetricSample } from './exposition.ts';

/** Something of the process that must not grow while its work stays the same. */
export interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly of: (samples: readonly MetricSample[]) => number;
  /** The most that its line may climb over the whole run, in its unit. */
  readonly mayGrow: number;
  /** Read only after a full garbage collection. */
  readonly afterCollection?: true;
}

const mebibytes = (bytes: number): number => bytes / 2 ** 20;
const active = (samples: readonly MetricSample[], type: RegExp): number =>
  total(samples, 'nodejs_active_resources', (labels) => type.test(labels['type'] ?? ''));
const isOfObject = ({ labels }: MetricSample): boolean => 'pool' in labels || 'project' in labels;

export const quantities: readonly Quantity[] = [
  {
    name: 'heap after collection',
    unit: 'MiB',
    of: (samples) => mebibytes(total(samples, 'nodejs_heap_size_used_bytes')),
    mayGrow: 2,
    afterCollection: true,
  },
  {
    name: 'resident memory',
    unit: 'MiB',
    of: (samples) => mebibytes(total(samples, 'process_resident_memory_bytes')),
    mayGrow: 10,
  },
  {
    name: 'memory outside the heap',
    unit: 'MiB',
    of: (samples) => mebibytes(total(samples, 'nodejs_external_memory_bytes')),
    mayGrow: 2,
    afterCollection: true,
  },
  {
    name: 'open files',
    unit: '',
    of: (samples) => total(samples, 'process_open_fds'),
    mayGrow: 2,
  },
  { name: 'sockets', unit: '', of: (samples) => active(samples, /^TCPSocket/), mayGrow: 2 },
  { name: 'timers', unit: '', of: (samples) => active(samples, /^(Timeout|Immediate)$/), mayGrow: 5 },
  {
    name: 'keys in queues',
    unit: '',
    of: (samples) => total(samples, 'workqueue_depth'),
    mayGrow: 2,
  },
  {
    name: 'event-loop delay, mean',
    unit: 'ms',
    of: (samples) => total(samples, 'nodejs_eventloop_lag_mean_seconds') * 1_000,
    mayGrow: 2,
  },
  {
    name: 'event-loop delay, 99 of 100',
    unit: 'ms',
    of: (samples) => total(samples, 'nodejs_eventloop_lag_p99_seconds') * 1_000,
    mayGrow: 10,
  },
  {
    name: 'series of pools and projects',
    unit: '',
    of: (samples) => samples.filter(isOfObject).length,
    // Pools come and go by the hundred: what is gone must not keep its own.
    mayGrow: 20,
  },
  {
    name: 'other series of metrics',
    unit: '',
    of: (samples) => samples.filter((sample) => !isOfObject(sample)).length,
    // Each operation, status code and failure adds some when it comes for the first time; thousands of jobs must not.
    mayGrow: 200,
  },
];
