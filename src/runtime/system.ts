import type { Runtime } from './clock.ts';

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
