import { DelayHeap } from './delay-heap.ts';
import type { Delayed } from './delay-heap.ts';
import { FairQueue } from './fair-queue.ts';
import { Fifo } from './fifo.ts';
import type { Priority, QueueObserver, QueueWriter } from './queue-types.ts';
import type { Runtime } from './runtime.ts';

export interface WorkQueueOptions<K extends string> {
  readonly runtime: Runtime;
  /** Keys of one group are served in turn with those of others. Default: one group. */
  readonly group?: (key: K) => string;
  /** Per-key back-off: `baseMs` doubled at each failure up to `maxMs`, cut by up to a quarter at random. Default 500 ms, 5 min. */
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number };
  readonly observer?: QueueObserver;
}

/** Keys of `high` in a row while others wait. */
const mostHighInRow = 4;

interface Queued<K> {
  readonly key: K;
  readonly priority: Priority;
  readonly since: number;
}

interface Waiting<K> extends Delayed {
  readonly key: K;
  priority: Priority;
}

interface Processing {
  readonly since: number;
  /** That it was handed out with. */
  readonly priority: Priority;
  /** Set when the key was added again meanwhile: it is queued once more when done. */
  dirty: Priority | undefined;
}

/**
 * A queue of keys with client-go's promises: a key is queued once however often it is added; it is never worked on by two
 * workers at once; added while it is worked on, it is queued exactly once more when that is done.
 *
 * A key waits for at most one time: the earliest that was asked for. Being queued now is earlier than any. State of a
 * key goes with the key: nothing is kept of one that is neither queued, waiting, worked on nor backing off.
 *
 * `high` is served before `normal`, but for one `normal` key after each four, so that what one group has of it does not hold
 * up the others. Within each the groups take turns.
 */
export class WorkQueue<K extends string> implements QueueWriter<K> {
  readonly #runtime: Runtime;
  readonly #group: (key: K) => string;
  readonly #backoff: { readonly baseMs: number; readonly maxMs: number };
  readonly #observer: QueueObserver;

