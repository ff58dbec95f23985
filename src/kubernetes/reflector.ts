import { Backoff } from './backoff.ts';
import { TransportError } from './errors.ts';
import { jsonLines } from './json-lines.ts';
import type { KubernetesObject } from './objects.ts';
import { initialState, step } from './reflector-state.ts';
import type { ReflectorEvent, ReflectorInput, ReflectorState } from './reflector-state.ts';
import type { ResourceClient } from './resource-client.ts';
import type { Runtime } from './runtime.ts';
import { sleep } from './runtime.ts';

/** client-go's numbers. */
const backoffOptions = { baseMs: 800, maxMs: 30_000, resetMs: 120_000 };
const minWatchSeconds = 300;
/** How much later than its own time limit a watch may end before it is taken for dead. */
const watchSlackMs = 30_000;
const pageDeadlineMs = 60_000;

export interface ReflectorOptions<T extends KubernetesObject> {
  readonly client: ResourceClient<T>;
  /** Default: all namespaces. */
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly runtime: Runtime;
  /** Gets every event, in order. An exception from it starts a relist. */
  readonly onEvent: (event: ReflectorEvent<T>) => void;
  /** Told of each failure, all of which are survived. Must not throw. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Objects a page. Default 500. */
  readonly pageSize?: number | undefined;
}

/** Lists a resource, then watches it, and goes on doing so whatever happens. See reflector-state.ts for how. */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #runtime: Runtime;
  readonly #backoff: Backoff;
  #state: ReflectorState = initialState;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#runtime = options.runtime;
    this.#backoff = new Backoff(options.runtime, backoffOptions);
  }

  /** Resolves when `signal` aborts, and not before. */
  async run(signal: AbortSignal): Promise<void> {
    let backOff = false;
    while (!signal.aborted) {
      try {
        if (backOff) await sleep(this.#runtime, this.#backoff.next(), signal);
        backOff = await this.#move(signal);
      } catch (error) {
        if (signal.aborted) return;
        backOff = this.#take({ type: 'failed', error });
      }
    }
  }

  /** Does what the state asks for; true when the next move should wait. */
  async #move(signal: AbortSignal): Promise<boolean> {
    const state = this.#state;
    switch (state.at) {
      case 'empty':
        return this.#take({ type: 'begin' });
      case 'paging':
        return this.#list(state, signal);
      case 'listed':
      case 'watching':
        return this.#watch(state.version, signal);
    }
  }

  async #list(state: ReflectorState & { at: 'paging' }, signal: AbortSignal): Promise<boolean> {
    const page = await this.#options.client.list({
      ...this.#selection(),
      limit: state.paged ? (this.#options.pageSize ?? 500) : undefined,
      continue: state.next,
      deadlineMs: pageDeadlineMs,
      signal,
    });
    const { continue: next, resourceVersion: version } = page.metadata;
    return this.#take({ type: 'page', objects: page.items, next, version });
  }

  async #watch(version: string, signal: AbortSignal): Promise<boolean> {
    const timeoutSeconds = Math.round(minWatchSeconds * (1 + this.#runtime.next()));
    const limitMs = timeoutSeconds * 1000 + watchSlackMs;
    const own = new AbortController();
    const cancelTimer = this.#runtime.timer(limitMs, () =>
      own.abort(new TransportError(`watch: not ended by the server after ${limitMs} ms, taken for dead`)),
    );
    try {
      const chunks = await this.#options.client.watch({
        ...this.#selection(),
        resourceVersion: version,
        timeoutSeconds,
        signal: AbortSignal.any([signal, own.signal]),
      });
      this.#take({ type: 'opened' });
      for await (const line of jsonLines(chunks)) {
        const backOff = this.#take({ type: 'line', line });
        if (this.#state.at !== 'watching') return backOff;
      }
      signal.throwIfAborted();
      return this.#take({ type: 'ended' });
    } finally {
      cancelTimer();
    }
  }

  #selection(): Pick<ReflectorOptions<T>, 'namespace' | 'fieldSelector' | 'labelSelector'> {
    const { namespace, fieldSelector, labelSelector } = this.#options;
    return { namespace, fieldSelector, labelSelector };
  }

  #take(input: ReflectorInput<T>): boolean {
    const { state, events, backOff, error } = step(this.#state, input);
    // First the events: should a consumer throw, what it missed is still ahead of us.
    for (const event of events) this.#options.onEvent(event);
    this.#state = state;
    if (error !== undefined) this.#options.onError?.(error);
    return backOff;
  }
}
