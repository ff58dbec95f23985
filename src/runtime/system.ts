import { getHeapStatistics } from 'node:v8';
import type { Runtime } from './clock.ts';
import type { Heap } from './heap.ts';

/** The real clock and real chance. Only main.ts (and tools) may use it. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer: (ms, callback) => {
    const handle = setTimeout(callback, ms);
    return () => clearTimeout(handle);
  },
  next: () => Math.random(),
};

/** The heap of this process; undefined where Node was not started with `--expose-gc`. Only main.ts may use it. */
export function systemHeap(): Heap | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  let before = performance.eventLoopUtilization();
  return {
    sizes: () => {
      const { used_heap_size: used, total_heap_size: held } = getHeapStatistics();
      return { used, held };
    },
    busy: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    // The only kind that gives pages back whatever V8 expects of the future.
    collect: () => void gc({ type: 'major', flavor: 'last-resort', execution: 'sync' }),
  };
}
