import { isApiAbsent, upstreamError } from '../../api/errors.ts';
import type { DecodeIssue } from '../../api/facts.ts';
import type { Answer } from '../../api/upstream.ts';
import { describeError } from '../../observability/describe-error.ts';
import type { Clock } from '../../runtime/clock.ts';
import { DeadlineExceeded, withDeadline } from '../../runtime/wait.ts';
import { judgeClock } from './clock.ts';
import { findingsOf, type Finding } from './finding.ts';

/** For one call with all that is waited for: a server may ask for a quarter of an hour. */
const deadlineMs = 45_000;

/** How much a call matters to a project: without one that is optional the operator does. */
export type Need = 'needed' | 'optional';

export interface Call {
  /** The check's name. */
  readonly name: string;
  readonly need: Need;
  readonly ask: (signal: AbortSignal) => Promise<{
    readonly holds: string;
    readonly issues: readonly DecodeIssue[];
    /** Milliseconds since the epoch. */
    readonly date: number;
  }>;
}

/** `holds`: what a good answer has in it, in words. */
export function call<T>(
  name: string,
  need: Need,
  ask: (signal: AbortSignal) => Promise<Answer<T>>,
  holds: (value: T) => string,
): Call {
  return {
    name,
    need,
    ask: async (signal) => {
      const { value, issues, date } = await ask(signal);
      return { holds: holds(value), issues, date };
    },
  };
}

export interface AskedCallsOptions {
  readonly about: string;
  readonly credentialSource: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks calls one after the other and says what came of each; after the first also what it shows of the credential and
 * the clock. A refused credential ends it, and so does a needed call without an answer: refusals lock a key, and waits
 * add up.
 */
export class AskedCalls {
  readonly #options: AskedCallsOptions;
  #judged = false;
  #hopeless = false;
  #refused = false;

  constructor(options: AskedCallsOptions) {
    this.#options = options;
  }

  /** Nothing more is asked. */
  get hopeless(): boolean {
    return this.#hopeless;
  }

  /** ModelArts refused the credential. */
  get refused(): boolean {
    return this.#refused;
  }

  async *ask(calls: Iterable<Call>): AsyncGenerator<Finding> {
    for (const each of calls) {
      if (this.#hopeless) return;
      yield* await this.#askOne(each);
    }
  }

  async #askOne({ name, need, ask }: Call): Promise<Finding[]> {
    const { about, clock, signal } = this.#options;
    const say = findingsOf(name, about);
    try {
      const { holds, issues, date } = await withDeadline(clock, name, deadlineMs, signal, ask);
      const [issue] = issues;
      if (issue === undefined) return [...this.#judge(true, clock.now() - date), say.ok(`offered: ${holds}`)];
      const found =
        `offered: ${holds}; what could not be decoded (${issues.length}): ${issue.path} should be ` +
        `${issue.expected} and is ${issue.found}`;
      const advice = 'this is left out of the mirrors; report it';
      return [...this.#judge(true, clock.now() - date), say.warn(found, advice)];
    } catch (error) {
      if (signal.aborted) throw error;
      return this.#failed(name, need, error);
    }
  }

  #failed(name: string, need: Need, error: unknown): Finding[] {
    const say = findingsOf(name, this.#options.about);
    if (error instanceof DeadlineExceeded) {
      this.#hopeless = true;
      return [say.fail(`no answer within ${deadlineMs / 1000} s`, 'try again later')];
    }
    const upstream = upstreamError(error);
    if (upstream === undefined) throw error;
    if (upstream.kind === 'Unauthorized') {
      const first = !this.#judged;
      this.#hopeless = true;
      this.#refused = true;
      return first ? this.#judge(false, upstream.clockSkewMs) : [say.fail(describeError(error))];
    }
    if (upstream.kind === 'Throttled') this.#hopeless = true;
    if (need === 'needed') {
      this.#hopeless ||= upstream.kind === 'Unreachable';
      return [say.fail(describeError(error))];
    }
    return [
      isApiAbsent(error)
        ? say.ok('not offered here; the operator does without')
        : say.warn(describeError(error), 'the operator does without'),
    ];
  }

  /** What the first answer shows. */
  #judge(accepted: boolean, skewMs: number | undefined): Finding[] {
    if (this.#judged) return [];
    this.#judged = true;
    const { about, credentialSource } = this.#options;
    const say = findingsOf('credentials', about);
    const credential = accepted
      ? say.ok(`ModelArts accepts that of ${credentialSource}`)
      : say.fail(
          `ModelArts refuses that of ${credentialSource}`,
          'check that it is whole, still valid and of this project',
        );
    return [credential, ...(skewMs === undefined ? [] : [judgeClock(about, skewMs)])];
  }
}
