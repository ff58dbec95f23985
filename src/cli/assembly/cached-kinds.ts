/** What is kept of the objects of each kind, and how they are found: the same over an apiserver as in memory. */
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import {
  byIdentity,
  byPool,
  byProject,
  byVersions,
  projectEntry,
  type ProjectEntry,
} from '../../controller/gather.ts';
import type { Indexer } from '../../kubernetes/entry-table.ts';
import { poolRecord, resourceSpecRecord, workloadRecord, type StoredObject } from '../../mirror/records.ts';
import { SharedValues } from '../../mirror/shared-values.ts';
import type { MirrorRecord, PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../../mirror/world.ts';

export interface CachedKind<O, E> {
  readonly project: (object: O) => E;
  readonly indexers: Readonly<Record<string, Indexer<E>>>;
}

const projectOf = ({ namespace, project }: MirrorRecord): string => `${namespace}/${project}`;

export const cachedProjects: CachedKind<ModelArtsProject, ProjectEntry> = {
  project: projectEntry,
  indexers: {},
};

export const cachedPools: CachedKind<StoredObject, PoolRecord> = {
  project: poolRecord,
  indexers: {
    [byIdentity]: (entry) => [`${projectOf(entry)}/${entry.poolName}`],
    [byProject]: (entry) => [projectOf(entry)],
  },
};

const workloadIndexers: CachedKind<StoredObject, WorkloadRecord>['indexers'] = {
  // The text that the record holds anyway: one made of several would be kept for each of them.
  [byIdentity]: (entry) => (entry.identity === entry.name ? [] : [entry.identity]),
  [byProject]: (entry) => [projectOf(entry)],
  [byPool]: (entry) => (entry.poolName === undefined ? [] : [`${projectOf(entry)}/${entry.poolName}`]),
  [byVersions]: (entry) => (entry.source === 'TrainingJobVersion' ? [projectOf(entry)] : []),
};

/** For one store: its records share what they have in common. */
export function cachedWorkloads(): CachedKind<StoredObject, WorkloadRecord> {
  const values = new SharedValues();
  return { project: (object) => values.leanRecord(workloadRecord(object)), indexers: workloadIndexers };
}

export const cachedResourceSpecs: CachedKind<StoredObject, ResourceSpecRecord> = {
  project: resourceSpecRecord,
  indexers: {
    [byIdentity]: (entry) => [`${projectOf(entry)}/${entry.jobType}/${entry.specID}`],
    [byProject]: (entry) => [projectOf(entry)],
  },
};
