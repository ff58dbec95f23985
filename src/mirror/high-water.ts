/** A number at a time; lists of them are in order of time, newest last, their values falling. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** The samples after one more was taken; those that can no longer be the highest of the window are dropped. */
export function recordSample(
  samples: readonly Sample[],
  sample: Sample,
  windowMs: number,
): readonly Sample[] {
  const kept = samples.filter(({ at, value }) => sample.at - at < windowMs && value > sample.value);
  return [...kept, sample];
}

/** The highest value within the window before `now`; 0 without samples. */
export function highestSample(samples: readonly Sample[], now: number, windowMs: number): number {
  return samples.reduce(
    (highest, { at, value }) => (now - at < windowMs ? Math.max(highest, value) : highest),
    0,
  );
}
