import { ApiError, isAlreadyExists, isNotFound } from './errors.ts';
import { eventObject } from './event-object.ts';
import type { EventNote, EventObject } from './event-object.ts';
import { Fifo } from './fifo.ts';
import { microTime } from './micro-time.ts';
import type { ResourceClient } from './resource-client.ts';
import type { Runtime } from './runtime.ts';
import { sleep } from './runtime.ts';
import { TokenBuckets } from './token-buckets.ts';

/** client-go's numbers: a series that was silent for 6 min is over; a lasting one is written every 30 min. */
const finishMs = 6 * 60_000;
const refreshMs = 30 * 60_000;
const sweepMs = 60_000;
/** client-go's spam filter, for each object. */
const spamBurst = 25;
const spamRefillMs = 300_000;
const maxKeys = 4_096;
const maxPending = 1_000;
const writeDeadlineMs = 10_000;
const retryMs = 10_000;
const maxTries = 3;

export interface EventRecorderOptions {
  readonly client: ResourceClient<EventObject>;
  readonly runtime: Runtime;
  /** A qualified name, such as `example.dev/operator`. */
  readonly reportingController: string;
  /** Usually the pod's name. */
  readonly reportingInstance: string;
  /** Told of each event that was not written and why. Must not throw. */
  readonly onDropped?: (
    event: EventNote,
    why: 'SpamFilter' | 'QueueFull' | 'Refused',
    error?: unknown,
  ) => void;
}

/** One event and its repetitions. */
interface Series {
  readonly event: EventNote;
  object: EventObject;
  count: number;
  lastSeen: number;
  lastSeenWall: number;
  /** Written, or dropped for good. */
  writtenCount: number;
  writtenAt: number;
  pending: boolean;
}

