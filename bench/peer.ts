import { firstSync, type FirstSync, type Mirrorer } from './first-sync.ts';
import { against, figure, type Bench, type Figure } from './harness.ts';
import { numbersFrom, sizeOf, type Size } from './sizes.ts';

/**
 * The first sync by the operator and by the same mirror on controller-runtime (peer-go), one after the other on one
 * cluster. The operator goes before and after the peer, so that a cluster that grows slower favours neither.
 * BENCH_WORKLOADS: 5000.
 */
export const peer: Bench = {
  name: 'peer',
  run: async (cluster) => {
    const figures: Figure[] = [];
    const programs = await cluster.programs({ peer: true });
    for (const workloads of numbersFrom('BENCH_WORKLOADS', [5_000])) {
      const size = sizeOf(workloads);
      const sync = (by: Mirrorer, round: string): Promise<FirstSync> =>
        firstSync(cluster, programs, { name: `peer-${round}`, size, by });
      const before = await sync('operator', 'before');
      const whole = await sync('peer', 'whole');
      const lean = await sync('peer-metadata', 'lean');
      const after = await sync('operator', 'after');
      figures.push(...compared(size, mean(before, after), whole, lean));
    }
    return figures;
  },
};

function compared(size: Size, operator: FirstSync, whole: FirstSync, lean: FirstSync): Figure[] {
  const name = `peer/${size.workloads}`;
  const perSecond = ({ seconds }: FirstSync): number => size.workloads / seconds;
  const against_ = (title: string, of: (sync: FirstSync) => number, unit: string): Figure[] => [
    against(`${name}/${title}`, of(operator), unit, of(whole)),
    against(`${name}/${title}-metadata-only`, of(operator), unit, of(lean)),
  ];
  return [
    ...against_('throughput', perSecond, 'workloads/s'),
    ...against_('rss', ({ rss }) => rss / 1e6, 'MB'),
    ...against_('peak-rss', ({ peakRSS }) => peakRSS / 1e6, 'MB'),
    ...against_('cpu', ({ cpuSeconds }) => cpuSeconds, 's'),
    ...against_('apiserver-writes', ({ writes }) => writes, 'requests'),
    figure(`${name}/modelarts-requests`, operator.upstreamRequests, 'requests'),
    figure(`${name}/modelarts-requests-of-peer`, whole.upstreamRequests, 'requests'),
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
