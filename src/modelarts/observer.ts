import type { UpstreamErrorKind } from '../api/errors.ts';

/** One try of a request, as metrics see it: closed sets only, nothing of one project or pool. */
export interface TryReport {
  /** Method and path template. */
  readonly operation: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** What it counts as; absent for a good answer. */
  readonly failure?: UpstreamErrorKind;
  /** From sending to the last byte, milliseconds. */
  readonly durationMs: number;
  /** Spent waiting for the budget before, milliseconds. */
  readonly queuedMs: number;
}

/** Hooks for metrics and for a recorder. They are called in passing and must not throw. */
export interface ClientObserver {
  onTry?(report: TryReport): void;
  /** Another try follows a failed one. */
  onRetry?(operation: string, failure: UpstreamErrorKind): void;
  /** A request that could change something was stopped before it was sent. Must never happen (invariant 9). */
  onMutatingAttempt?(): void;
}
