import { Counter, Histogram, type Registry } from 'prom-client';

import type { UpstreamErrorKind } from '../api/errors.ts';

/** What the ModelArts client tells. `operation` is a method and route template: a closed set. */
export interface UpstreamMetrics {
  /** One attempt. `code`: HTTP status, or `error` when no answer came. */
  requested(operation: string, code: string, seconds: number): void;
  /** An attempt that was of no use. `reason`: what it counts as. */
  failed(operation: string, reason: UpstreamErrorKind): void;
  retried(operation: string): void;
  /** How long a request waited for its turn in the budget. */
  waited(seconds: number): void;
  /** Parts of an answer that did not decode. */
  undecodable(operation: string, issues: number): void;
  /** A request outside the read-only list was refused before it was sent. */
  mutatingAttempt(): void;
}

/** Those that alerts and dashboards ask for by name. */
const failureReasons: readonly UpstreamErrorKind[] = [
  'Throttled',
  'Unauthorized',
  'Unreachable',
  'InvalidResponse',
];
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const waitBuckets = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300];

export function registerUpstreamMetrics(registry: Registry): UpstreamMetrics {
  const registers = [registry];
  const requests = new Counter({
    registers,
    name: 'modelarts_operator_upstream_requests_total',
    help: 'Requests to ModelArts and IAM, each attempt counted, by operation and status code.',
    labelNames: ['operation', 'code'],
  });
  const duration = new Histogram({
    registers,
    name: 'modelarts_operator_upstream_request_duration_seconds',
    help: 'How long an attempt took, by operation, the wait for the budget not counted.',
    labelNames: ['operation'],
    buckets: requestBuckets,
  });
  const failures = new Counter({
    registers,
    name: 'modelarts_operator_upstream_failures_total',
    help: 'Attempts that failed, by operation and by what the answer counts as: Throttled, Unauthorized, Unreachable and so on.',
    labelNames: ['operation', 'reason'],
  });
  const retries = new Counter({
    registers,
    name: 'modelarts_operator_upstream_retries_total',
    help: 'Attempts beyond the first of a request, by operation.',
    labelNames: ['operation'],
  });
  const waits = new Histogram({
    registers,
    name: 'modelarts_operator_upstream_budget_wait_seconds',
    help: 'How long requests waited for the budget of their credential.',
    buckets: waitBuckets,
  });
  const issues = new Counter({
    registers,
    name: 'modelarts_operator_upstream_decode_issues_total',
    help: 'Parts of answers that could not be decoded and were left out, by operation.',
    labelNames: ['operation'],
  });
  const mutating = new Counter({
    registers,
    name: 'modelarts_operator_upstream_mutating_requests_total',
    help: 'Requests outside the read-only list: refused before a socket was opened. Stays 0.',
  });
  return {
    requested: (operation, code, seconds) => {
      requests.inc({ operation, code });
      // A rate needs a zero to begin from.
      for (const reason of failureReasons) failures.inc({ operation, reason }, 0);
      retries.inc({ operation }, 0);
      issues.inc({ operation }, 0);
      duration.observe({ operation }, seconds);
    },
    failed: (operation, reason) => failures.inc({ operation, reason }),
    retried: (operation) => retries.inc({ operation }),
    waited: (seconds) => waits.observe(seconds),
    undecodable: (operation, count) => issues.inc({ operation }, count),
    mutatingAttempt: () => mutating.inc(),
  };
}
