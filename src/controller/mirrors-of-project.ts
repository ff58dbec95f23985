import { annotations } from '../mirror/identity.ts';
import { isTerminal } from '../mirror/workload-phase.ts';
import type { WorkloadRecord } from '../mirror/world.ts';
import { byPool, byProject, byVersions } from './gather.ts';
import type { KnownPool } from './pool-observations.ts';
import type { MirrorsOfProject } from './project-runner.ts';
import type { Stores } from './reconcile.ts';
import type { KnownWorkload } from './workload-observations.ts';

/** The mirrors of one project as its runner sees them: straight from the caches. */
export function mirrorsOf(stores: Stores, namespace: string, project: string): MirrorsOfProject {
  const value = `${namespace}/${project}`;
  return {
    pools: () => {
      const pools = new Map<string, KnownPool>();
      for (const { poolName, discoveredBy, adopted, status } of stores.pools.byIndex(byProject, value)) {
        const other = pools.get(poolName);
        pools.set(poolName, {
          ...other,
          poolName,
          declared: discoveredBy === undefined || adopted || other?.declared === true,
          ...(status.workspaceID !== undefined && { workspaceID: status.workspaceID }),
          ...(status.phase !== undefined && { phase: status.phase }),
        });
      }
      return [...pools.values()];
    },
    workloads: (poolName) =>
      known(
        stores.workloads
          .byIndex(byPool, `${value}/${poolName}`)
          .filter(({ source }) => source === 'Workload'),
      ),
    versions: () => known(stores.workloads.byIndex(byVersions, value)),
    resourceSpecs: () => stores.resourceSpecs.byIndex(byProject, value),
    confirmDeletion: () =>
      stores.projects.get(namespace, project)?.object.metadata.annotations?.[annotations.confirmDeletion],
  };
}

function known(records: readonly WorkloadRecord[]): ReadonlyMap<string, KnownWorkload> {
  const all = new Map<string, KnownWorkload>();
  for (const record of records) all.set(record.identity, new Known(record));
  return all;
}

/** A view and no copy: all of a pool's are looked at in every pass over it. */
class Known implements KnownWorkload {
  readonly #record: WorkloadRecord;

  constructor(record: WorkloadRecord) {
    this.#record = record;
  }

  get uid(): string {
    return this.#record.identity;
  }
  get phase(): string | undefined {
    return this.#record.phase;
  }
  get terminal(): boolean {
    return isTerminal(this.#record.phase);
  }
  get type(): string | undefined {
    return this.#record.type;
  }
  get startTime(): number | undefined {
    return this.#record.startTime;
  }
  get completionTime(): number | undefined {
    return this.#record.completionTime;
  }
}
