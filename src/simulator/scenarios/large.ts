import type { JobSpec, PoolSpec, Scenario } from '../schema.ts';
import { demoProjectID, demoToken } from './demo.ts';

/** `pools` pools with `workloads` rows each, a quarter of them active, and nothing that changes. */
export function largeScenario({ pools = 20, workloads = 200 } = {}): Scenario {
  const active = Math.floor(workloads / 4);
  const job = (index: number): JobSpec => {
    const place = { name: `job-${index}`, age: `${workloads - index}h`, cards: 1, priority: 1 + (index % 3) };
    if (index >= workloads - active) return { ...place, status: 'Running' };
    return { ...place, status: index % 10 === 0 ? 'Failed' : 'Completed', duration: `${5 + (index % 50)}m` };
  };
  const pool = (index: number): PoolSpec => ({
    name: `large-${String(index).padStart(2, '0')}`,
    id: `pool-large-${String(index).padStart(4, '0')}-0123456789abcdef0123456789abcdef`,
    retention: '3650d',
    resources: [{ flavor: 'modelarts.bm.gpu.8v100', count: Math.max(1, Math.ceil(active / 8)) }],
    jobs: Array.from({ length: workloads }, (_, at) => job(at)),
  });
  return {
    name: 'large',
    seed: 3,
    projects: [
      {
        id: demoProjectID,
        tokens: [demoToken],
        pools: Array.from({ length: pools }, (_, index) => pool(index)),
      },
    ],
  };
}
