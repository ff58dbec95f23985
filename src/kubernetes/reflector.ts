import { Backoff } from './backoff.ts';
import { TransportError } from './errors.ts';
import { jsonLines } from './json-lines.ts';
import type { KubernetesObject, ObjectList } from './objects.ts';
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
  /** The page after the one that is being taken in. */
  #ahead: { readonly token: string; readonly page: Promise<ObjectList<T>> } | undefined;

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

  async #list({ paged, next }: ReflectorState & { at: 'paging' }, signal: AbortSignal): Promise<boolean> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const page = await (ahead && ahead.token === next ? ahead.page : this.#page(paged, next, signal));
    const { continue: token, resourceVersion: version } = page.metadata;
    if (token) await this.#askAhead(paged, token, signal);
    return this.#take({ type: 'page', objects: page.items, next: token, version });
  }

  /** The server works on the next page while this one is taken in: at 100,000 objects that is a fifth of a start. */
  async #askAhead(paged: boolean, token: string, signal: AbortSignal): Promise<void> {
    const page = this.#page(paged, token, signal);
    // Whoever waits for it is told. Nobody does after a stop, or when its predecessor could not be taken in.
    page.catch(() => undefined);
    this.#ahead = { token, page };
    // Taking in a page blocks: the request must be on its way before.
    await sleep(this.#runtime, 0, signal);
  }

  #page(paged: boolean, next: string | undefined, signal: AbortSignal): Promise<ObjectList<T>> {
    return this.#options.client.list({
      ...this.#selection(),
      limit: paged ? (this.#options.pageSize ?? 500) : undefined,
      continue: next,
      deadlineMs: pageDeadlineMs,
      signal,
    });
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
