import type { ClusterObjects } from './cluster-objects.ts';

export interface EndState {
  readonly kind?: string;
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly owners?: readonly string[] | undefined;
  readonly spec: object;
  readonly conditions: readonly string[];
  /** The rest of the status. */
  readonly values: object;
}

/** All that stands in the cluster but what tells of the moment of writing: two runs that end alike have it equal. */
export async function endState({
  projects,
  pools,
  workloads,
}: Pick<ClusterObjects, 'projects' | 'pools' | 'workloads'>): Promise<readonly EndState[]> {
  const objects = (await Promise.all([projects.all(), pools.all(), workloads.all()])).flat();
  return objects.map(({ kind, metadata, spec, status }) => {
    const { conditions = [], ...values } = status ?? {};
    const { lastSyncTime: _seen, ...kept } = values as typeof values & { lastSyncTime?: string };
    return {
      kind,
      name: metadata.name,
      labels: metadata.labels,
      owners: metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`),
      spec: kind === 'ModelArtsProject' ? {} : spec,
      conditions: conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).sort(),
      values: kept,
    };
  });
}
