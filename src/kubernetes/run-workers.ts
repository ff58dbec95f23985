import { ApiError } from './errors.ts';
import type { WorkQueue } from './work-queue.ts';

/** What a pass over a key asks for: nothing more until the next change, or another pass after a time. */
export interface WorkResult {
  readonly requeueAfterMs?: number | undefined;
}

export interface RunWorkersOptions<K extends string> {
  readonly queue: WorkQueue<K>;
  /** How many keys are worked on at once. */
  readonly workers: number;
  /**
   * One pass. A rejection (or throw) puts the key back with its back-off, or after what the apiserver asked for; a result
   * ends the back-off.
   */
  readonly handle: (key: K, signal: AbortSignal) => Promise<WorkResult | void>;
  /** Told of each failed pass. Must not throw. */
  readonly onError: (key: K, error: unknown) => void;
  /** Ends the workers: none takes another key, and those at work see it and finish. */
  readonly signal: AbortSignal;
}

/** Runs the workers until `signal` aborts (or the queue is shut down and empty); resolves when the last has finished. */
export async function runWorkers<K extends string>(options: RunWorkersOptions<K>): Promise<void> {
  await Promise.all(Array.from({ length: options.workers }, () => runWorker(options)));
}

async function runWorker<K extends string>({
  queue,
  handle,
  onError,
  signal,
}: RunWorkersOptions<K>): Promise<void> {
  for (let key = await queue.get(signal); key !== undefined; key = await queue.get(signal)) {
    try {
      const result = await handle(key, signal);
      queue.forget(key);
      if (result?.requeueAfterMs !== undefined) queue.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      if (!signal.aborted) {
        onError(key, error);
        queue.addRateLimited(key, error instanceof ApiError ? error.retryAfterMs : undefined);
      }
    } finally {
      queue.done(key);
    }
  }
}
