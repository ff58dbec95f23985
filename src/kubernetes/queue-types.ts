/** `high` is served before `normal`: a person's change and a deletion before a resync. */
export type Priority = 'high' | 'normal';

/** Hooks for the `workqueue_*` metrics. Each must be quick and must not throw. */
export interface QueueObserver {
  /** A key became queued (not: was found queued already). workqueue_adds_total. */
  added?(): void;
  /** workqueue_depth: keys that wait for a worker now. */
  depth?(depth: number): void;
  /** workqueue_queue_duration_seconds, in ms: from queued to handed out. */
  waited?(ms: number): void;
  /** workqueue_work_duration_seconds, in ms: from handed out to done. */
  worked?(ms: number): void;
  /** workqueue_retries_total. */
  retried?(): void;
}

/** The producer's side of a work queue. */
export interface QueueWriter<K extends string> {
  /** Queues the key now; a no-op while it is queued (but a higher priority promotes it); once more after `done` while it is worked on. */
  add(key: K, priority?: Priority): void;
  /** Queues the key after `ms`. A key waits for one time only: the earlier one. */
  addAfter(key: K, ms: number, priority?: Priority): void;
  /**
   * Queues the key after its own exponential back-off with jitter, and after `leastMs`, with the priority that it was
   * handed out with.
   */
  addRateLimited(key: K, leastMs?: number): void;
  /** Ends the key's back-off: its next failure is its first. */
  forget(key: K): void;
}
