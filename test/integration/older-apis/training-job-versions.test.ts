import { afterEach, describe, expect, it } from '@jest/globals';

import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import type { Dialect } from '../../../src/simulator/dialect.ts';
import type { PoolSpec, ProjectSpec, Scenario } from '../../../src/simulator/schema.ts';
import type { ModelArtsWorkload } from '../../../src/api/kinds/modelarts-workload.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

/** A pool of the old generation: `GET /v1/{project}/training-jobs/versions` alone shows its jobs. */
const legacy = (over: Partial<PoolSpec> = {}): PoolSpec => ({
  name: 'legacy',
  id: 'pool9928813f',
  legacy: true,
  retention: '3650d',
  resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 2 }],
  jobs: [
    { name: 'trains', type: 'train', status: 'Running', age: '2h', cards: 1 },
    { name: 'waits', type: 'train', cards: 2, age: '1h' },
    { name: 'ended', type: 'train', status: 'Completed', age: '26h', duration: '90m', cards: 1 },
    { name: 'failed', type: 'train', status: 'Failed', age: '27h', duration: '5m', cards: 1 },
  ],
  ...over,
});

const scenario = (over: Partial<ProjectSpec> = {}): Scenario => ({
  projects: [
    {
      id: demoProjectID,
      tokens: [demoToken],
      pools: [
        { name: 'cpu', id: 'pool-cpu', resources: [{ flavor: 'modelarts.vm.cpu.8ud', count: 1 }] },
        legacy(),
      ],
      ...over,
    },
  ],
});

let stage: Stage;
afterEach(() => stage.close());

async function open(over: Partial<ProjectSpec> = {}): Promise<void> {
  stage = await Stage.open({ scenario: scenario(over), manualClock: true });
  await stage.connect({ spec: { trainingJobVersions: { interval: '1s' } } });
}

const all = (): Promise<ModelArtsWorkload[]> => stage.cluster.workloads.all();
const phases = async (): Promise<Record<string, string | undefined>> =>
  Object.fromEntries((await all()).map(({ status }) => [status?.jobName ?? '', status?.phase]));
const job = async (name: string): Promise<ModelArtsWorkload | undefined> =>
  (await all()).find(({ status }) => status?.jobName === name);
const mirrored = (wanted: Record<string, string>): Promise<unknown> =>
  eventually(async () => expect(await phases()).toEqual(wanted));
const everything = { trains: 'Running', waits: 'Queue', ended: 'Completed', failed: 'Failed' };

describe('training-job versions', () => {
  it('are mirrored whole, owned by the project, and then left in quiet', async () => {
    await open();
    await mirrored(everything);
    await stage.settled();
    const project = await stage.cluster.projects.get('demo');
    expect(project.status?.apiFeatures).toMatchObject({ trainingJobVersions: 'Offered' });
    const ended = await job('ended');
    expect(ended).toMatchObject({
      metadata: {
        labels: { 'modelarts-operator.dev/pool': 'pool9928813f' },
        ownerReferences: [{ kind: 'ModelArtsProject', uid: project.metadata.uid }],
      },
      spec: { source: 'TrainingJobVersion', poolName: 'pool9928813f' },
      status: { type: 'train', accelerator: { type: 'gpu', count: 1, summary: '1 gpu' } },
    });
    expect(ended?.metadata.name).toMatch(/^tjv-\d+-[0-9a-f]{8}$/);
    expect(said(ended, 'Complete')).toBe('True/Completed');
    const { startTime = '', completionTime = '' } = ended?.status ?? {};
    expect(Date.parse(completionTime) - Date.parse(startTime)).toBe(90 * 60_000);
    const versions = async (): Promise<unknown> =>
      (await all()).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();
    await stays(async () => expect(await versions()).toEqual(before), { for: 1_000 });
  });

  it.each<[string, Dialect]>([
    ['big version ids', { versionNumbers: 'big' }],
    ['status codes as text and missing fields', { versionNumbers: 'text', versionEmpty: 'missing' }],
    ['zeros for what is not', { versionEmpty: 'zero' }],
  ])('are the same whatever the dialect: %s', async (_name, dialect) => {
    await open({ dialect });
    await mirrored(everything);
    const ids = (await all()).map(({ spec }) => spec.uid);
    expect(new Set(ids).size).toBe(4);
    if (dialect.versionNumbers === 'big') expect(ids.every((id) => id.startsWith('90071992547'))).toBe(true);
  });

  it('follow a job to its end, and let it go when it is gone', async () => {
    await open();
    await mirrored(everything);
    stage.simulator.act({ finishJob: { pool: 'legacy', job: 'trains', outcome: 'Failed' } });
    await eventually(async () => expect(said(await job('trains'), 'Failed')).toBe('True/Failed'));
    stage.simulator.act({ removeJob: { pool: 'legacy', job: 'ended' } });
    await eventually(async () =>
      expect(Object.keys(await phases()).sort()).toEqual(['failed', 'trains', 'waits']),
    );
  });

  it('keep a status code that is not known visible', async () => {
    await open();
    stage.simulator.act({ setJobStatus: { pool: 'legacy', job: 'trains', status: 'SomethingNew' } });
    await eventually(async () => expect((await job('trains'))?.status?.phase).toBe('Unknown'));
    expect(said(await job('trains'), 'Running')).toBe('Unknown/UnknownPhase');
  });

  it('Never guess a deletion: none goes by a list that is not whole', async () => {
    await open();
    await mirrored(everything);
    for (const fault of [
      { rows: 'half' },
      { rows: 'garbage' },
      { unsuccessful: true },
      { body: 'html' },
    ] as const) {
      stage.simulator.act({ fault: { match: { call: 'ListTrainingJobVersions' }, ...fault } });
      await stays(async () => expect(await phases()).toEqual(everything), { for: 1_000 });
      stage.simulator.act({ clearFault: {} });
    }
  });

  it('go where they are Disabled, and where jobs are not wanted', async () => {
    await open();
    await mirrored(everything);
    await stage.cluster.projects.patch('demo', { spec: { trainingJobVersions: { mode: 'Disabled' } } });
    await mirrored({});
    await stage.cluster.projects.patch('demo', { spec: { trainingJobVersions: { mode: 'Auto' } } });
    await mirrored(everything);
    await stage.cluster.projects.patch('demo', { spec: { workloads: { types: ['infer'] } } });
    await mirrored({});
  });

  it('are noticed once to be absent, without a word of trouble', async () => {
    await open({ features: { trainingJobVersions: false } });
    const project = await eventually(async () => {
      const object = await stage.cluster.projects.get('demo');
      expect(object.status?.apiFeatures).toMatchObject({ trainingJobVersions: 'Absent' });
      return object;
    });
    expect(said(project, 'Synced')).toBe('True/ReadComplete');
    stage.simulator.resetRequests();
    await stays(() => expect(stage.simulator.requests().byCall['ListTrainingJobVersions']).toBeUndefined(), {
      for: 1_500,
    });
  });
});
