/** An answer that is not what was asked for, as the apiserver words it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** A metav1.Status. */
  get body(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      code: this.code,
      ...(this.retryAfterSeconds !== undefined && { details: { retryAfterSeconds: this.retryAfterSeconds } }),
    };
  }
}

export const notFound = (name: string): Refusal => new Refusal(404, 'NotFound', `"${name}" not found`);
export const conflict = (name: string, why: string): Refusal =>
  new Refusal(409, 'Conflict', `Operation cannot be fulfilled on "${name}": ${why}`);
export const expired = (what: string): Refusal => new Refusal(410, 'Expired', what);
