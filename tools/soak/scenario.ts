import type { Action, PoolSpec, Scenario } from '../../src/simulator/schema.ts';

export interface SoakProject {
  readonly name: string;
  readonly projectID: string;
  readonly token: string;
}

/** By their names there is one in each of the four shards, so that a replica has work whichever it holds. */
export const soakProjects: readonly SoakProject[] = ['steady', 'other', 'passing', 'calm', 'lasting'].map(
  (name, i) => ({
    name,
    projectID: `${i}`.padStart(32, '0'),
    token: `token-of-${name}`,
  }),
);

/** Jobs come, wait, run for half a minute to two and leave the list three minutes later: as many at the end as at the beginning. */
function busyPool(id: string): PoolSpec {
  return {
    name: id,
    id,
    retention: '3m',
    resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: 16 }],
    load: {
      arrivalsPerMinute: 4,
      backlog: 4,
      cards: [1],
      duration: { min: '30s', max: '2m' },
      failureRate: 0.1,
    },
  };
}

export function soakScenario(seed: number): Scenario {
  return {
    seed,
    projects: soakProjects.map(({ name, projectID, token }) => ({
      id: projectID,
      tokens: [token],
      pools: [0, 1].map((i) => busyPool(`${name}-${i}`)),
    })),
  };
}

/** Short against the jobs' lives, so that all that the operator does it does often. */
export const soakSpec = {
  polling: { poolInterval: '5s', workloadInterval: '3s', maxStaleness: '15s' },
  workloads: { history: { maxPerPool: 10, ttl: '2m', minRetention: '10s' } },
  // The pools that come and go would soon be too many for the guard.
  deletion: { confirmations: 2, maxPercent: 100 },
};

/** Of each project so many pools are of the kind that comes and goes. */
const passingPools = 2;

/** The `n`th change of the world: a pool is added and an older one is taken away, at once or with notice. */
export function churn(n: number): readonly Action[] {
  const { name, projectID } = soakProjects[n % soakProjects.length]!;
  const round = Math.floor(n / soakProjects.length);
  const id = (at: number): string => `${name}-passing-${at}`;
  const add: Action = { addPool: { project: projectID, pool: busyPool(id(round)) } };
  if (round < passingPools) return [add];
  const pool = `${projectID}/${id(round - passingPools)}`;
  return [add, { removePool: { pool, gradually: round % 2 === 0 } }];
}
