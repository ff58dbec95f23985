import { afterEach, describe, expect, it } from '@jest/globals';

import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import type { ResourceSpecSpec, Scenario } from '../../../src/simulator/schema.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

const specs: ResourceSpecSpec[] = [
  { code: 'modelarts.vm.cpu.2u', cores: 2, memoryGiB: 8 },
  {
    code: 'modelarts.vm.gpu.v100',
    cores: 8,
    memoryGiB: 64,
    gpus: 1,
    gpuType: 'v100',
    maxNodes: 4,
    jobTypes: ['train'],
  },
  {
    code: 'modelarts.bm.gpu.8v100',
    cores: 72,
    memoryGiB: 512,
    gpus: 8,
    gpuType: 'v100',
    soldOut: true,
    jobTypes: ['train'],
  },
];

const scenario = (offered = true): Scenario => ({
  projects: [
    {
      id: demoProjectID,
      tokens: [demoToken],
      features: { resourceSpecs: offered },
      resourceSpecs: specs,
      pools: [{ name: 'cpu', id: 'pool-cpu', resources: [{ flavor: 'modelarts.vm.cpu.8ud', count: 1 }] }],
    },
  ],
});

let stage: Stage;
afterEach(() => stage.close());

async function open(offered?: boolean): Promise<void> {
  stage = await Stage.open({ scenario: scenario(offered), manualClock: true });
  await stage.connect({ spec: { resourceSpecs: { interval: '2s' } } });
}

const names = async (): Promise<string[]> =>
  (await stage.cluster.resourceSpecs.all()).map(({ metadata }) => metadata.name);
const all = ['demo-inference-1', 'demo-train-1', 'demo-train-2', 'demo-train-3'];
const mirrored = (...wanted: string[]): Promise<void> =>
  eventually(async () => expect(await names()).toEqual(wanted)).then(() => undefined);

type Fault = Omit<FaultRule, 'match'>;
const spoil = (fault: Fault, query: Record<string, string> = {}): unknown =>
  stage.simulator.act({ fault: { match: { call: 'ListResourceSpecs', query }, ...fault } });
const mend = (): unknown => stage.simulator.act({ clearFault: {} });

