import type { Clock } from './clock.ts';
import { sleep } from './wait.ts';

/** The heap of this process, and what can be done about it. */
export interface Heap {
  /** Bytes: what objects take, those that nobody needs any more among them, and what the system has given for them. */
  sizes(): { readonly used: number; readonly held: number };
  /** The part of the time since it was last asked in which the process did something, 0 to 1. */
  busy(): number;
  /** Collects all that is garbage, puts what lives together and gives back the rest. Everything waits meanwhile. */
  collect(): void;
}

const lookEveryMs = 15_000;
/** What is collected at leisure is not worth a pause more often than this. */
const leastPauseMs = 60_000;
/** Above this there is work to be done: memory can wait. */
const idleBelow = 0.3;
/** Holes of less than this, or of less than this part of what is used, are left. */
const leastHoles = { bytes: 8_000_000, part: 0.2 };

/**
 * Gives back what a burst of work left of the heap once it is over: V8 puts pages together only where they are nearly
 * empty, and keeps what came free. Until the signal aborts.
 */
export async function keepHeapSmall(clock: Clock, heap: Heap, signal: AbortSignal): Promise<void> {
  /** What a collection could not give back, such as the room for young objects. */
  let rest = 0;
  let collectedAt = -Infinity;
  heap.busy();
  while (!signal.aborted) {
    try {
      await sleep(clock, lookEveryMs, signal);
    } catch {
      return;
    }
    const busy = heap.busy();
    const { used, held } = heap.sizes();
    rest = Math.min(rest, held - used);
    const worthwhile = held - used - rest > Math.max(leastHoles.bytes, leastHoles.part * used);
    if (!worthwhile || busy >= idleBelow || clock.monotonic() - collectedAt < leastPauseMs) continue;
    heap.collect();
    collectedAt = clock.monotonic();
    const after = heap.sizes();
    rest = after.held - after.used;
  }
}
