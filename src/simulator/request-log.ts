/** One answered (or cut) request. Holds no header and no body, so no credential. */
export interface LoggedRequest {
  /** World time, milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Without the leading question mark. */
  readonly query: string;
  /** Name of the call (`ListPools`), or `unknown`. */
  readonly call: string;
  /** 0 when the connection was cut before the headers. */
  readonly status: number;
}

export interface RequestReport {
  readonly total: number;
  /** Requests other than GET and the IAM token POST. */
  readonly mutating: number;
  readonly byCall: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** The newest ones, oldest first. */
  readonly log: readonly LoggedRequest[];
}

/** Counts all requests and remembers the newest. */
export class RequestLog {
  readonly #limit: number;
  #log: LoggedRequest[] = [];
  #total = 0;
  #mutating = 0;
  #byCall = new Map<string, number>();
  #byStatus = new Map<string, number>();

  constructor(options: { limit: number }) {
    this.#limit = options.limit;
  }

  add(request: LoggedRequest): void {
    this.#total += 1;
    if (request.method !== 'GET' && request.call !== 'CreateToken') this.#mutating += 1;
    increment(this.#byCall, request.call);
    increment(this.#byStatus, String(request.status));
    this.#log.push(request);
    // Cut in large pieces: shifting one by one would cost the whole length each time.
    if (this.#log.length > 2 * this.#limit) this.#log = this.#log.slice(-this.#limit);
  }

  reset(): void {
    this.#log = [];
    this.#total = 0;
    this.#mutating = 0;
    this.#byCall.clear();
    this.#byStatus.clear();
  }

  report(): RequestReport {
    return {
      total: this.#total,
      mutating: this.#mutating,
      byCall: Object.fromEntries(this.#byCall),
      byStatus: Object.fromEntries(this.#byStatus),
      log: this.#log.slice(-this.#limit),
    };
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
