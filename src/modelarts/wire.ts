import './own-undici.ts';
import ky from 'ky';
import { fetch as undiciFetch, type Dispatcher, type Response } from 'undici';
import { readBody, type Recognition } from './body.ts';
import { assertAllowed, isSafe } from './endpoints.ts';
import type { ClientObserver } from './observer.ts';
import { unreachable } from './unreachable.ts';

/** Sends a request over a dispatcher's sockets. Resolves with whatever answer begins to come; rejects as fetch does. */
export type Fetch = (dispatcher: Dispatcher, request: WireRequest, signal: AbortSignal) => Promise<Response>;

export interface WireOptions {
  /** What all URLs lie under. */
  readonly base: URL;
  readonly dispatcher: Dispatcher;
  /** What the dispatcher goes through; with its credentials. */
  readonly proxy?: URL;
  /** Default: ky over undici. */
  readonly fetch?: Fetch;
  readonly observer: ClientObserver;
  /** A longer body is refused. */
  readonly maxBodyBytes: number;
}

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, read as far as it can be used. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Response['headers'];
  /** The body where it is one JSON object. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Why there is no `body`: status, content type and what it is not; never what stood there. */
  readonly bodyFault?: string;
  /** The body was recognized, and not read. */
  readonly recognized?: true;
}

/**
 * Sends one request, once, and reads the answer. Rejects with UpstreamError NotAllowed (nothing was sent) or Unreachable
 * (no complete answer), with EndpointNotAllowed, or with the signal's reason. Any status is an answer; redirects are
 * answers too, so that credentials never follow one. `recognition` is asked about the bodies of answers with status 200.
 */
export async function sendOnce(
  options: WireOptions,
  request: WireRequest,
  signal: AbortSignal,
  recognition?: Recognition,
): Promise<WireAnswer> {
  let operation: string;
  try {
    operation = assertAllowed(options.base, request.method, request.url);
  } catch (error) {
    if (!isSafe(request.method)) options.observer.onMutatingAttempt?.();
    throw error;
  }
  try {
    const response = await (options.fetch ?? fetchOnce)(options.dispatcher, request, signal);
    const { status, headers } = response;
    const body = await readBody(response, options.maxBodyBytes, status === 200 ? recognition : undefined);
    return { status, headers, ...body };
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(operation, error, options.proxy);
  }
}

/**
 * ky for one try only. Its own retries wait with the global timers and draw lots with Math.random, where our clock and
 * chance do not reach, so transport.ts repeats. undici's fetch gets the parts of the request, not ky's Request: with it
 * would come ky's signal, and ours outlives that when the body is read.
 */
async function fetchOnce(
  dispatcher: Dispatcher,
  request: WireRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { method, url, headers, body } = request;
  const send = (): Promise<Response> =>
    undiciFetch(url, {
      method,
      headers,
      signal,
      dispatcher,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
  const response = await ky(url, {
    method,
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    signal,
    fetch: send as unknown as typeof fetch,
  });
  return response as unknown as Response;
}
