import { UpstreamError } from '../api/errors.ts';
import type { RateLimit } from '../api/upstream.ts';
import type { Clock } from '../runtime/clock.ts';

/** What a try taught about the credential. `neutral`: nothing (no answer, a gateway's trouble, throttling). */
export type Verdict = 'accepted' | 'refused' | 'neutral';

/** Leave to send one try. */
export interface Pass {
  /** Must be called once, when the answer is known or will not come. Later calls do nothing. */
  done(verdict: Verdict): void;
}

/** Refused signatures in a row, at which the gate locks. The gateway locks a key after five. */
const refusalsAllowed = 2;
/** The gateway's lock lasts as long. */
const lockMs = 5 * 60_000;

interface Waiter {
  readonly operation: string;
  readonly grant: (pass: Pass) => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * The one way to the server for all who share a credential (invariant 6). Tries leave in the order in which they asked:
 *
 *     proven   ── 401 ──▶ unproven ── 401 ──▶ locked (5 min, nothing leaves, askers are turned away)
 *        ▲                 │   ▲                  │
 *        └── accepted ─────┘   └──── time is up ──┘ (the next 401 locks again)
 *
 * - A token bucket bounds how many leave a second.
 * - Closed (429 with Retry-After): nothing leaves until then, askers wait.
 * - Unproven (at first, and after a 401): one at a time, so that a wrong key is not tried by everyone at once.
 */
export class Gate {
  readonly #clock: Clock;
  #limit: RateLimit;
  #tokens: number;
  #filledAt: number;
  #closedUntil = 0;
  #proven = false;
  #refusals = 0;
  #lockedUntil: number | undefined;
  #underWay = 0;
  readonly #waiting = new Set<Waiter>();
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, limit: RateLimit) {
    this.#clock = clock;
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#filledAt = clock.monotonic();
  }

  /**
   * Waits for leave to send one try. Rejects with the signal's reason, or with UpstreamError Unauthorized (with
   * `retryAfterMs`) while the gate is locked.
   */
  enter(operation: string, signal: AbortSignal): Promise<Pass> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const settle = (): void => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        settle();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        operation,
        grant: (pass) => {
          settle();
          resolve(pass);
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#admit();
    });
  }

  /** Takes from the budget for a request that belongs to a try already admitted (a token from IAM). Does not wait. */
  spend(): void {
    this.#fill();
    this.#tokens -= 1;
  }

  /** Nothing leaves for `ms` milliseconds: the server asked for it. A longer wait already set stays. */
  close(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#clock.monotonic() + ms);
  }

  /** Changes the budget from now on; what was saved up stays, within the new burst. */
  setLimit(limit: RateLimit): void {
    this.#fill();
    this.#limit = limit;
    this.#tokens = Math.min(this.#tokens, limit.burst);
    this.#admit();
  }

  /** True when forgetting this gate would forget nothing: no wait, no lock, no refusal, the bucket full. */
  get forgettable(): boolean {
    this.#fill();
    return (
      this.#waiting.size === 0 &&
      this.#underWay === 0 &&
      this.#refusals === 0 &&
      this.#tokens >= this.#limit.burst &&
      this.#clock.monotonic() >= this.#closedUntil
    );
  }

  #admit(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const waiter of this.#waiting) {
      const now = this.#clock.monotonic();
      if (this.#lockedUntil !== undefined && now < this.#lockedUntil) {
        waiter.refuse(locked(waiter.operation, this.#lockedUntil - now));
        continue;
      }
      if (!this.#proven && this.#underWay > 0) return;
      this.#fill();
      const wait = Math.max(
        this.#closedUntil - now,
        ((1 - this.#tokens) / this.#limit.requestsPerSecond) * 1000,
      );
      if (wait > 0) {
        // Rounded up, so that a timer that fires a fraction early does not spin.
        this.#cancelTimer = this.#clock.timer(Math.ceil(wait), () => this.#admit());
        return;
      }
      this.#tokens -= 1;
      this.#underWay += 1;
      waiter.grant(this.#pass());
    }
  }

  #pass(): Pass {
    let open = true;
    return {
      done: (verdict) => {
        if (!open) return;
        open = false;
        this.#underWay -= 1;
        this.#learn(verdict);
        this.#admit();
      },
    };
  }

  #learn(verdict: Verdict): void {
    if (verdict === 'neutral') return;
    // Nothing leaves while it is locked: what is accepted then left before, and says nothing of the credential as it is now.
    if (
      verdict === 'accepted' &&
      this.#lockedUntil !== undefined &&
      this.#clock.monotonic() < this.#lockedUntil
    )
      return;
    this.#proven = verdict === 'accepted';
    this.#refusals = verdict === 'accepted' ? 0 : this.#refusals + 1;
    this.#lockedUntil = this.#refusals >= refusalsAllowed ? this.#clock.monotonic() + lockMs : undefined;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const gained = ((now - this.#filledAt) / 1000) * this.#limit.requestsPerSecond;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}

function locked(operation: string, ms: number): UpstreamError {
  return new UpstreamError(
    'Unauthorized',
    `The credential was refused ${refusalsAllowed} times, so it is not tried again for ${lockMs / 60_000} minutes ` +
      '(more tries could lock the key). Correct the Secret; a new version of it is tried at once.',
    { operation, retryAfterMs: Math.ceil(ms) },
  );
}
