import { apiVersion } from '../../../src/api/kinds/metadata.ts';
import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { calmPool, calmProjects, scenarioOf } from '../../support/calm-scenario.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage, type SpecSections } from '../../support/stage.ts';
import { aPool } from '../lifecycle/small-world.ts';

/** Kind and state, as docs/gitops.md names them. */
export type States = ReadonlyMap<string, KubernetesObject>;

const phases = [
  'Running',
  'Creating',
  'Abnormal',
  'Deleting',
  'Error',
  'CreationFailed',
  'ScalingFailed',
  'Waiting',
  'Hibernating',
];
const jobStatuses = [
  'Pending',
  'Creating',
  'Running',
  'Abnormal',
  'Terminating',
  'Completed',
  'Failed',
  'Terminated',
  'Dreaming',
];
const projects = calmProjects(3);
const [refused, stale, slow] = projects as [
  (typeof projects)[number],
  (typeof projects)[number],
  (typeof projects)[number],
];

/** A quiet pool for each phase, one with each job, and what else a mirror can say. */
export async function openEveryState(): Promise<Stage> {
  const jobs = jobStatuses.map((name) => ({ uid: `job-${name}`.toLowerCase(), name, cards: 0, age: '1h' }));
  const cpu = { flavor: 'modelarts.vm.cpu.8ud', count: 1 };
  const stage = await Stage.open({
    // New nodes stay new.
    manualClock: true,
    start: false,
    scenario: {
      projects: [
        {
          id: demoProjectID,
          tokens: [demoToken],
          pools: [
            ...phases.map((phase) => aPool(`phase-${phase}`.toLowerCase(), { jobs: [] })),
            aPool('driver-upgrading', { jobs: [], driver: { gpu: '535.1' } }),
            aPool('nodes-creating', { jobs: [], resources: [cpu] }),
            aPool('jobs', { jobs: jobs.map((job) => ({ ...job, status: 'Running' })) }),
            // The one that runs has the only node.
            calmPool('busy', {
              jobs: [
                { uid: 'runs', name: 'runs', status: 'Running', age: '2h' },
                { uid: 'job-queue', name: 'waits', age: '1h' },
              ],
            }),
          ],
          resourceSpecs: [
            { code: 'free', cores: 2, memoryGiB: 8 },
            { code: 'sold-out', cores: 2, memoryGiB: 8, soldOut: true },
            { code: 'silent', cores: 2, memoryGiB: 8, wire: { no_resource: null } },
          ],
        },
        ...(scenarioOf(projects).projects ?? []),
      ],
    },
  });
  const { world } = stage.simulator;
  for (const phase of phases) world.setPhase({ pool: `phase-${phase}`.toLowerCase(), phase });
  for (const { uid, name } of jobs) world.setJobStatus({ pool: 'jobs', job: uid, status: name });
  world.setDriverState({ pool: 'driver-upgrading', kind: 'gpu', state: 'Upgrading' });
  world.scalePool({ pool: 'nodes-creating', flavor: cpu.flavor, count: 3 });
  world.fault({ status: 401, match: { project: refused.projectID } });
  world.fault({ delay: '10m', match: { project: slow.projectID } });
  return stage;
}

