import type { PoolSpec } from '../../src/simulator/schema.ts';
import type { Draws } from './draws.ts';

/** A small pool. Its jobs run until somebody ends them, so that a world that is let alone rests. */
export function somePool(id: string, draws: Draws): PoolSpec {
  return {
    id,
    name: id,
    retention: '3650d',
    resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: draws.whole(1, 2) }],
    jobs: Array.from({ length: draws.pick([0, 1, 1, 2, 3]) }, (_, i) => ({
      uid: `${id}-job-${i}`,
      name: `job-${i}`,
      age: `${draws.whole(1, 48)}h`,
      ...(draws.chance(0.3) && { status: 'Completed' as const, duration: '30m' }),
    })),
  };
}
