import { UpstreamError } from '../api/errors.ts';
import type { Runtime } from '../runtime/clock.ts';
import { DeadlineExceeded, sleep, withDeadline } from '../runtime/wait.ts';
import type { Credential } from './auth/credential.ts';
import type { Recognition } from './body.ts';
import { buildURL, type Operation, type Query } from './endpoints.ts';
import { clockSkew, decodeFailure, saysFailure } from './failure.ts';
import type { Gate, Verdict } from './gate.ts';
import type { Exchange } from './observer.ts';
import { httpDate, longestRetryAfterMs } from './retry-after.ts';
import { sendOnce, type WireAnswer, type WireOptions } from './wire.ts';

/** How long and how often. All in milliseconds but `tries`. */
export interface Patience {
  /** Tries of one request, the first included. */
  readonly tries: number;
  /** For one try, from its leave to the last byte. */
  readonly tryMs: number;
  /** From the first try's leave to the start of the last: a wait that would end later is left to the caller. */
  readonly totalMs: number;
  /** The first wait is drawn from 0 to this; it doubles with each try. */
  readonly backoffMs: number;
  readonly longestBackoffMs: number;
}

export const defaultPatience: Patience = {
  tries: 4,
  tryMs: 30_000,
  totalMs: 120_000,
  backoffMs: 500,
  longestBackoffMs: 20_000,
};

/** Throttling without a Retry-After: the gateway's limits count by the second, so less than this only adds to it. */
const throttledFloorMs = 2_000;

export interface TransportOptions extends WireOptions {
  readonly runtime: Runtime;
  readonly gate: Gate;
  readonly credential: Credential;
  /** Sent with each request, and signed where the credential signs. */
  readonly headers: Readonly<Record<string, string>>;
  readonly patience: Patience;
  /** Numbers the tries in the order in which they were sent; shared by all who compare answers. */
  readonly nextSequence: () => number;
}

/** A good answer: 200, and a JSON object that does not say that the call failed. */
export interface Reply {
  /** Absent where it was recognized. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly operation: Operation;
  readonly status: number;
  /** The place of the answered try. */
  readonly sequence: number;
  /** The answer's Date header, milliseconds since the epoch; the local clock where it had none. */
  readonly date: number;
}

/** A failed try, and what it means for the next. */
interface Failure {
  readonly error: UpstreamError;
  /** A refusal after which another try may be accepted at once. */
  readonly anew: boolean;
}

