import { withDefaults } from '../api/kinds/modelarts-project.ts';
import type { ProjectWorld, ReadState } from '../mirror/world.ts';
import { ownReads } from './gather-pool.ts';
import {
  byProject,
  poolLimits,
  workloadLimits,
  type Now,
  type ProjectEntry,
  type Sources,
} from './gather.ts';
import { isUnjudged, readState, worst } from './health.ts';
import type { MirrorKey } from './keys.ts';
import type { ProjectState } from './project-state.ts';
import { settingsOf } from './settings.ts';

type ProjectKey = Extract<MirrorKey, { kind: 'project' }>;

/** What a plan may know of one project; undefined where there is no such object. */
export function gatherProject(
  key: ProjectKey,
  sources: Sources,
  { now, monotonic }: Now,
): ProjectWorld | undefined {
  const { namespace, project } = key;
  const entry = sources.projects.get(namespace, project);
  if (!entry) return undefined;
  const state = sources.state(namespace, project);
  const value = `${namespace}/${project}`;
  const settings = state?.settings ?? settingsOf(withDefaults(entry.object.spec));
  return {
    now,
    object: entry.object,
    ...(state?.configuration && { configuration: state.configuration }),
    ...(state?.authentication && { authentication: state.authentication }),
    read: projectRead(entry, state, monotonic),
    partial: state ? partialFailures(state, monotonic) : [],
    ...blockedIn(state),
    counts: {
      pools: sources.pools.countByIndex(byProject, value),
      workloads: sources.workloads.countByIndex(byProject, value),
      resourceSpecs: sources.resourceSpecs.countByIndex(byProject, value),
    },
    apiFeatures: state?.apiFeatures,
    effective: {
      poolIntervalMs: state?.poolIntervalMs ?? settings.poolIntervalMs,
      workloadIntervalMs: state?.workloadIntervalMs ?? settings.workloadIntervalMs,
      stretched: (state?.stretch ?? 1) > 1,
    },
    ...(state?.lastSyncAt !== undefined && { lastSyncAt: state.lastSyncAt }),
    ...(state?.refusedSecretVersion !== undefined && { refusedSecretVersion: state.refusedSecretVersion }),
    ...(state?.handledReconcileAt !== undefined && { handledReconcileAt: state.handledReconcileAt }),
    pruned: sources.pruned('project'),
  };
}

function projectRead(entry: ProjectEntry, state: ProjectState | undefined, monotonic: number): ReadState {
  if (entry.object.spec.suspend === true) return { is: 'suspended' };
  if (!state) return { is: 'pending' };
  const read = readState(state.connectionHealth, monotonic, poolLimits(state));
  // Reading works, but what it shows of the whole is not known before each pool was read again.
  if (read.is === 'complete' && hasUnjudged(state, monotonic))
    return { is: 'partial', issues: [], announce: false, stale: false };
  return read;
}

function hasUnjudged(state: ProjectState, monotonic: number): boolean {
  return [...state.poolHealth.values()].some((health) => {
    const read = readState(health, monotonic, workloadLimits(state));
    return read.is === 'failing' && read.announce && isUnjudged(health, state.connectionHealth);
  });
}

/** What fails while the rest works, each said only when it is announced. Sorted, so that the same trouble gives the same bytes. */
function partialFailures(state: ProjectState, monotonic: number): readonly string[] {
  const parts: string[] = [];
  const say = (what: string, read: ReadState): void => {
    if (read.is === 'failing' && read.announce) parts.push(`${what}: ${read.message}`);
    if (read.is === 'partial')
      parts.push(`${what}: ${read.issues[0]?.path ?? 'a part'} could not be decoded`);
  };
  for (const [workspace, health] of state.listHealth) {
    say(`workspace ${workspace}`, readState(health, monotonic, poolLimits(state)));
  }
  for (const { poolName, detailHealth } of state.pools.values()) {
    if (state.poolHealth.has(poolName) || detailHealth !== undefined)
      say(`pool ${poolName}`, worst(ownReads(poolName, state, monotonic)));
  }
  for (const { what, readState: readOptional } of state.optional.values()) {
    say(what, readOptional(monotonic));
  }
  return parts.sort();
}

/** One set at a time can be released: that of the pools comes first. */
function blockedIn(state: ProjectState | undefined): Pick<ProjectWorld, 'blocked'> {
  const blocked = state?.blocked ?? state?.resourceSpecs.blocked;
  return blocked === undefined ? {} : { blocked };
}
