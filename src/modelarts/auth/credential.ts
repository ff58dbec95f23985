/** One try of a request, as it goes on the wire. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  /** Headers that are signed where the credential signs. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer 401. */
export interface Refusal {
  /** The headers that `authorize` gave for the try that was refused. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds by which this machine's clock is ahead of the answer's Date header. */
  readonly clockSkewMs: number;
}

/**
 * What follows a refusal. `giveUp`: another try would be refused too. `retry`: one more try may be accepted.
 * `retryFresh`: so, and this refusal says nothing about the credential (the try carried a token that has been replaced).
 */
export type AfterRefusal = 'giveUp' | 'retry' | 'retryFresh';

/** Makes requests acceptable. Secret values never leave it but in the headers that `authorize` returns. */
export interface Credential {
  /** Whether each request tells the time here, so that a clock that is off gets it refused. */
  readonly dated: boolean;
  /** Now `authorize` would have to ask somebody else first, and so take a while. Default: never. */
  readonly waits?: boolean;
  /** Headers to add to this try. Called anew for each one, right before it is sent. */
  authorize(request: OutgoingRequest, signal: AbortSignal): Promise<Record<string, string>>;
  onUnauthorized(refusal: Refusal): AfterRefusal;
  /** When what is sent ends, by this machine's clock, milliseconds since the epoch; undefined where nobody tells. */
  expiresAt(): number | undefined;
  /** Texts that must never be shown, for the redaction of foreign messages. */
  secrets(): readonly string[];
}

/** The gateway refuses a signature whose date is further off than this. */
export const toleratedClockSkewMs = 15 * 60_000;