describe('resource specifications', () => {
  it('are mirrored whole, counted, owned by the project, and then left in quiet', async () => {
    await open();
    await mirrored(...all);
    await stage.settled();
    const gpu = await stage.cluster.resourceSpecs.get('demo-train-2');
    const project = await stage.cluster.projects.get('demo');
    expect(gpu).toMatchObject({
      metadata: {
        ownerReferences: [{ kind: 'ModelArtsProject', uid: project.metadata.uid, blockOwnerDeletion: false }],
      },
      spec: { jobType: 'train', specCode: 'modelarts.vm.gpu.v100', specID: '2' },
      status: {
        cpuCores: 8,
        memory: '64Gi',
        gpuCount: 1,
        gpuType: 'v100',
        maxNodes: 4,
        pricingUnits: 1,
        interfaceType: 1,
      },
    });
    expect(said(gpu, 'Available')).toBe('True/ResourcesAvailable');
    expect(said(await stage.cluster.resourceSpecs.get('demo-train-3'), 'Available')).toBe('False/SoldOut');
    expect(project.status).toMatchObject({ resourceSpecs: 4, apiFeatures: { resourceSpecs: 'Offered' } });
    const versions = async (): Promise<unknown> =>
      (await stage.cluster.resourceSpecs.all()).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();
    await stays(async () => expect(await versions()).toEqual(before), { for: 1_000 });
  });

  it('follow what ModelArts says, and a hand edit is put right', async () => {
    await open();
    await mirrored(...all);
    stage.simulator.act({ setSpecSoldOut: { code: 'modelarts.vm.cpu.2u', soldOut: true } });
    const spec = (): Promise<unknown> => stage.cluster.resourceSpecs.get('demo-train-1');
    await eventually(async () => expect(said((await spec()) as never, 'Available')).toBe('False/SoldOut'));
    await stage.cluster.resourceSpecs.patch('demo-train-1', { status: { cpuCores: 4096 } }, 'status');
    await eventually(async () => expect(await spec()).toMatchObject({ status: { cpuCores: 2 } }));
  });

  it.each<[string, Fault]>([
    ['whose rows are no rows', { rows: 'garbage' }],
    ['that is shorter than it says', { rows: 'none' }],
    ['that says that it failed', { unsuccessful: true }],
    ['that is no JSON', { body: 'html' }],
  ])('Never guess a deletion: none goes by a list %s', async (_name, fault) => {
    await open();
    await mirrored(...all);
    spoil(fault);
    await stays(async () => expect(await names()).toEqual(all), { for: 1_000 });
  });

  it('Never guess a deletion: one that is gone goes, and comes back', async () => {
    await open();
    await mirrored(...all);
    spoil({ rows: 'skip', totalOff: -1 }, { job_type: 'train' });
    await mirrored('demo-inference-1', 'demo-train-1', 'demo-train-3');
    mend();
    await mirrored(...all);
  });

  it('Never guess a deletion: too many at once wait for a person, who lets go of exactly these', async () => {
    await open();
    await mirrored(...all);
    spoil({ rows: 'half', totalOff: -2 }, { job_type: 'train' });
    const project = await eventually(async () => {
      const object = await stage.cluster.projects.get('demo');
      expect(said(object, 'DeletionBlocked')).toBe('True/MaxPercentExceeded');
      return object;
    });
    expect(messageOf(project, 'DeletionBlocked')).toContain('(train/2, train/3)');
    await stays(async () => expect(await names()).toEqual(all), { for: 500 });
    const token = /confirm-deletion=([0-9a-f]+)/.exec(messageOf(project, 'DeletionBlocked'))?.[1] ?? '';
    await stage.cluster.projects.patch('demo', {
      metadata: { annotations: { 'modelarts-operator.dev/confirm-deletion': token } },
    });
    await mirrored('demo-inference-1', 'demo-train-1');
    await eventually(async () =>
      expect(said(await stage.cluster.projects.get('demo'), 'DeletionBlocked')).toBe('False/NothingBlocked'),
    );
  });

  it('stay where they are retained, and say so', async () => {
    await open();
    await stage.cluster.projects.patch('demo', { spec: { deletion: { policy: 'Retain' } } });
    await eventually(async () => {
      const owners = (await stage.cluster.resourceSpecs.all()).map(
        ({ metadata }) => metadata.ownerReferences,
      );
      expect(owners).toEqual([undefined, undefined, undefined, undefined]);
    });
    spoil({ rows: 'skip', totalOff: -1 }, { job_type: 'train' });
    await eventually(async () =>
      expect(said(await stage.cluster.resourceSpecs.get('demo-train-2'), 'Available')).toBe(
        'False/NotOffered',
      ),
    );
  });

  it('are not asked for where they are Disabled, and their mirrors go', async () => {
    await open();
    await mirrored(...all);
    await stage.cluster.projects.patch('demo', { spec: { resourceSpecs: { jobTypes: ['inference'] } } });
    await mirrored('demo-inference-1');
    await stage.cluster.projects.patch('demo', { spec: { resourceSpecs: { mode: 'Disabled' } } });
    await mirrored();
    await eventually(async () => {
      const { status } = await stage.cluster.projects.get('demo');
      expect(status?.apiFeatures).not.toHaveProperty('resourceSpecs');
      expect(status?.resourceSpecs).toBe(0);
    });
  });

  it('are noticed once to be absent, without a word of trouble', async () => {
    await open(false);
    const project = await eventually(async () => {
      const object = await stage.cluster.projects.get('demo');
      expect(object.status?.apiFeatures).toMatchObject({ resourceSpecs: 'Absent' });
      return object;
    });
    expect(said(project, 'Synced')).toBe('True/ReadComplete');
    stage.simulator.resetRequests();
    await stays(() => expect(stage.simulator.requests().byCall['ListResourceSpecs']).toBeUndefined(), {
      for: 1_500,
    });
  });

  it('are missed where they are Enabled and absent', async () => {
    stage = await Stage.open({ scenario: scenario(false), speed: 20, manualClock: true });
    await stage.connect({ wait: false, spec: { resourceSpecs: { mode: 'Enabled', interval: '2s' } } });
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(said(project, 'Synced')).toBe('False/PartialFailure');
      expect(messageOf(project, 'Synced')).toContain(
        'resource specifications: GET /v1/{project}/job/resource-specs',
      );
    });
  });
});
