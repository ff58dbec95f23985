import { terminalStatuses } from '../api/facts.ts';
import { annotations } from '../mirror/identity.ts';
import { byPool, byProject } from './gather.ts';
import type { MirrorsOfProject } from './project-runner.ts';
import type { Stores } from './reconcile.ts';

/** The mirrors of one project as its runner sees them: straight from the caches. */
export function mirrorsOf(stores: Stores, namespace: string, project: string): MirrorsOfProject {
  const value = `${namespace}/${project}`;
  return {
    pools: () =>
      stores.pools.byIndex(byProject, value).map(({ poolName, discoveredBy, adopted, status }) => ({
        poolName,
        declared: discoveredBy === undefined || adopted,
        ...(status.workspaceID !== undefined && { workspaceID: status.workspaceID }),
        ...(status.phase !== undefined && { phase: status.phase }),
      })),
    workloads: (poolName) =>
      new Map(
        stores.workloads
          .byIndex(byPool, `${value}/${poolName}`)
          .map(({ identity, phase, type, startTime, completionTime }) => [
            identity,
            {
              uid: identity,
              terminal: phase !== undefined && terminalStatuses.includes(phase),
              ...(type !== undefined && { type }),
              ...(startTime !== undefined && { startTime }),
              ...(completionTime !== undefined && { completionTime }),
            },
          ]),
      ),
    confirmDeletion: () =>
      stores.projects.get(namespace, project)?.object.metadata.annotations?.[annotations.confirmDeletion],
  };
}
