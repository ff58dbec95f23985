/**
 * The one port for time and chance. Everything that waits, measures or draws lots gets one of these from main.ts,
 * so that the whole operator can run on virtual time. Implementations: `systemRuntime` (real) and test doubles.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump. Only for what people read or what leaves the process. */
  now(): number;
  /** Milliseconds on a clock that never goes back. For measuring and for deadlines. */
  monotonic(): number;
  /** Calls `callback` once after `ms` milliseconds; the returned function cancels it (harmless when late). */
  timer(ms: number, callback: () => void): () => void;
}

export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

export interface Runtime extends Clock, Random {}
