import { setTimeout as sleep } from 'node:timers/promises';

/** How long tests wait, milliseconds: the only limits there are, so that a slow machine is helped in one place. */
export const limits = {
  /** For what one request or one pass brings about. */
  soon: 15_000,
  /** For what takes several passes, or a start of the operator. */
  settled: 60_000,
  /** For what Kubernetes' own controllers do in their own time: garbage collection looks for new kinds every 30 s. */
  collected: 180_000,
} as const;

export type Limit = keyof typeof limits;

export interface EventuallyOptions {
  /** Default `settled`. */
  deadline?: Limit;
  /** Pause between two looks, milliseconds. Default 50. */
  every?: number;
}

/**
 * Looks again and again until `look` returns something other than `false` without throwing, and returns that.
 *
 * @throws what the last look threw, as the cause of an Error that says how long it was waited for.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  { deadline = 'settled', every = 50 }: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const end = performance.now() + limits[deadline];
  for (;;) {
    const seen = await outcome(look);
    if (seen.holds) return seen.value as Exclude<T, false>;
    if (performance.now() >= end) {
      throw new Error(`still not so after ${limits[deadline] / 1000} s (${deadline}): ${seen.why}`, {
        cause: seen.error,
      });
    }
    await sleep(every);
  }
}

/**
 * Looks again and again for the whole of the time given (milliseconds): everything must hold every time, as in
 * `eventually`. Returns how often it looked.
 */
export async function stays(
  look: () => unknown,
  { for: ms, every = 50 }: { for: number; every?: number },
): Promise<number> {
  const started = performance.now();
  for (let looks = 1; ; looks += 1) {
    const seen = await outcome(look);
    const elapsed = performance.now() - started;
    if (!seen.holds)
      throw new Error(`no longer so after ${Math.round(elapsed)} ms: ${seen.why}`, { cause: seen.error });
    if (elapsed >= ms) return looks;
    await sleep(every);
  }
}

type Outcome<T> = { holds: true; value: T } | { holds: false; why: string; error?: unknown };

async function outcome<T>(look: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await look();
    return value === false ? { holds: false, why: 'it returned false' } : { holds: true, value };
  } catch (error) {
    return { holds: false, why: error instanceof Error ? error.message : String(error), error };
  }
}
