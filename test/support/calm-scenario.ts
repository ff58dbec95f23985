import { demoProjectID, demoToken } from '../../src/simulator/scenarios/demo.ts';
import type { PoolSpec, ProjectSpec, Scenario } from '../../src/simulator/schema.ts';

/** A pool on which one job runs, one waits and one has ended; their uids are `<id>-running`, `-queued` and `-ended`. */
export function calmPool(id: string, over: Partial<PoolSpec> = {}): PoolSpec {
  return {
    name: id,
    id,
    retention: '3650d',
    resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: 1 }],
    jobs: [
      { uid: `${id}-running`, name: 'running', status: 'Running', age: '2h' },
      { uid: `${id}-queued`, name: 'queued', age: '1h' },
      { uid: `${id}-ended`, name: 'ended', status: 'Completed', age: '30h', duration: '90m' },
    ],
    ...over,
  };
}

/** The demo project with these pools in its default workspace, in which nothing happens by itself. */
export function calmScenario(
  pools: readonly (string | PoolSpec)[],
  over: Partial<ProjectSpec> = {},
): Scenario {
  return {
    projects: [
      {
        id: demoProjectID,
        tokens: [demoToken],
        pools: pools.map((pool) => (typeof pool === 'string' ? calmPool(pool) : pool)),
        ...over,
      },
    ],
  };
}

/** Several such projects, each with a token of its own: what goes wrong with one must not reach another. */
export interface CalmProject {
  /** Of the ModelArtsProject; its one pool is `<name>-a`. */
  readonly name: string;
  readonly projectID: string;
  readonly token: string;
}

export function calmProjects(count: number): readonly CalmProject[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `p${i}`,
    projectID: `p${i}`.padStart(32, '0'),
    token: `token-of-p${i}`,
  }));
}

export function scenarioOf(projects: readonly CalmProject[]): Scenario {
  return {
    projects: projects.map(({ name, projectID, token }) => ({
      id: projectID,
      tokens: [token],
      pools: [calmPool(`${name}-a`)],
    })),
  };
}
