/** The three ends a check can have; `skipped` says why it could not be made. */
export type Verdict = { is: 'passed' } | { is: 'failed'; output: string } | { is: 'skipped'; reason: string };

/** One static check of the whole checkout. */
export interface Check {
  name: string;
  run(signal: AbortSignal): Promise<Verdict>;
}

export const passed: Verdict = { is: 'passed' };
export const failed = (output: string): Verdict => ({ is: 'failed', output });
export const skipped = (reason: string): Verdict => ({ is: 'skipped', reason });
