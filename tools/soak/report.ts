import { quantities, type Quantity } from './quantities.ts';
import { lineThrough, median, type Line, type Point } from './trend.ts';

export interface Sample {
  /** Since the beginning. */
  readonly minutes: number;
  /** By name of the quantity. */
  readonly values: Readonly<Record<string, number>>;
}

export interface Judged {
  readonly quantity: Quantity;
  readonly points: readonly Point[];
  /** Absent where there are too few points. */
  readonly line?: Line;
  readonly median: number;
  readonly most: number;
  /** Of the line, from where it begins to the end. */
  readonly growth: number;
  readonly flat: boolean;
}

/** Caches, compiled code and the heap's own size come to rest within the first sixth of a run: it does not count. */
export const restFrom = (samples: readonly Sample[]): number => (samples.at(-1)?.minutes ?? 0) / 6;

export function judge(samples: readonly Sample[]): readonly Judged[] {
  const from = restFrom(samples);
  const end = samples.at(-1)?.minutes ?? 0;
  return quantities.map((quantity) => {
    const points = samples.flatMap(({ minutes, values }): Point[] => {
      const value = values[quantity.name];
      return value === undefined ? [] : [[minutes, value]];
    });
    const counted = points.filter(([minutes]) => minutes >= from);
    const line = lineThrough(counted);
    const growth = line === undefined ? NaN : line.slope * (end - from);
    const all = counted.map(([, value]) => value);
    return {
      quantity,
      points,
      ...(line && { line }),
      median: median(all),
      most: Math.max(...all),
      growth,
      flat: growth <= quantity.mayGrow,
    };
  });
}

export function table(judged: readonly Judged[]): readonly string[] {
  return [
    '| of the operator | median | most | grew by | may grow by | flat |',
    '| --- | --- | --- | --- | --- | --- |',
    ...judged.map(({ quantity: { name, unit, mayGrow }, median, most, growth, flat }) => {
      const shown = (value: number): string => `${rounded(value)} ${unit}`.trimEnd();
      return `| ${name} | ${shown(median)} | ${shown(most)} | ${shown(growth)} | ${shown(mayGrow)} | ${flat ? 'yes' : '**no**'} |`;
    }),
  ];
}

export const rounded = (value: number): string =>
  Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)).toString();
