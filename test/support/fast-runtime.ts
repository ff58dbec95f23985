import type { Runtime } from '../../src/runtime/clock.ts';
import { seededRandom } from './virtual-clock.ts';

export interface FastRuntime extends Runtime {
  /** Lets `ms` pass at once, on both clocks. Timers that are set already fire when they would have. */
  jump(ms: number): void;
}

/**
 * Real time that runs `speed` times as fast, and chance that repeats: what takes minutes by design is over in seconds,
 * on real sockets. Deadlines shrink alike, so a speed of more than 20 asks much of a busy machine.
 */
export function fastRuntime({
  speed,
  seed = 1,
}: {
  readonly speed: number;
  readonly seed?: number;
}): FastRuntime {
  const begun = performance.now();
  const wall = Date.now();
  let jumped = 0;
  const elapsed = (): number => (performance.now() - begun) * speed + jumped;
  return {
    now: () => Math.floor(wall + elapsed()),
    monotonic: elapsed,
    timer: (ms, callback) => {
      // Rounded up: a timer must never be early, and Node's count whole milliseconds.
      const handle = setTimeout(callback, Math.ceil(ms / speed));
      return () => clearTimeout(handle);
    },
    next: seededRandom(seed),
    jump: (ms) => {
      jumped += ms;
    },
  };
}
