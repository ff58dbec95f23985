import type { UpstreamErrorKind } from '../api/errors.ts';
import type { Operation, Query } from './endpoints.ts';
import type { WireAnswer } from './wire.ts';

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

/** One try of a request and what came back, for a recorder. The headers of the request are not here: they authorize it. */
export interface Exchange {
  readonly operation: Operation;
  /** What stands for the names in the operation's path. */
  readonly ids: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The place of this try in the order in which they were sent. */
  readonly sequence: number;
  /** By the monotonic clock, milliseconds. */
  readonly sentAt: number;
  readonly durationMs: number;
  /** Absent where no whole answer came. */
  readonly answer?: WireAnswer;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
}

/** Hooks for metrics and for a recorder. They are called in passing and must not throw. */
export interface ClientObserver {
  onTry?(report: TryReport): void;
  onExchange?(exchange: Exchange): void;
  /** Another try follows a failed one. */
  onRetry?(operation: string, failure: UpstreamErrorKind): void;
  /** A request that could change something was stopped before it was sent. Must never happen (invariant 9). */
  onMutatingAttempt?(): void;
}
