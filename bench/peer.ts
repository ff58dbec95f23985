import { firstSync, type FirstSync, type Mirrorer } from './first-sync.ts';
import { against, type Bench, type Figure } from './harness.ts';
import { numberFrom, numbersFrom, sizeOf, type Size } from './sizes.ts';

/**
 * The first sync by the operator and by the same mirror on controller-runtime (peer-go), one after the other on one
 * cluster. The operator goes before and after the peer, so that a cluster that grows slower favours neither.
 * BENCH_WORKLOADS: 5000. BENCH_ROUNDS=1, for sizes that take long: the peer, and then the operator, on the fuller cluster.
 */
export const peer: Bench = {
  name: 'peer',
  run: async (cluster) => {
    const figures: Figure[] = [];
    const programs = await cluster.programs({ peer: true });
    const rounds = numberFrom('BENCH_ROUNDS', 2);
    for (const workloads of numbersFrom('BENCH_WORKLOADS', [5_000])) {
      const size = sizeOf(workloads);
      const sync = (by: Mirrorer, round: string): Promise<FirstSync> =>
        firstSync(cluster, programs, { name: `peer-${round}`, size, by });
      if (rounds === 1) {
        const whole = await sync('peer', 'whole');
        figures.push(...compared(size, await sync('operator', 'after'), whole));
        continue;
      }
      const before = await sync('operator', 'before');
      const whole = await sync('peer', 'whole');
      const lean = await sync('peer-metadata', 'lean');
      const after = await sync('operator', 'after');
      const operator = mean(before, after);
      figures.push(...compared(size, operator, whole), ...compared(size, operator, lean, '-metadata-only'));
    }
    return figures;
  },
};

function compared(
  size: Size,
  operator: FirstSync,
  peer: FirstSync,
  suffix: '' | '-metadata-only' = '',
): Figure[] {
  const perSecond = ({ seconds }: FirstSync): number => size.workloads / seconds;
  const measured = (title: string, of: (sync: FirstSync) => number, unit: string): Figure =>
    against(`peer/${size.workloads}/${title}${suffix}`, of(operator), unit, of(peer));
  return [
    measured('throughput', perSecond, 'workloads/s'),
    measured('rss', ({ rss }) => rss / 1e6, 'MB'),
    measured('peak-rss', ({ peakRSS }) => peakRSS / 1e6, 'MB'),
    measured('cpu', ({ cpuSeconds }) => cpuSeconds, 's'),
    measured('apiserver-writes', ({ writes }) => writes, 'requests'),
    measured('modelarts-requests', ({ upstreamRequests }) => upstreamRequests, 'requests'),
  ];
}

function mean(a: FirstSync, b: FirstSync): FirstSync {
  const of = (field: keyof FirstSync): number => (a[field] + b[field]) / 2;
  return {
    seconds: of('seconds'),
    cpuSeconds: of('cpuSeconds'),
    rss: of('rss'),
    peakRSS: of('peakRSS'),
    writes: of('writes'),
    upstreamRequests: of('upstreamRequests'),
  };
}
