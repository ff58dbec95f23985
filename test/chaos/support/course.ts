import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import type { Action, Scenario } from '../../../src/simulator/schema.ts';
import { calmPool, calmScenario } from '../../support/calm-scenario.ts';
import { said, type ClusterObjects } from '../../support/cluster-objects.ts';
import { endState } from '../../support/end-state.ts';
import { projectObjects, type RealParts } from './real-parts.ts';
import { Witness } from './witness.ts';

/** A world in which time stands still, so that two courses of it differ in nothing that the operator does not do. */
export const courseScenario: Scenario = {
  ...calmScenario(['a', 'b', 'c', 'd']),
  start: new Date().toISOString(),
  speed: 0,
};

/** What happens in it, step by step. Nothing that went comes back. */
export const course: readonly Action[] = [
  { finishJob: { pool: 'a', job: 'a-running', outcome: 'Failed' } },
  { removePool: { pool: 'd' } },
  { addJob: { pool: 'b', job: { uid: 'b-more', name: 'more', type: 'notebook', cards: 0 } } },
  { addPool: { pool: calmPool('e') } },
  { removeJob: { pool: 'c', job: 'c-queued' } },
  { updatePool: { pool: 'b', set: { description: 'another' } } },
  { setPhase: { pool: 'c', phase: 'Error', message: 'broken' } },
  { scalePool: { pool: 'e', flavor: 'modelarts.vm.gpu.tnt004', count: 3 } },
  { finishJob: { pool: 'b', job: 'b-running', outcome: 'Completed' } },
  { addPool: { pool: calmPool('f') } },
];

/** At its end. */
const whole = '5 pools, 15 workloads';

/** Every chance to err: one lack is enough, and no number is too large. */
const spec = {
  polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '3s' },
  workloads: { history: { maxPerPool: 100, ttl: '8760h', minRetention: '1s' } },
  deletion: { confirmations: 1, maxPercent: 100 },
  // Once an hour by default: a first list that lacked some would be put right only then.
  resourceSpecs: { interval: '5s' },
};

/** A namespace with a project in it, and the world at its beginning. */
export async function beginCourse(parts: RealParts, namespace: string): Promise<Witness> {
  await parts.modelArts.play(courseScenario);
  await parts.kubectl(['create', 'namespace', namespace]);
  const project = { name: 'demo', projectID: demoProjectID, token: demoToken };
  await parts.kubectl(
    ['apply', '-n', namespace, '-f', '-'],
    projectObjects(namespace, parts.modelArts.url, [project], spec),
  );
  return Witness.from(parts.controlPlane.etcdURL, namespace);
}

interface SimulatedState {
  readonly projects: readonly {
    readonly pools: readonly { readonly id: string; readonly jobs: readonly { readonly uid: string }[] }[];
  }[];
}

/** The mirrors that have vanished though ModelArts still has what they showed: everything is selected. Must be none. */
export async function wronglyVanished(parts: RealParts, witness: Witness): Promise<readonly string[]> {
  const vanished = await witness.vanished();
  const { projects } = await parts.modelArts.get<SimulatedState>('state?jobs=true');
  const there = new Set(
    projects.flatMap(({ pools }) => pools.flatMap(({ id, jobs }) => [id, ...jobs.map(({ uid }) => uid)])),
  );
  return vanished.filter(
    // No resource specification is ever taken away.
    (key) => key.startsWith('modelartsresourcespecs/') || there.has(key.slice(key.lastIndexOf('/') + 1)),
  );
}

/** What stands in the cluster when all of the course was acted upon. Rejects while it was not. */
export async function mirroredWhole(cluster: ClusterObjects): Promise<readonly object[]> {
  const [project, pools] = await Promise.all([cluster.projects.get('demo'), cluster.pools.all()]);
  const { status } = project;
  const counts = `${status?.pools} pools, ${status?.workloads} workloads`;
  const unread = [project, ...pools].filter((each) => said(each, 'Synced') !== 'True/ReadComplete');
  if (counts !== whole || unread.length > 0)
    throw new Error([counts, ...unread.map(({ metadata }) => `${metadata.name} is not in sync`)].join('; '));
  return endState(cluster);
}
