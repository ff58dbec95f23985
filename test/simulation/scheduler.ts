import { DelayHeap } from '../../src/kubernetes/delay-heap.ts';
import { Trace } from './trace.ts';

interface Planned {
  due: number;
  position: number;
  readonly what: string;
  readonly run: () => void;
}

/**
 * The one source of events: time stands still until the next of them is due, and between two of them everything that
 * waits on promises runs to its end. What happens is therefore a function of what was planned.
 */
export class Scheduler {
  readonly trace: Trace;
  readonly startMs: number;
  readonly #heap = new DelayHeap<Planned>();
  #now = 0;
  #events = 0;
  #order = 0;

  constructor(options: { readonly startMs: number; readonly trace: Trace }) {
    this.startMs = options.startMs;
    this.trace = options.trace;
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** The true wall clock, milliseconds since the epoch. */
  get wall(): number {
    return this.startMs + this.#now;
  }

  get events(): number {
    return this.#events;
  }

  /** Plans an event; the returned function cancels it. */
  at(time: number, what: string, run: () => void): () => void {
    // Of events at one moment the earlier planned comes first: a nudge too small to be a time keeps them apart.
    const due = Math.max(time, this.#now) + ++this.#order * 1e-9;
    const planned: Planned = { due, position: -1, what, run };
    this.#heap.add(planned);
    return () => {
      if (planned.position >= 0) this.#heap.remove(planned);
    };
  }

  after(ms: number, what: string, run: () => void): () => void {
    return this.at(this.#now + Math.max(0, ms), what, run);
  }

  /** Runs what is due until `time`, or until `ended` says so after an event. */
  async run(time: number, ended: () => boolean = () => false): Promise<void> {
    await quiet();
    for (let next = this.#heap.first(); next !== undefined && next.due <= time; next = this.#heap.first()) {
      if (ended()) return;
      this.#heap.remove(next);
      this.#now = next.due;
      this.#events++;
      this.trace.note(this.#now, next.what);
      next.run();
      await quiet();
    }
    this.#now = Math.max(this.#now, time);
  }
}

/** After all that waits on promises and on nothing else has run. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
