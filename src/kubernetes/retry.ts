import { ApiError, TransportError } from './errors.ts';
import type { Random } from './runtime.ts';

/** client-go's bound for answers that say Retry-After. */
const maxAnswerRetries = 10;
const maxNetworkRetries = 5;
const networkBaseMs = 100;
const networkMaxMs = 2_000;

/** Errors of a connection that never was: nothing can have been sent. */
const neverSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * How long to wait before the same request is sent again, in ms; undefined when it must not be.
 *
 * An answer is waited out when the server gave a Retry-After: 429 and 503 mean that nothing was done, so that holds for
 * writes too; other 5xx only for reads. Without an answer a read is tried again; a write only if it cannot have left.
 */
export function retryDelay(
  method: string,
  error: unknown,
  retries: number,
  random: Random,
): number | undefined {
  const reading = method === 'GET';
  if (error instanceof ApiError) {
    const undone = error.code === 429 || error.code === 503;
    const retriable = error.retryAfterMs !== undefined && (undone || (reading && error.code >= 500));
    if (!retriable || retries >= maxAnswerRetries) return undefined;
    // Up to a tenth later than asked for, so that those who were turned away together do not return together.
    return Math.max(error.retryAfterMs, networkBaseMs) * (1 + random.next() * 0.1);
  }
  if (error instanceof TransportError) {
    if (error.timedOut || error.cause === undefined || retries >= maxNetworkRetries) return undefined;
    if (!reading && !neverSent(error.cause)) return undefined;
    // It would be as large again.
    if ((error.cause as { code?: unknown }).code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return undefined;
    return Math.min(networkBaseMs * 2 ** retries, networkMaxMs) * (0.5 + random.next() * 0.5);
  }
  return undefined;
}

function neverSent(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.every(neverSent);
  return neverSentCodes.has(String((cause as { code?: unknown }).code));
}
