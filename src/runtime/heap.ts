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
/** Less than this is left, or less than this part of what is needed. */
const leastExcess = { bytes: 8_000_000, part: 0.1 };

/**
 * Gives back what work left of the heap once it is over: V8 collects late, puts pages together only where they are nearly
 * empty, and keeps what came free. Until the signal aborts.
 */
export async function keepHeapSmall(clock: Clock, heap: Heap, signal: AbortSignal): Promise<void> {
  /** The least that was held since the last collection: no less is needed. Before the first one only what is used is known. */
  let needed: number | undefined;
  let collectedAt = -Infinity;
  heap.busy();
  for (;;) {
    await sleep(clock, lookEveryMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const busy = heap.busy();
    const { used, held } = heap.sizes();
    if (needed !== undefined) needed = Math.min(needed, held);
    const least = needed ?? used;
    const worthwhile = held - least > Math.max(leastExcess.bytes, leastExcess.part * least);
    if (!worthwhile || busy >= idleBelow || clock.monotonic() - collectedAt < leastPauseMs) continue;
    heap.collect();
    collectedAt = clock.monotonic();
    needed = heap.sizes().held;
  }
}
