import { apiVersion } from '../../../../src/api/kinds/metadata.ts';
import { said } from '../../../support/cluster-objects.ts';
import { eventually } from '../../../support/eventually.ts';
import type { TestOperator } from '../../../support/operator.ts';
import type { Stage } from '../../../support/stage.ts';
import { aPool, alpha, beta } from '../../lifecycle/small-world.ts';
import type { LimitedAccount } from './rights.ts';

/** An operator with all its rights but, at times, one. */
export interface Lane {
  readonly stage: Stage;
  readonly account: LimitedAccount;
  operator: TestOperator;
}

/** What a right is good for. */
export interface Need {
  readonly breaks: string;
  /** The message of the log line that names the right, or where else it is named. */
  readonly says: string;
  /** One that runs does not come to miss it: it is taken before a start. */
  readonly atStart?: true;
  /** Brings about what needs the right. */
  act?(lane: Lane, again: boolean): unknown;
  /** What was refused is not tried again: it must be brought about again. */
  readonly lost?: true;
  /** Whether that has come about. */
  works(lane: Lane): boolean | Promise<boolean>;
}

const ended = `${alpha}-ended`;
const runs = `${alpha}-runs`;
export const spec = 'demo-inference-1';
const ready = ({ operator }: Lane): boolean => operator.operator.ready;
const isReady = (lane: Lane): Promise<unknown> => eventually(() => ready(lane));
const cacheFails = 'Listing or watching failed; it is tried again with growing waits.';
const passFails = 'A pass failed; it is tried again with growing waits.';
const eventFails = 'An event was not written.';
export const condition = 'the condition Ready of the project';

const listed = (what: string): Need => ({
  breaks: `an operator that starts does not know the ${what} that there are, and never becomes ready`,
  says: cacheFails,
  atStart: true,
  works: ready,
});
const jobTypes = (...jobTypes: string[]): object => ({ spec: { resourceSpecs: { jobTypes } } });
const phaseOf = async ({ stage }: Lane): Promise<string | undefined> =>
  (await stage.pool(alpha))?.status?.phase;
async function setPhase(lane: Lane, phase: string | null): Promise<void> {
  lane.stage.simulator.act({ setPhase: { pool: alpha, phase } });
  await eventually(async () => (await phaseOf(lane)) === (phase ?? 'Running'));
}
async function observed({ stage }: Lane): Promise<boolean> {
  const { metadata, status } = await stage.cluster.projects.get('demo');
  return status?.observedGeneration === (metadata as { generation?: number }).generation;
}
const changeProject = ({ stage }: Lane, seconds: number): Promise<unknown> =>
  stage.cluster.projects.patch('demo', { spec: { polling: { maxStaleness: `${seconds}s` } } });

type Kind = 'pools' | 'workloads' | 'resourceSpecs';
const stripped = (kind: Kind, name: string): Pick<Need, 'act' | 'works'> => ({
  act: ({ stage }) => stage.cluster[kind].patch(name, { metadata: { labels: null } }),
  works: async ({ stage }) => (await stage.cluster[kind].get(name)).metadata.labels !== undefined,
});
const deleted = (kind: Kind, name: string): Pick<Need, 'act' | 'works'> => ({
  act: async (lane) => {
    await isReady(lane);
    await lane.stage.cluster[kind].delete(name);
  },
  works: async ({ stage }) => (await stage.cluster[kind].find(name)) !== undefined,
});