/**
 * Reads of one ModelArts project: each try waits for the gate, is authorized anew and judged; failures that may pass
 * are repeated after a wait with full jitter, or the one that the server asked for.
 */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async get(
    operation: Operation,
    ids: Readonly<Record<string, string>>,
    query: Query,
    signal: AbortSignal,
    recognition?: Recognition,
  ): Promise<Reply> {
    const { runtime, gate, patience, observer } = this.#options;
    const request = {
      operation,
      ids,
      query,
      url: buildURL(this.#options.base, operation, ids, query),
      recognition,
    };
    let started: number | undefined;
    let renewed = false;
    let waited = false;
    for (let tries = 1; ; tries++) {
      const asked = runtime.monotonic();
      const pass = await gate.enter(operation, signal);
      const left = runtime.monotonic();
      started ??= left;
      const outcome: { verdict: Verdict } = { verdict: 'neutral' };
      let failure: Failure;
      try {
        const preparing: boolean = !waited && this.#options.credential.waits === true;
        waited ||= preparing;
        const result = await this.#try(request, outcome, { queuedMs: left - asked, preparing }, signal);
        if (result === undefined) {
          tries--;
          continue;
        }
        if (!('error' in result)) return result;
        failure = result;
        const { retryAfterMs } = failure.error;
        // Set before the pass is given back, so that nobody slips through in between.
        if (retryAfterMs !== undefined) gate.close(retryAfterMs);
      } finally {
        pass.done(outcome.verdict);
      }
      const { error } = failure;
      if (failure.anew ? renewed : !isPassing(error)) throw error;
      const wait = failure.anew ? 0 : this.#wait(error, tries);
      if (tries >= patience.tries || runtime.monotonic() + wait - started > patience.totalMs) throw error;
      renewed ||= failure.anew;
      // The next try may have to wait for a token, too.
      waited = false;
      observer.onRetry?.(operation, error.kind);
      await sleep(runtime, wait, signal);
    }
  }

  /**
   * `preparing`: the credential is made ready, and nothing is sent; then undefined. Whoever waits for a token asks for
   * leave anew: else all who waited for it would be sent at once, over the budget.
   */
  async #try(
    request: Pick<Exchange, 'operation' | 'ids' | 'query'> & {
      readonly url: URL;
      readonly recognition: Recognition | undefined;
    },
    outcome: { verdict: Verdict },
    { queuedMs, preparing }: { readonly queuedMs: number; readonly preparing: boolean },
    signal: AbortSignal,
  ): Promise<Reply | Failure | undefined> {
    const { runtime, credential, patience, observer } = this.#options;
    const { url, recognition, ...what } = request;
    const { operation } = what;
    // A recorder gets every answer whole.
    const known = observer.onExchange === undefined ? recognition : undefined;
    const sequence = this.#options.nextSequence();
    const sentAt = runtime.monotonic();
    let answer: WireAnswer | undefined;
    let lost = false;
    let prepared = false;
    let secrets: readonly string[] = [];
    let kind: UpstreamError['kind'] | undefined;
    try {
      const tried = await withDeadline(runtime, operation, patience.tryMs, signal, async (within) => {
        const plain = { method: 'GET', url, headers: this.#options.headers };
        const headers = { ...plain.headers, ...(await credential.authorize(plain, within)) };
        // Now: a token that is refused is forgotten.
        secrets = credential.secrets();
        if (preparing) return undefined;
        const sent = { method: 'GET', url, headers };
        return { answer: await sendOnce(this.#options, sent, within, known), headers };
      });
      if (tried === undefined) {
        prepared = true;
        return undefined;
      }
      answer = tried.answer;
      const reply = this.#judge(operation, answer, sequence);
      if (!(reply instanceof UpstreamError)) {
        outcome.verdict = 'accepted';
        return reply;
      }
      kind = reply.kind;
      outcome.verdict = verdictOf(reply);
      if (reply.kind !== 'Unauthorized') return { error: reply, anew: false };
      const after = credential.onUnauthorized({
        headers: tried.headers,
        clockSkewMs: clockSkew(answer.headers, runtime.now()),
      });
      if (after === 'retryFresh') outcome.verdict = 'neutral';
      return { error: reply, anew: after !== 'giveUp' };
    } catch (thrown) {
      const error =
        thrown instanceof DeadlineExceeded && !signal.aborted
          ? timedOut(operation, thrown, this.#options.proxy)
          : thrown;
      if (!(error instanceof UpstreamError)) throw error;
      kind = error.kind;
      // Else it was IAM that did not answer.
      lost = error.operation === operation && kind === 'Unreachable';
      // IAM refused the user name and password: nothing was sent to ModelArts, and the same again helps nobody.
      if (error.kind === 'Unauthorized') outcome.verdict = 'refused';
      return { error, anew: false };
    } finally {
      const durationMs = runtime.monotonic() - sentAt;
      if (!prepared)
        observer.onTry?.({
          operation,
          ...(answer === undefined ? {} : { status: answer.status }),
          ...(kind === undefined ? {} : { failure: kind }),
          durationMs,
          queuedMs,
        });
      if (answer !== undefined || lost) {
        const answered = answer && { answer };
        observer.onExchange?.({ ...what, sequence, sentAt, durationMs, secrets, ...answered });
      }
    }
  }

  #judge(operation: Operation, answer: WireAnswer, sequence: number): Reply | UpstreamError {
    const now = this.#options.runtime.now();
    const { status, headers, body } = answer;
    const reply = (): Omit<Reply, 'body'> => ({
      operation,
      status,
      sequence,
      date: httpDate(headers.get('date') ?? '') ?? now,
    });
    if (answer.recognized) return reply();
    if (status !== 200 || (body !== undefined && saysFailure(body))) {
      const { credential } = this.#options;
      return decodeFailure({
        operation,
        status,
        headers,
        now,
        secrets: credential.secrets(),
        dated: credential.dated,
        ...(body === undefined ? {} : { body }),
      });
    }
    if (body === undefined) {
      const message = `${operation} was answered with HTTP 200 and ${answer.bodyFault}. Check the endpoint.`;
      return new UpstreamError('InvalidResponse', message, { operation, status });
    }
    return { body, ...reply() };
  }

  /** Milliseconds until the next try. Full jitter on our own wait; none on one that the server asked for. */
  #wait(error: UpstreamError, tries: number): number {
    const { runtime, patience, gate } = this.#options;
    if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, longestRetryAfterMs);
    const most = Math.min(patience.longestBackoffMs, patience.backoffMs * 2 ** (tries - 1));
    if (error.kind !== 'Throttled') return runtime.next() * most;
    const wait = throttledFloorMs * (1 + runtime.next() * 1.5) * 2 ** (tries - 1);
    gate.close(wait);
    return wait;
  }
}

/** Whether the same request may be answered better later (reference: 408, 429, 5xx, no or half an answer). */
function isPassing(error: UpstreamError): boolean {
  return error.kind === 'Unreachable' || error.kind === 'Throttled';
}

/** ModelArts' own answers prove that the credential passed the gateway; the gateway's own prove nothing. */
function verdictOf(error: UpstreamError): Verdict {
  if (error.kind === 'Unauthorized') return 'refused';
  const fromModelArts = error.code?.startsWith('ModelArts.') === true;
  return fromModelArts && error.kind !== 'Throttled' && error.kind !== 'Unreachable' ? 'accepted' : 'neutral';
}

function timedOut(operation: string, cause: DeadlineExceeded, proxy: URL | undefined): UpstreamError {
  const way = proxy === undefined ? 'the network' : `the proxy ${proxy.host}, the network`;
  return new UpstreamError(
    'Unreachable',
    `${operation} was not answered within ${cause.ms / 1000} s. Check ${way} and the endpoint.`,
    { operation, cause },
  );
}
