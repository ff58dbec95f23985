/** Minutes since the beginning, and the value then. */
export type Point = readonly [minutes: number, value: number];

/** A straight line through points that are mostly near one. */
export interface Line {
  /** Units of the value a minute. */
  readonly slope: number;
  readonly at: (minutes: number) => number;
}

/**
 * The line of Theil and Sen: the median of the slopes between all pairs. A few outliers, as each disturbance makes some, do
 * not move it. Undefined for fewer than two points.
 */
export function lineThrough(points: readonly Point[]): Line | undefined {
  const slopes = points.flatMap(([x1, y1], i) =>
    points.slice(i + 1).flatMap(([x2, y2]) => (x2 === x1 ? [] : [(y2 - y1) / (x2 - x1)])),
  );
  if (slopes.length === 0) return undefined;
  const slope = median(slopes);
  const base = median(points.map(([x, y]) => y - slope * x));
  return { slope, at: (minutes) => base + slope * minutes };
}

/** Of an even number the lower of the two in the middle: always a value that was there. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? NaN;
}
