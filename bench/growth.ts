import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { firstSync, type FirstSync } from './first-sync.ts';
import { figure, type Bench, type Figure } from './harness.ts';
import { logLogChart, type Series } from './log-log-chart.ts';
import { numbersFrom, sizeOf } from './sizes.ts';

/**
 * What a first sync costs the operator as the number of workloads grows, with the exponent of the power law that fits
 * best: 1 is proportional. BENCH_WORKLOADS: 1000,3000,10000,30000. BENCH_CHART names the file that the chart goes to.
 */
export const growth: Bench = {
  name: 'growth',
  run: async (cluster) => {
    const programs = await cluster.programs();
    const points: { readonly workloads: number; readonly sync: FirstSync }[] = [];
    for (const wanted of numbersFrom('BENCH_WORKLOADS', [1_000, 3_000, 10_000, 30_000])) {
      const size = sizeOf(wanted);
      const sync = await firstSync(cluster, programs, { name: 'growth', size, by: 'operator' });
      points.push({ workloads: size.workloads, sync });
      console.error(`growth: ${size.workloads} in ${sync.seconds.toFixed(1)} s, ${sync.cpuSeconds} s of CPU`);
    }
    const of = (name: string, unit: string, value: (sync: FirstSync) => number): Series => ({
      name,
      unit,
      points: points.map(({ workloads, sync }) => [workloads, value(sync)]),
    });
    const series = [
      of('time', 's', ({ seconds }) => seconds),
      of('cpu', 's', ({ cpuSeconds }) => cpuSeconds),
      of('rss', 'MB', ({ rss }) => rss / 1e6),
      of('apiserver-writes', 'requests', ({ writes }) => writes),
      of('modelarts-requests', 'requests', ({ upstreamRequests }) => upstreamRequests),
    ];
    await drawn(series.slice(0, 3));
    return series.flatMap(figuresOf);
  },
};

async function drawn(series: readonly Series[]): Promise<void> {
  const file = process.env['BENCH_CHART'];
  if (file === undefined) return;
  await mkdir(dirname(file), { recursive: true });
  const title = 'A first sync: cost by number of workloads';
  await writeFile(file, logLogChart({ title, across: 'workloads', series }));
}

function figuresOf({ name, unit, points }: Series): Figure[] {
  return [
    ...points.map(([workloads, value]) => figure(`growth/${name}/${workloads}`, value, unit)),
    ...(points.length > 1 ? [figure(`growth/${name}/exponent`, exponentOf(points), 'power')] : []),
  ];
}

/** The slope of the line through the logarithms that has the least squares. */
function exponentOf(points: Series['points']): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (at: 0 | 1): number => logs.reduce((sum, log) => sum + log[at], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return over / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