/** Brings every state about, and returns an object in each of them. */
export async function reachEveryState(stage: Stage): Promise<States> {
  const { cluster } = stage;
  const states = new Map<string, KubernetesObject>();
  const pool = (name: string) => cluster.pools.get(name);
  const declare = (name: string, poolName: string, project = 'demo') =>
    cluster.pools.create({
      apiVersion,
      kind: 'ModelArtsPool',
      metadata: { name },
      spec: { projectRef: { name: project }, poolName },
    });
  const unhurried: SpecSections = {
    // A project that never answers is Stale after that: by then everything must have been looked at.
    polling: { poolInterval: '5s', workloadInterval: '5s', maxStaleness: '1h' },
    resourceSpecs: { jobTypes: ['train'] },
  };

  await stage.connect({ wait: false, spec: unhurried });
  await declare('absent', 'no-such-pool');
  states.set('ModelArtsProject no status yet', await cluster.projects.get('demo'));
  states.set('ModelArtsPool no status yet', await pool('absent'));
  await declare('orphan', 'some-pool', 'no-such-project');
  await declare('first', 'phase-running');
  await stage.connectAll([refused, slow], unhurried);
  await stage.connectAll([stale], {});
  await declare('unread', 'slow-pool', slow.name);
  await cluster.projects.create(stage.project('no-secret'));
  await stage.putSecret('no-keys', { colour: 'blue' });
  await cluster.projects.create(stage.project('no-keys'));
  await stage.putSecret('asleep', { token: demoToken });
  await cluster.projects.create({
    ...stage.project('asleep'),
    spec: { ...stage.project('asleep').spec, suspend: true },
  });
  stage.start();

  const reach = (
    state: string,
    get: () => Promise<KubernetesObject>,
    type: string,
    wanted: string,
  ): Promise<unknown> =>
    eventually(
      async () => {
        const object = await get();
        const is = said(object as Parameters<typeof said>[0], type);
        if (is !== wanted) throw new Error(`${state}: ${type} is ${is}, not ${wanted}`);
        states.set(state, object);
      },
      { deadline: 'collected' },
    );
  const poolIs = (state: string, name: string, type: string, wanted: string) =>
    reach(`ModelArtsPool ${state}`, () => pool(name), type, wanted);
  const projectIs = (state: string, name: string, wanted: string) =>
    reach(`ModelArtsProject ${state}`, () => cluster.projects.get(name), 'Ready', wanted);

  await projectIs('Reading', 'demo', 'True/Reading');
  await poolIs('Running', 'first', 'Ready', 'True/Running');
  for (const phase of [
    'Creating',
    'Abnormal',
    'Deleting',
    'Error',
    'CreationFailed',
    'ScalingFailed',
    'Waiting',
  ])
    await poolIs(phase, `phase-${phase}`.toLowerCase(), 'Ready', `False/${phase}`);
  await poolIs('UnknownPhase', 'phase-hibernating', 'Ready', 'Unknown/UnknownPhase');
  await poolIs('Running, DriverUpgrading', 'driver-upgrading', 'Reconciling', 'True/DriverUpgrading');
  await poolIs('Running, NodesCreating', 'nodes-creating', 'Reconciling', 'True/NodesCreating');
  await poolIs('PoolNotFound', 'absent', 'Ready', 'False/PoolNotFound');
  await poolIs('ProjectNotFound', 'orphan', 'Ready', 'False/ProjectNotFound');
  await poolIs('NotReadYet', 'unread', 'Ready', 'Unknown/NotReadYet');
  await declare('second', 'phase-running');
  await poolIs('Duplicate', 'second', 'Ready', 'False/Duplicate');
  for (const status of ['Queue', ...jobStatuses]) {
    const unknown = status === 'Dreaming';
    const [state, wanted] = unknown ? ['UnknownPhase', 'Unknown/UnknownPhase'] : [status, undefined];
    await reach(
      `ModelArtsWorkload ${state}`,
      () => cluster.workloads.get(`job-${status}`.toLowerCase()),
      'Running',
      wanted ?? `${status === 'Running' ? 'True' : 'False'}/${status}`,
    );
  }
  for (const [code, wanted] of Object.entries({
    free: 'True/ResourcesAvailable',
    'sold-out': 'False/SoldOut',
    silent: 'Unknown/NotReported',
  })) {
    const get = async () => {
      const all = await cluster.resourceSpecs.all();
      const found = all.find(({ spec }) => spec.specCode === code);
      if (found === undefined) throw new Error(`there is no specification ${code}`);
      return found;
    };
    await reach(`ModelArtsResourceSpec ${wanted.split('/')[1]}`, get, 'Available', wanted);
  }
  await projectIs('Unauthorized', refused.name, 'False/Unauthorized');
  await projectIs('NotReadYet', slow.name, 'Unknown/NotReadYet');
  await projectIs('SecretNotFound', 'no-secret', 'False/SecretNotFound');
  await projectIs('InvalidSecret', 'no-keys', 'False/InvalidSecret');
  await projectIs('Suspended', 'asleep', 'Unknown/Suspended');
  await eventually(async () => said(await pool(`${stale.name}-a`), 'Ready') === 'True/Running');
  stage.simulator.world.fault({ status: 503, match: { project: stale.projectID } });
  await projectIs('Stale', stale.name, 'Unknown/Stale');
  await poolIs('Stale', `${stale.name}-a`, 'Ready', 'Unknown/Stale');

  await stage.stop();
  await cluster.projects.patch('demo', { spec: { polling: { poolInterval: '6s' } } });
  states.set('ModelArtsProject changed spec', await cluster.projects.get('demo'));
  return states;
}
