/** What this folder needs of time: the caller supplies it, so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump. Only for what leaves the process. */
  now(): number;
  /** Milliseconds on a clock that never goes back. For measuring and for deadlines. */
  monotonic(): number;
  /** Calls `callback` once after `ms` milliseconds; the returned function cancels it (harmless when late). */
  timer(ms: number, callback: () => void): () => void;
}

/** What this folder needs of chance. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

export interface Runtime extends Clock, Random {}

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. Leaves no timer and no listener behind. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.timer(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
