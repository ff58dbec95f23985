import { isDeclared } from '../mirror/pool.ts';
import type { PoolRecord, WorkloadWorld } from '../mirror/world.ts';
import type { ProjectState } from './project-state.ts';
import { everyVersion } from './version-pass.ts';

/** What is known of one training-job version. `pool`: the mirror of the pool that it names, where there is one. */
export function versionUpstream(
  uid: string,
  poolName: string | undefined,
  pool: PoolRecord | undefined,
  state: ProjectState | undefined,
): WorkloadWorld['upstream'] {
  if (!state || state.view.spec.suspend) return { is: 'unread' };
  const { workloads, trainingJobVersions, deletion } = state.view.spec;
  const { mode, types } = workloads;
  const wanted = mode !== 'None' && (types === undefined || types.includes('train'));
  if (!wanted || trainingJobVersions.mode === 'Disabled') return { is: 'excluded' };
  if (state.versionTwins.has(uid)) return { is: 'excluded' };
  const selected = isSelected(poolName, pool, state);
  if (selected === 'no') return { is: 'excluded' };
  const seen = state.versions.find(everyVersion);
  if (seen && (seen.absences.get(uid)?.count ?? 0) >= deletion.confirmations)
    return { is: 'absent', confirmed: true, blocked: seen.held };
  const row = state.versions.row(uid);
  if (row) {
    // Ended, and the pass that read it has yet to look for its place in the history.
    if (row.selected === undefined || selected === 'unproven') return { is: 'unread' };
    const { facts, readAt } = row;
    return {
      is: 'present',
      ...(facts.namespace !== undefined && { poolName: facts.namespace }),
      facts,
      readAt,
      selected: row.selected,
    };
  }
  return seen?.pruned.has(uid) === true ? { is: 'pruned' } : { is: 'unread' };
}

/** A pool that is known is selected or not; what else discovery says of a pool's labels cannot be asked of others. */
function isSelected(
  poolName: string | undefined,
  pool: PoolRecord | undefined,
  state: ProjectState,
): 'yes' | 'no' | 'unproven' {
  if (pool !== undefined && isDeclared(pool)) return 'yes';
  const seen = poolName === undefined ? undefined : state.pools.get(poolName);
  if (seen?.facts && !seen.gone) return state.selects(seen);
  const { mode, poolNames, labelSelector } = state.view.spec.discovery;
  if (mode !== 'All' || labelSelector !== undefined) return 'no';
  return poolNames === undefined || (poolName !== undefined && poolNames.includes(poolName)) ? 'yes' : 'no';
}

/** A version goes to the project where its pool is none of this API's, or is gone. */
export function isProjectOwned(
  poolName: string | undefined,
  pool: PoolRecord | undefined,
  state: ProjectState | undefined,
): boolean {
  if (poolName === undefined) return true;
  const seen = state?.pools.get(poolName);
  if (seen?.gone === true) return true;
  return seen?.facts === undefined && pool === undefined;
}
