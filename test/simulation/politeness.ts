import type { Verdict } from './violation.ts';

const lockMs = 5 * 60_000;
/** Of a clock whose ticks are not exact. */
const slack = 1e-3;

interface Account {
  tokens: number;
  filledAt: number;
  closedUntil: number;
  refusals: number;
  lockedUntil: number;
}

/** Invariant 6: what one process sends with one credential, against the budget and what the server asked for. */
export class Politeness {
  readonly #verdict: Verdict;
  readonly #limit: { readonly requestsPerSecond: number; readonly burst: number };
  readonly #accounts = new Map<string, Account>();

  constructor(verdict: Verdict, limit: { readonly requestsPerSecond: number; readonly burst: number }) {
    this.#verdict = verdict;
    this.#limit = limit;
  }

  asked(account: string, now: number, what: string): void {
    const { requestsPerSecond, burst } = this.#limit;
    const state = this.#of(account, now);
    state.tokens = Math.min(burst, state.tokens + ((now - state.filledAt) / 1000) * requestsPerSecond) - 1;
    state.filledAt = now;
    this.#verdict.must(state.tokens > -slack, 'Polite', () => `${account} exceeds its budget with ${what}`);
    this.#verdict.must(
      now >= state.closedUntil - slack,
      'Polite',
      () =>
        `${account} sends ${what} ${Math.round(state.closedUntil - now)} ms before the Retry-After is over`,
    );
    this.#verdict.must(
      now >= state.lockedUntil - slack,
      'Polite',
      () => `${account} sends ${what} though the credential was refused twice`,
    );
  }

  answered(
    account: string,
    now: number,
    status: number,
    retryAfter: string | undefined,
    locks: boolean,
  ): void {
    const state = this.#of(account, now);
    if (status === 429 && retryAfter !== undefined)
      state.closedUntil = Math.max(state.closedUntil, now + Number(retryAfter) * 1000);
    state.refusals = status === 401 ? state.refusals + 1 : 0;
    if (locks && state.refusals >= 2) state.lockedUntil = now + lockMs;
  }

  #of(account: string, now: number): Account {
    let state = this.#accounts.get(account);
    if (state === undefined) {
      state = { tokens: this.#limit.burst, filledAt: now, closedUntil: 0, refusals: 0, lockedUntil: 0 };
      this.#accounts.set(account, state);
    }
    return state;
  }
}
