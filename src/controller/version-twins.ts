import type { ProjectState } from './project-state.ts';
import { everyVersion } from './version-pass.ts';

/**
 * The training-job versions that are proven to be workloads as well: a mirrored training workload of this project has
 * the version's id as its uid or as its job id (`jobUUID`). Equal names, pools or times prove nothing.
 */
export function versionTwins({ pools, workloads, versions }: ProjectState): ReadonlySet<string> {
  const twins = new Set<string>();
  const ids = versions.find(everyVersion)?.rows;
  if (ids === undefined || ids.size === 0) return twins;
  for (const { poolName } of pools.values()) {
    for (const { facts, selected } of workloads.rowsOf(poolName)) {
      if (facts.type !== 'train' || selected !== true) continue;
      for (const id of [facts.uid, facts.jobID]) if (id !== undefined && ids.has(id)) twins.add(id);
    }
  }
  return twins;
}