  readonly #lines: Record<Priority, FairQueue<Queued<K>>> = {
    high: new FairQueue(),
    normal: new FairQueue(),
  };
  /** The valid place of each queued key; a promoted key leaves a dead item behind in the other line. */
  readonly #queued = new Map<K, Queued<K>>();
  readonly #processing = new Map<K, Processing>();
  readonly #waiting = new Map<K, Waiting<K>>();
  readonly #delays = new DelayHeap<Waiting<K>>();
  readonly #failures = new Map<K, number>();
  readonly #takers = new Fifo<Taker<K>>();
  #highInRow = 0;
  #timer: { readonly due: number; readonly cancel: () => void } | undefined;
  #stopped = false;

  constructor(options: WorkQueueOptions<K>) {
    this.#runtime = options.runtime;
    this.#group = options.group ?? (() => '');
    this.#backoff = options.backoff ?? { baseMs: 500, maxMs: 300_000 };
    this.#observer = options.observer ?? {};
  }

  /** Keys that wait for a worker now. */
  get depth(): number {
    return this.#queued.size;
  }

  /** Nothing queued and nothing worked on; keys may still wait for a time. */
  get idle(): boolean {
    return this.#queued.size === 0 && this.#processing.size === 0;
  }

  add(key: K, priority: Priority = 'normal'): void {
    if (this.#stopped) return;
    this.#stopWaiting(key);
    const processing = this.#processing.get(key);
    if (processing) {
      if (processing.dirty === undefined) this.#observer.added?.();
      processing.dirty = higher(processing.dirty, priority);
      return;
    }
    const queued = this.#queued.get(key);
    if (queued && higher(queued.priority, priority) === queued.priority) return;
    if (!queued) this.#observer.added?.();
    this.#enqueue(key, priority, queued?.since ?? this.#runtime.monotonic());
  }

  addAfter(key: K, ms: number, priority: Priority = 'normal'): void {
    if (this.#stopped) return;
    if (ms <= 0) return this.add(key, priority);
    // Queued already is earlier than any time; but a key that is being worked on may wait for its next time.
    if (this.#queued.has(key)) return this.add(key, priority);
    const due = this.#runtime.monotonic() + ms;
    const waiting = this.#waiting.get(key);
    if (!waiting) {
      const added: Waiting<K> = { key, due, priority, position: -1 };
      this.#waiting.set(key, added);
      this.#delays.add(added);
    } else {
      waiting.priority = higher(waiting.priority, priority);
      if (due < waiting.due) {
        waiting.due = due;
        this.#delays.movedEarlier(waiting);
      }
    }
    this.#setTimer();
  }

  addRateLimited(key: K, leastMs = 0): void {
    if (this.#stopped) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#observer.retried?.();
    const ms = Math.min(this.#backoff.baseMs * 2 ** failures, this.#backoff.maxMs);
    const priority = this.#processing.get(key)?.priority;
    this.addAfter(key, Math.max(leastMs, ms * (1 - this.#runtime.next() / 4)), priority);
  }

  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** How often the key was added rate limited since it was last forgotten. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /**
   * The next key, as soon as there is one; it must be given back with `done`. Undefined when the queue was shut down and
   * nothing is left, or when `signal` aborts: no key is lost by giving up.
   */
  get(signal?: AbortSignal): Promise<K | undefined> {
    if (signal?.aborted) return Promise.resolve(undefined);
    const key = this.#take();
    if (key !== undefined || this.#stopped) return Promise.resolve(key);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        taker.open = false;
        resolve(undefined);
      };
      const taker: Taker<K> = {
        open: true,
        give: (given) => {
          taker.open = false;
          signal?.removeEventListener('abort', onAbort);
          resolve(given);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#takers.push(taker);
    });
  }

  /** Says that the work on a key from `get` has ended, well or badly. */
  done(key: K): void {
    const processing = this.#processing.get(key);
    if (!processing) return;
    this.#processing.delete(key);
    const now = this.#runtime.monotonic();
    this.#observer.worked?.(now - processing.since);
    if (processing.dirty !== undefined) this.#enqueue(key, processing.dirty, now);
  }

  /** Takes no more keys and forgets those that wait for a time. What is queued is still handed out. */
  shutDown(): void {
    this.#stopped = true;
    this.#waiting.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let taker = this.#takers.shift(); taker; taker = this.#takers.shift()) taker.give(undefined);
  }

  #enqueue(key: K, priority: Priority, since: number): void {
    this.#stopWaiting(key);
    const queued: Queued<K> = { key, priority, since };
    this.#queued.set(key, queued);
    this.#lines[priority].push(this.#group(key), queued);
    this.#observer.depth?.(this.#queued.size);
    this.#serveTakers();
  }

  #serveTakers(): void {
    while (this.#queued.size > 0) {
      const taker = this.#takers.shift();
      if (!taker) return;
      if (taker.open) taker.give(this.#take());
    }
  }

  #take(): K | undefined {
    const valid = (item: Queued<K>): boolean => this.#queued.get(item.key) === item;
    const { high, normal } = this.#lines;
    const [first, second] = this.#highInRow < mostHighInRow ? [high, normal] : [normal, high];
    const item = first.shift(valid) ?? second.shift(valid);
    if (!item) return undefined;
    const { key, priority, since } = item;
    this.#highInRow = priority === 'high' ? this.#highInRow + 1 : 0;
    this.#queued.delete(key);
    const now = this.#runtime.monotonic();
    this.#processing.set(key, { since: now, priority, dirty: undefined });
    this.#observer.depth?.(this.#queued.size);
    this.#observer.waited?.(now - since);
    return key;
  }

  #stopWaiting(key: K): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    this.#delays.remove(waiting);
  }

  /** One timer for the earliest key. A timer that comes too early finds nothing due and is set again. */
  #setTimer(): void {
    const first = this.#delays.first();
    if (!first || (this.#timer && this.#timer.due <= first.due)) return;
    this.#timer?.cancel();
    const ms = Math.max(0, first.due - this.#runtime.monotonic());
    this.#timer = { due: first.due, cancel: this.#runtime.timer(ms, () => this.#onTimer()) };
  }

  #onTimer(): void {
    this.#timer = undefined;
    const now = this.#runtime.monotonic();
    for (let first = this.#delays.first(); first && first.due <= now; first = this.#delays.first()) {
      this.add(first.key, first.priority);
    }
    this.#setTimer();
  }
}

interface Taker<K> {
  open: boolean;
  give(key: K | undefined): void;
}

function higher(a: Priority | undefined, b: Priority): Priority {
  return a === 'high' ? a : b;
}
