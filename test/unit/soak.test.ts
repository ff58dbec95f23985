import { describe, expect, it } from '@jest/globals';

import { parseExposition, total } from '../../tools/soak/exposition.ts';
import { quantities } from '../../tools/soak/quantities.ts';
import { judge, type Sample } from '../../tools/soak/report.ts';
import { lineThrough, median, type Point } from '../../tools/soak/trend.ts';

describe('the judgement of a soak', () => {
  const line = (slope: number): readonly Point[] =>
    Array.from({ length: 60 }, (_, minute) => [minute, 100 + slope * minute]);

  it('finds a climb, and is not moved by outliers', () => {
    expect(lineThrough(line(0.5))).toMatchObject({ slope: 0.5 });
    const disturbed = line(0.5).map(([x, y]): Point => [x, x % 7 === 3 ? y * 50 : y]);
    expect(lineThrough(disturbed)!.slope).toBeCloseTo(0.5, 1);
    expect(lineThrough(line(0.5))!.at(10)).toBe(105);
    expect(lineThrough([[1, 2]])).toBeUndefined();
    expect(median([3, 1, 2])).toBe(2);
  });

  it('reads what prom-client writes', () => {
    const samples = parseExposition(
      ['# HELP a b', 'a{x="1",y="q\\"uote"} 2', 'a{x="2"} 3.5', 'b_total 1e+3', ''].join('\n'),
    );
    expect(total(samples, 'a')).toBe(5.5);
    expect(total(samples, 'a', ({ x }) => x === '2')).toBe(3.5);
    expect(total(samples, 'b_total')).toBe(1000);
    expect(samples[0]?.labels).toEqual({ x: '1', y: 'q\\"uote' });
  });

  const samples = (heap: (minute: number) => number): readonly Sample[] =>
    Array.from({ length: 61 }, (_, minutes) => ({
      minutes,
      values: Object.fromEntries(
        quantities.map(({ name }) => [name, name === 'heap after collection' ? heap(minutes) : 5]),
      ),
    }));
  const heap = (values: readonly Sample[]) => judge(values).find(({ quantity }) => quantity.mayGrow === 2)!;

  it('calls flat what swings and does not climb, and what only filled up at first', () => {
    expect(judge(samples((minute) => 30 + (minute % 5))).every(({ flat }) => flat)).toBe(true);
    expect(heap(samples((minute) => Math.min(30, 10 + 2 * minute)))).toMatchObject({
      flat: true,
      median: 30,
    });
  });

  it('calls a leak what climbs', () => {
    expect(heap(samples((minute) => 30 + minute / 10))).toMatchObject({ flat: false });
    expect(heap([])).toMatchObject({ flat: false });
  });
});
