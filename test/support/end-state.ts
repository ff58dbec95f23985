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

/** All that stands in the cluster but what tells of the way there: two runs that end alike have it equal. */
export async function endState({
  projects,
  pools,
  workloads,
}: Pick<ClusterObjects, 'projects' | 'pools' | 'workloads'>): Promise<readonly EndState[]> {
  const objects = (await Promise.all([projects.all(), pools.all(), workloads.all()])).flat();
  return objects.map(({ kind, metadata, spec, status }) => {
    const { conditions = [], ...values } = status ?? {};
    return {
      kind,
      name: metadata.name,
      labels: metadata.labels,
      owners: metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`),
      spec: kind === 'ModelArtsProject' ? {} : spec,
      conditions: conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).sort(),
      values: withoutDetours(values as Detours),
    };
  });
}

interface Detours {
  readonly lastSyncTime?: string | undefined;
  readonly apiFeatures?: Readonly<Record<string, string>> | undefined;
}

/** Flavors are asked for where other calls fail, or leave a pool out that is about to go; that they are offered is remembered. */
function withoutDetours({ lastSyncTime: _seen, apiFeatures, ...values }: Detours): object {
  if (apiFeatures === undefined) return values;
  const { resourceFlavors: _asked, ...features } = apiFeatures;
  return { ...values, apiFeatures: features };
}
