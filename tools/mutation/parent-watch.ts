import { setInterval } from 'node:timers/promises';

/**
 * A thread of a test process that ends the process once its parent is gone, however that was ended. The process itself
 * could not: a mutant may keep it in an endless loop, which only the parent would have stopped.
 */
const parent = process.ppid;
for await (const _tick of setInterval(1_000)) {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}