/**
 * Writes events in the background. The same event again is not another one but a count in its series: the first
 * repetition is written at once, later ones every half hour and when it is over. Never blocks and never throws; what
 * cannot be written is dropped and told to `onDropped`.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #runtime: Runtime;
  readonly #spamFilter: TokenBuckets;
  readonly #series = new Map<string, Series>();
  readonly #pending = new Fifo<Series>();
  readonly #stop = new AbortController();
  #writing: Promise<void> | undefined;
  #cancelSweep: (() => void) | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#runtime = options.runtime;
    this.#spamFilter = new TokenBuckets({
      clock: options.runtime,
      burst: spamBurst,
      refillMs: spamRefillMs,
      maxKeys,
    });
  }

  record(event: EventNote): void {
    if (this.#stop.signal.aborted) return;
    const key = seriesKey(event);
    const now = this.#runtime.monotonic();
    const series = this.#series.get(key);
    if (series && now - series.lastSeen < finishMs) {
      series.count++;
      series.lastSeen = now;
      series.lastSeenWall = this.#runtime.now();
      if (series.count === 2) this.#enqueue(series);
      return;
    }
    if (series) this.#finish(key, series);
    if (!this.#spamFilter.take(objectKey(event))) return this.#options.onDropped?.(event, 'SpamFilter');
    this.#begin(key, event, now);
  }

  /** Writes what is pending, and the counts that are not written yet, for at most `deadlineMs`; then takes no more. */
  async stop(deadlineMs: number): Promise<void> {
    for (const [key, series] of this.#series) this.#finish(key, series);
    this.#cancelSweep?.();
    const cancel = this.#runtime.timer(deadlineMs, () => this.#stop.abort());
    await this.#writing;
    cancel();
    this.#stop.abort();
  }

  #begin(key: string, event: EventNote, now: number): void {
    const wall = this.#runtime.now();
    // The wall clock in nanoseconds, as client-go's, the last six digits by lot.
    const suffix = (
      BigInt(Math.trunc(wall)) * 1_000_000n +
      BigInt(Math.trunc(this.#runtime.next() * 1e6))
    ).toString(16);
    const { reportingController: controller, reportingInstance: instance } = this.#options;
    const series: Series = {
      event,
      object: eventObject(event, { controller, instance }, wall, suffix),
      count: 1,
      lastSeen: now,
      lastSeenWall: wall,
      writtenCount: 0,
      writtenAt: now,
      pending: false,
    };
    this.#series.set(key, series);
    if (this.#series.size > maxKeys) {
      const [oldestKey, oldest] = this.#series.entries().next().value as [string, Series];
      this.#finish(oldestKey, oldest);
    }
    this.#enqueue(series);
    this.#cancelSweep ??= this.#runtime.timer(sweepMs, () => this.#sweep());
  }

  #finish(key: string, series: Series): void {
    this.#series.delete(key);
    if (series.count > series.writtenCount) this.#enqueue(series);
  }

  #sweep(): void {
    const now = this.#runtime.monotonic();
    for (const [key, series] of this.#series) {
      if (now - series.lastSeen >= finishMs) this.#finish(key, series);
      else if (series.count > series.writtenCount && now - series.writtenAt >= refreshMs)
        this.#enqueue(series);
    }
    this.#cancelSweep =
      this.#series.size === 0 ? undefined : this.#runtime.timer(sweepMs, () => this.#sweep());
  }

  #enqueue(series: Series): void {
    if (series.pending) return;
    if (this.#pending.length >= maxPending) return this.#options.onDropped?.(series.event, 'QueueFull');
    series.pending = true;
    this.#pending.push(series);
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    for (let series = this.#pending.shift(); series; series = this.#pending.shift()) {
      series.pending = false;
      // It came again while it was tried, and the last try wrote that too.
      if (series.writtenCount === series.count) continue;
      for (let tries = 1; !(await this.#write(series, tries >= maxTries)); tries++) {
        await sleep(this.#runtime, retryMs, this.#stop.signal).catch(() => undefined);
      }
    }
    // At once, and not when the promise settles: what comes in between must start another run.
    this.#writing = undefined;
  }

  /** False when it should be tried again. */
  async #write(series: Series, last: boolean): Promise<boolean> {
    const { count } = series;
    try {
      series.object =
        series.writtenCount === 0 ? await this.#create(series, count) : await this.#patch(series, count);
    } catch (error) {
      if (!(error instanceof ApiError) && !last && !this.#stop.signal.aborted) return false;
      this.#options.onDropped?.(series.event, 'Refused', error);
    }
    series.writtenCount = count;
    series.writtenAt = this.#runtime.monotonic();
    return true;
  }

  async #create(series: Series, count: number): Promise<EventObject> {
    const { metadata, ...rest } = series.object;
    const { name, namespace } = metadata as { name: string; namespace: string };
    const object = {
      ...rest,
      metadata: { name, namespace },
      ...(count > 1 && { series: this.#seriesField(series, count) }),
    };
    try {
      return await this.#options.client.create(object, this.#call());
    } catch (error) {
      // Nobody else has this name: an earlier try was carried out, and only its answer was lost.
      if (!isAlreadyExists(error)) throw error;
      return count > 1 ? this.#count(series, count) : series.object;
    }
  }

  async #patch(series: Series, count: number): Promise<EventObject> {
    try {
      return await this.#count(series, count);
    } catch (error) {
      // Events live for an hour; a longer series outlives its own.
      if (isNotFound(error)) return this.#create(series, count);
      throw error;
    }
  }

  #count(series: Series, count: number): Promise<EventObject> {
    const { name, namespace } = series.object.metadata as { name: string; namespace: string };
    const body = { series: this.#seriesField(series, count) };
    return this.#options.client.patch({ name, namespace }, body, { type: 'merge', ...this.#call() });
  }

  #seriesField(series: Series, count: number): { count: number; lastObservedTime: string } {
    return { count, lastObservedTime: microTime(series.lastSeenWall) };
  }

  #call(): { deadlineMs: number; signal: AbortSignal } {
    return { deadlineMs: writeDeadlineMs, signal: this.#stop.signal };
  }
}

function objectKey({ regarding }: EventNote): string {
  return JSON.stringify([regarding.kind, regarding.namespace, regarding.name, regarding.uid]);
}

function seriesKey(event: EventNote): string {
  const { regarding, related, type, reason, action, note } = event;
  return JSON.stringify([
    objectKey(event),
    regarding.apiVersion,
    related?.kind,
    related?.name,
    type,
    reason,
    action,
    note,
  ]);
}
