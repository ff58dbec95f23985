import type { WorkLoop } from '../../controller/operator.ts';
import { runWorkers } from '../../kubernetes/run-workers.ts';
import type { WorkQueue } from '../../kubernetes/work-queue.ts';

/** The controller's view of a work queue and its workers. */
export class QueueWorkLoop implements WorkLoop {
  readonly #queue: WorkQueue<string>;
  readonly #workers: number;

  constructor(queue: WorkQueue<string>, workers: number) {
    this.#queue = queue;
    this.#workers = workers;
  }

  add(key: string, priority?: 'high' | 'normal'): void {
    this.#queue.add(key, priority);
  }
  addAfter(key: string, ms: number): void {
    this.#queue.addAfter(key, ms);
  }
  get idle(): boolean {
    return this.#queue.idle;
  }

  async run(options: Parameters<WorkLoop['run']>[0]): Promise<void> {
    const { handle, onError, signal } = options;
    await runWorkers({
      queue: this.#queue,
      workers: this.#workers,
      handle: async (key, pass) => ({ requeueAfterMs: await handle(key, pass) }),
      onError,
      signal,
    });
    // Its timer would keep the process alive.
    this.#queue.shutDown();
  }
}
