import type { Clock } from '../../runtime/clock.ts';
import type { AfterRefusal, Credential, Refusal } from './credential.ts';

/** A token that IAM gave, and its life. */
export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the epoch, by IAM's clock. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface IAMTokenOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  /** Asks IAM for a token. Shared by all who wait for it, so it is not bound to the signal of one of them. */
  readonly issue: () => Promise<IssuedToken>;
  readonly password: string;
}

/** A token is renewed when this part of its life is over. */
const renewAfter = 0.8;

/** Milliseconds between tries to renew a token that is still good. */
const renewPauseMs = 30_000;

/** A user name and password: exchanged for a token, which is kept, renewed in time and dropped when it is refused. */
export class IAMToken implements Credential {
  readonly dated = false;
  readonly #options: IAMTokenOptions;
  #current: { readonly token: string; readonly renewAt: number; readonly endsAt: number } | undefined;
  #renewal: Promise<string> | undefined;

  constructor(options: IAMTokenOptions) {
    this.#options = options;
  }

  get waits(): boolean {
    return this.#current === undefined || this.#options.clock.monotonic() >= this.#current.renewAt;
  }

  async authorize(_request: unknown, signal: AbortSignal): Promise<Record<string, string>> {
    return { 'x-auth-token': await this.#token(signal) };
  }

  /** Tokens die early when the user's rights or password change: a new one may be accepted. */
  onUnauthorized({ headers }: Refusal): AfterRefusal {
    if (this.#current?.token !== headers['x-auth-token']) return 'retryFresh';
    this.#current = undefined;
    return 'retry';
  }

  expiresAt(): number | undefined {
    const { clock } = this.#options;
    return this.#current && clock.now() + this.#current.endsAt - clock.monotonic();
  }

  secrets(): readonly string[] {
    return this.#current === undefined
      ? [this.#options.password]
      : [this.#options.password, this.#current.token];
  }

  async #token(signal: AbortSignal): Promise<string> {
    if (this.#current !== undefined && !this.waits) return this.#current.token;
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    return abortable(this.#renewal, signal);
  }

  async #renew(): Promise<string> {
    const asked = this.#options.clock.monotonic();
    const old = this.#current;
    try {
      const issued = await this.#options.issue();
      // IAM's own two times give the length of the life, so that the clock of this machine does not matter.
      const life = Math.max(0, issued.expiresAt - issued.issuedAt);
      this.#current = { token: issued.token, renewAt: asked + life * renewAfter, endsAt: asked + life };
      return issued.token;
    } catch (error) {
      // The old token is good for the rest of its life: IAM may have trouble without ours.
      if (old === undefined || this.#current !== old || asked >= old.endsAt) throw error;
      this.#current = { ...old, renewAt: asked + renewPauseMs };
      return old.token;
    }
  }
}

/** Stops waiting when the signal aborts; the work itself goes on for the others who wait for it. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
