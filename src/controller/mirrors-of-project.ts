import { terminalStatuses } from '../api/facts.ts';
import { annotations } from '../mirror/identity.ts';
import { byPool, byProject } from './gather.ts';
import type { KnownPool } from './pool-observations.ts';
import type { MirrorsOfProject } from './project-runner.ts';
import type { Stores } from './reconcile.ts';

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
      new Map(
        stores.workloads
          .byIndex(byPool, `${value}/${poolName}`)
          .filter(({ source }) => source === 'Workload')
          .map(({ identity, phase, type, startTime, completionTime }) => [
            identity,
            {
              uid: identity,
              terminal: phase !== undefined && terminalStatuses.includes(phase),
              ...(phase !== undefined && { phase }),
              ...(type !== undefined && { type }),
              ...(startTime !== undefined && { startTime }),
              ...(completionTime !== undefined && { completionTime }),
            },
          ]),
      ),
    resourceSpecs: () => stores.resourceSpecs.byIndex(byProject, value),
    confirmDeletion: () =>
      stores.projects.get(namespace, project)?.object.metadata.annotations?.[annotations.confirmDeletion],
  };
}
