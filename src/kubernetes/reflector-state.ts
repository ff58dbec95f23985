/**
 * The watch machine, without its I/O. What is known of the resource moves like this:
 *
 *   empty ──begin──▶ paging ──last page──▶ listed ──opened──▶ watching
 *     ▲                │ ▲▼ page              ▲                  │
 *     │                │                      └── ended, cut ────┤
 *     └── 410, unreadable ◀───────────────────────────────────── ┘
 *
 * Every way of losing a connection is an arrow, so none can end the machine.
 */
import { ApiError, TransportError, isExpired } from './errors.ts';
import { statusError } from './answer.ts';
import type { KubernetesObject } from './objects.ts';

export type ReflectorState =
  /** Nothing that a watch could go on from. `paged` is false after a list in pages outlived its continue tokens. */
  | { readonly at: 'empty'; readonly paged: boolean }
  /** Between two pages of a list, or before its first. */
  | { readonly at: 'paging'; readonly paged: boolean; readonly next: string | undefined }
  /** Everything up to `version` is known. */
  | { readonly at: 'listed'; readonly version: string }
  /** … and a watch is open. `heard` is whether it has said anything yet. */
  | { readonly at: 'watching'; readonly version: string; readonly heard: boolean };

export type ReflectorInput<T> =
  | { readonly type: 'begin' }
  | {
      readonly type: 'page';
      readonly objects: readonly T[];
      readonly next: string | undefined;
      readonly version: string;
    }
  | { readonly type: 'opened' }
  /** One decoded line of a watch. */
  | { readonly type: 'line'; readonly line: unknown }
  /** The server closed the watch, as it does when its time is up. */
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly error: unknown };

/**
 * What consumers see. Between `relistStarted` and `relistDone` come all objects there are, as `listed`; what they knew
 * and is not among them is gone. A second `relistStarted` without a `relistDone` voids the first.
 * `deleted` may never come for an object that went while no watch was open: only the relist tells.
 */
export type ReflectorEvent<T> =
  | { readonly type: 'relistStarted' }
  | { readonly type: 'listed'; readonly object: T }
  | { readonly type: 'relistDone'; readonly version: string }
  | { readonly type: 'applied'; readonly object: T }
  | { readonly type: 'deleted'; readonly object: T };

export interface ReflectorStep<T> {
  readonly state: ReflectorState;
  readonly events: readonly ReflectorEvent<T>[];
  /** Wait before the next request. */
  readonly backOff: boolean;
  /** What went wrong, where something did: for people. */
  readonly error?: unknown;
}

export const initialState: ReflectorState = { at: 'empty', paged: true };

/** One move. Total: an input that does not belong to the state is a failure, and failures start over. */
export function step<T extends KubernetesObject>(
  state: ReflectorState,
  input: ReflectorInput<T>,
): ReflectorStep<T> {
  switch (input.type) {
    case 'begin':
      return move(
        { at: 'paging', paged: state.at !== 'empty' || state.paged, next: undefined },
        { type: 'relistStarted' },
      );
    case 'page':
      return state.at === 'paging'
        ? onPage(state, input)
        : fail(state, new TypeError(`a page while ${state.at}`));
    case 'opened':
      return state.at === 'listed'
        ? move({ at: 'watching', version: state.version, heard: false })
        : fail(state, new TypeError(`a watch opened while ${state.at}`));
    case 'line':
      return state.at === 'watching'
        ? onLine(state, input.line)
        : fail(state, new TypeError(`a line while ${state.at}`));
    case 'ended':
      if (state.at !== 'watching') return fail(state, new TypeError(`an end while ${state.at}`));
      // A watch that ends at once, again and again, must not become a hot loop.
      return { state: { at: 'listed', version: state.version }, events: [], backOff: !state.heard };
    case 'failed':
      return fail(state, input.error);
  }
}

function move<T>(state: ReflectorState, ...events: ReflectorEvent<T>[]): ReflectorStep<T> {
  return { state, events, backOff: false };
}

function onPage<T>(
  state: ReflectorState & { at: 'paging' },
  page: ReflectorInput<T> & { type: 'page' },
): ReflectorStep<T> {
  const events: ReflectorEvent<T>[] = page.objects.map((object) => ({ type: 'listed', object }));
  if (page.next)
    return { state: { at: 'paging', paged: state.paged, next: page.next }, events, backOff: false };
  events.push({ type: 'relistDone', version: page.version });
  return { state: { at: 'listed', version: page.version }, events, backOff: false };
}

function onLine<T extends KubernetesObject>(
  state: ReflectorState & { at: 'watching' },
  line: unknown,
): ReflectorStep<T> {
  const { type, object } = (line ?? {}) as { type?: unknown; object?: T };
  if (type === 'ERROR') return fail(state, statusError('watch', object));
  const version = object?.metadata?.resourceVersion;
  if (object === undefined || typeof version !== 'string' || version === '') {
    return fail(state, new TypeError('a watch line without an object and its resourceVersion'));
  }
  const next: ReflectorState = { at: 'watching', version, heard: true };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return move(next, { type: 'applied', object });
    case 'DELETED':
      return move(next, { type: 'deleted', object });
    case 'BOOKMARK':
      return move(next);
    default:
      return fail(state, new TypeError(`a watch line of type ${String(type).slice(0, 40)}`));
  }
}

function fail<T>(state: ReflectorState, error: unknown): ReflectorStep<T> {
  return { state: afterFailure(state, error), events: [], backOff: true, error };
}

function afterFailure(state: ReflectorState, error: unknown): ReflectorState {
  if (state.at === 'empty') return state;
  if (state.at === 'paging') {
    if (state.paged && isServerTrouble(error)) return state;
    // A list slower than compaction would never end in pages, and one that is too large never in one piece: each gives
    // way to the other.
    return { at: 'empty', paged: !(state.paged && state.next !== undefined && isExpired(error)) };
  }
  return isServerTrouble(error) ? { at: 'listed', version: state.version } : { at: 'empty', paged: true };
}

/** Trouble that says nothing about what we know, so that the same question may be asked again. */
function isServerTrouble(error: unknown): boolean {
  if (error instanceof TransportError) return true;
  if (!(error instanceof ApiError) || isExpired(error)) return false;
  // After a restore of etcd our version lies in the future, and waiting for it would take for ever.
  if (error.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge')) return false;
  return error.code >= 500 || error.code === 429 || error.code === 401 || error.code === 403;
}