/** One operator for each of them, at the same time; within one of them right after right. */
export const lanes: readonly Readonly<Record<string, Need>>[] = [
  {
    'update modelartsprojects/status': {
      breaks: 'a project does not say that a change of its spec was seen',
      says: passFails,
      act: (lane) => changeProject(lane, 6),
      works: observed,
    },
    'get secrets': {
      breaks: 'a project has no credential',
      says: condition,
      works: async ({ stage }) => said(await stage.cluster.projects.get('demo'), 'Ready') === 'True/Reading',
    },
    'create events': {
      breaks: 'nothing tells of a change',
      says: eventFails,
      lost: true,
      act: (lane, again) => setPhase(lane, again ? 'Error' : 'Abnormal'),
      works: async ({ stage }) =>
        (await stage.cluster.events.all()).some(({ regarding }) => regarding?.kind === 'ModelArtsPool'),
    },
    'patch events': {
      breaks: 'an Event that repeats is not counted',
      says: eventFails,
      lost: true,
      act: async (lane, again) => {
        const phase = again ? 'Error' : 'Abnormal';
        for (const each of [null, phase, null, phase]) await setPhase(lane, each);
      },
      works: async ({ stage }) =>
        (await stage.cluster.events.all()).some(({ series }) => series !== undefined),
    },
    'list modelartsprojects': listed('projects'),
    'watch modelartsprojects': {
      breaks: 'a change of a project is not seen',
      says: cacheFails,
      atStart: true,
      act: async (lane) => {
        await isReady(lane);
        await changeProject(lane, 7);
      },
      works: observed,
    },
  },
  {
    'create modelartspools': {
      breaks: 'a new pool gets no mirror',
      says: passFails,
      act: ({ stage }) => stage.simulator.act({ addPool: { pool: aPool(beta, { jobs: [] }) } }),
      works: async ({ stage }) => (await stage.pool(beta)) !== undefined,
    },
    'delete modelartspools': {
      breaks: 'the mirror of a pool that is gone stays',
      says: passFails,
      act: ({ stage }) => stage.simulator.act({ removePool: { pool: beta } }),
      works: async ({ stage }) => (await stage.pool(beta)) === undefined,
    },
    'patch modelartspools': {
      breaks: 'labels of a pool that a hand took away are not put back',
      says: passFails,
      ...stripped('pools', alpha),
    },
    'update modelartspools/status': {
      breaks: 'the mirror of a pool shows what was',
      says: passFails,
      act: ({ stage }) => stage.simulator.act({ setPhase: { pool: alpha, phase: 'Abnormal' } }),
      works: async (lane) => (await phaseOf(lane)) === 'Abnormal',
    },
    'list modelartspools': listed('mirrors of pools'),
    'watch modelartspools': {
      breaks: 'a pool that somebody declares is not seen',
      says: cacheFails,
      atStart: true,
      act: async (lane) => {
        await isReady(lane);
        await lane.stage.cluster.pools.create({
          apiVersion,
          kind: 'ModelArtsPool',
          metadata: { name: 'declared' },
          spec: { projectRef: { name: 'demo' }, poolName: 'declared' },
        });
      },
      works: async ({ stage }) => (await stage.pool('declared'))?.status?.conditions !== undefined,
    },
  },
  {
    'create modelartsworkloads': {
      breaks: 'a new workload gets no mirror',
      says: passFails,
      act: ({ stage }) =>
        stage.simulator.act({ addJob: { pool: alpha, job: { name: 'new', uid: 'new', status: 'Running' } } }),
      works: async ({ stage }) => (await stage.cluster.workloads.find('new')) !== undefined,
    },
    'delete modelartsworkloads': {
      breaks: 'the mirror of a workload that is gone stays',
      says: passFails,
      act: ({ stage }) => stage.simulator.act({ removeJob: { pool: alpha, job: 'new' } }),
      works: async ({ stage }) => (await stage.cluster.workloads.find('new')) === undefined,
    },
    'patch modelartsworkloads': {
      breaks: 'labels of a workload that a hand took away are not put back',
      says: passFails,
      ...stripped('workloads', ended),
    },
    'update modelartsworkloads/status': {
      breaks: 'the mirror of a workload shows what was',
      says: passFails,
      act: ({ stage }) => stage.simulator.act({ finishJob: { pool: alpha, job: runs, outcome: 'Failed' } }),
      works: async ({ stage }) => (await stage.cluster.workloads.get(runs)).status?.phase === 'Failed',
    },
    'list modelartsworkloads': listed('mirrors of workloads'),
    'watch modelartsworkloads': {
      breaks: 'the mirror of a workload that a hand deleted does not come back',
      says: cacheFails,
      atStart: true,
      ...deleted('workloads', ended),
    },
  },
  {
    'delete modelartsresourcespecs': {
      breaks: 'the mirror of a resource spec that is selected no more stays',
      says: passFails,
      act: ({ stage }) => stage.cluster.projects.patch('demo', jobTypes('train')),
      works: async ({ stage }) => (await stage.cluster.resourceSpecs.find(spec)) === undefined,
    },
    'create modelartsresourcespecs': {
      breaks: 'a resource spec gets no mirror',
      says: passFails,
      act: ({ stage }) => stage.cluster.projects.patch('demo', jobTypes('train', 'inference')),
      works: async ({ stage }) => (await stage.cluster.resourceSpecs.find(spec)) !== undefined,
    },
    'patch modelartsresourcespecs': {
      breaks: 'labels of a resource spec that a hand took away are not put back',
      says: passFails,
      ...stripped('resourceSpecs', spec),
    },
    'update modelartsresourcespecs/status': {
      breaks: 'the mirror of a resource spec shows what was',
      says: passFails,
      act: ({ stage }) => stage.cluster.resourceSpecs.delete(spec),
      works: async ({ stage }) => (await stage.cluster.resourceSpecs.find(spec))?.status !== undefined,
    },
    'list modelartsresourcespecs': listed('mirrors of resource specs'),
    'watch modelartsresourcespecs': {
      breaks: 'the mirror of a resource spec that a hand deleted does not come back',
      says: cacheFails,
      atStart: true,
      ...deleted('resourceSpecs', spec),
    },
  },
];

export interface LeaseNeed extends Pick<Need, 'breaks' | 'says'> {
  readonly shards: number;
}

/** `run --leader-elect`, started without the right; the Lease is there from the second on. */
export const leaseNeeds: Readonly<Record<string, LeaseNeed>> = {
  'create leases': {
    breaks: 'the first operator of all does not come to work',
    says: 'The lease could not be taken or renewed.',
    shards: 1,
  },
  'get leases': {
    breaks: 'no operator comes to work under a Lease',
    says: 'The lease could not be taken or renewed.',
    shards: 1,
  },
  'update leases': {
    breaks: 'no operator takes a Lease over, or keeps it',
    says: 'The lease could not be taken or renewed.',
    shards: 1,
  },
  'list leases': {
    breaks: 'replicas that share do not see each other, and take no shard',
    says: 'A lease could not be read, taken or renewed.',
    shards: 2,
  },
};
