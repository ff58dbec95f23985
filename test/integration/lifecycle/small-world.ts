import { group } from '../../../src/api/kinds/metadata.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import type { JobSpec, PoolSpec, ProjectSpec, Scenario } from '../../../src/simulator/schema.ts';
import { said } from '../../support/cluster-objects.ts';
import type { Stage } from '../../support/stage.ts';

/** Two pools of the default workspace and one of another, each with a job that runs for ever and one that ended. */
export const alpha = 'pool-alpha';
export const beta = 'pool-beta';
export const gamma = 'pool-gamma';
export const research = 'research-0001';

/** A pool named like its id, in which nothing happens by itself. */
export function aPool(id: string, over: Partial<PoolSpec> = {}): PoolSpec {
  const jobs: JobSpec[] = [
    { name: `${id}-runs`, uid: `${id}-runs`, status: 'Running', age: '2h', cards: 1 },
    { name: `${id}-ended`, uid: `${id}-ended`, status: 'Completed', age: '26h', duration: '90m' },
  ];
  const resources = [{ flavor: 'modelarts.vm.gpu.tnt004', count: 2 }];
  return { name: id, id, retention: '3650d', resources, jobs, ...over };
}

export function smallWorld(over: Partial<ProjectSpec> = {}): Scenario {
  return {
    seed: 1,
    projects: [
      {
        id: demoProjectID,
        tokens: [demoToken],
        workspaces: [{ id: research, name: 'research' }],
        pools: [
          aPool(alpha, { labels: { team: 'vision' } }),
          aPool(beta, { labels: { team: 'speech' } }),
          aPool(gamma, { workspace: research }),
        ],
        ...over,
      },
    ],
  };
}

/** The jobs of these pools, as their mirrors are named. */
export function jobsOf(...pools: string[]): string[] {
  return pools.flatMap((pool) => [`${pool}-ended`, `${pool}-runs`]).sort();
}

/** Names of all mirrors in the stage's namespace: `{ pools, workloads }`. */
export async function mirrors(stage: Stage): Promise<{ pools: string[]; workloads: string[] }> {
  const [pools, workloads] = await Promise.all([stage.cluster.pools.all(), stage.cluster.workloads.all()]);
  return {
    pools: pools.map(({ metadata }) => metadata.name),
    workloads: workloads.map(({ metadata }) => metadata.name),
  };
}

/** uids of all mirrors by name: equal maps show that none was made anew. */
export async function uids(stage: Stage): Promise<Record<string, string | undefined>> {
  const [pools, workloads] = await Promise.all([stage.cluster.pools.all(), stage.cluster.workloads.all()]);
  return Object.fromEntries([...pools, ...workloads].map(({ metadata }) => [metadata.name, metadata.uid]));
}

/** How often the running operator has deleted something, by `<kind> <reason>`. */
export async function deletions(stage: Stage): Promise<Record<string, number>> {
  const metric = stage.operator.metrics.registry.getSingleMetric('modelarts_operator_deletions_total');
  const { values = [] } = (await metric?.get()) ?? {};
  const counted = values.filter(({ value }) => value > 0);
  return Object.fromEntries(
    counted.map(({ labels, value }) => [`${labels['kind']} ${labels['reason']}`, value]),
  );
}

/** What a person writes to declare a pool. */
export function declaration(name: string, poolName: string, project = 'demo'): object {
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: 'ModelArtsPool',
    metadata: { name },
    spec: { projectRef: { name: project }, poolName },
  };
}

/** `kubectl apply` by a field manager that is not the operator's. Rejects with what kubectl says. */
export async function apply(stage: Stage, object: object, ...flags: string[]): Promise<void> {
  const args = ['apply', '--namespace', stage.namespace, ...flags, '--filename', '-'];
  const { code, stderr } = await stage.kubectl(args, JSON.stringify(object));
  if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
}

/** `Ready` and `Synced` of a pool's mirror, as `Status/Reason`. */
export async function saidOf(stage: Stage, pool: string): Promise<[string | undefined, string | undefined]> {
  const object = await stage.pool(pool);
  return [said(object, 'Ready'), said(object, 'Synced')];
}

/** The field managers that own a part of the object's spec. */
export function specManagers(object: {
  readonly metadata: { readonly managedFields?: readonly { manager?: string; fieldsV1?: unknown }[] };
}): string[] {
  return (object.metadata.managedFields ?? []).flatMap(({ manager = '', fieldsV1 }) =>
    typeof fieldsV1 === 'object' && fieldsV1 !== null && 'f:spec' in fieldsV1 ? [manager] : [],
  );
}
