import { afterEach, describe, expect, it } from '@jest/globals';

import type { ModelArtsPoolStatus } from '../../../src/api/kinds/modelarts-pool.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import type { PoolSpec, Scenario } from '../../../src/simulator/schema.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage, type SpecSections } from '../../support/stage.ts';

const gpuPool: PoolSpec = {
  name: 'gpu',
  id: 'pool-gpu',
  resources: [
    { flavor: 'modelarts.vm.gpu.tnt004', count: 3 },
    { flavor: 'modelarts.vm.cpu.16u', count: 1 },
  ],
  driver: { gpu: '470.57.02' },
  jobs: [{ name: 'runs', uid: 'runs', status: 'Running', age: '2h', cards: 1 }],
};
const npuPool: PoolSpec = {
  name: 'npu',
  id: 'pool-npu',
  resources: [{ flavor: 'modelarts.bm.npu.arm.8snt9', count: 2 }],
  driver: { npu: 'C78' },
};

const absent = (call: string) => ({ match: { call }, status: 404, code: 'APIGW.0101' });
const scenario = (...faults: ReturnType<typeof absent>[]): Scenario => ({
  projects: [{ id: demoProjectID, tokens: [demoToken], pools: [gpuPool, npuPool] }],
  faults,
});

let stage: Stage;
afterEach(() => stage.close());

async function open(spec: SpecSections, ...faults: ReturnType<typeof absent>[]): Promise<void> {
  stage = await Stage.open({ scenario: scenario(...faults), manualClock: true });
  await stage.connect({ spec });
}

const statusOf = async (pool: string): Promise<ModelArtsPoolStatus> => (await stage.pool(pool))?.status ?? {};
const shows = (pool: string, part: object): Promise<unknown> =>
  eventually(async () => expect(await statusOf(pool)).toMatchObject(part));
const word = async (feature: string): Promise<string | undefined> =>
  (await stage.cluster.projects.get('demo')).status?.apiFeatures?.[feature];

const cards = 'nvidia.com/gpu';
const whole = { capacity: { cpu: '40', memory: '256Gi', [cards]: '3' }, free: { [cards]: '2' } };

describe('capacity', () => {
  it('is that of runtime metrics, with what is free', async () => {
    await open({});
    await shows('pool-gpu', { ...whole, allocated: { [cards]: '1' } });
    await shows('pool-npu', {
      capacity: { 'huawei.com/ascend-1980': '16' },
      free: { 'huawei.com/ascend-1980': '16' },
    });
    await eventually(async () => expect(await word('runtimeMetrics')).toBe('Offered'));
    expect(await word('resourceFlavors')).toBeUndefined();
    expect(stage.simulator.requests().byCall['ListResourceFlavors']).toBeUndefined();
  });

  it('is that of flavors where metrics are not offered, and follows the nodes and the jobs', async () => {
    await open({}, absent('ShowRuntimeMetrics'));
    await shows('pool-gpu', { ...whole, allocated: { [cards]: '1' } });
    await eventually(async () => {
      expect(await word('runtimeMetrics')).toBe('Absent');
      expect(await word('resourceFlavors')).toBe('Offered');
    });
    stage.simulator.act({ scalePool: { pool: 'gpu', flavor: 'modelarts.vm.gpu.tnt004', count: 5 } });
    stage.simulator.advance(3_600_000);
    await shows('pool-gpu', { capacity: { [cards]: '5' }, free: { [cards]: '4' } });
    stage.simulator.act({ finishJob: { pool: 'gpu', job: 'runs', outcome: 'Completed' } });
    await shows('pool-gpu', { free: { [cards]: '5' } });
  });

  it('is absent where neither is offered, without a word of trouble', async () => {
    await open({}, absent('ShowRuntimeMetrics'), absent('ListResourceFlavors'));
    await eventually(async () => expect(await word('resourceFlavors')).toBe('Absent'));
    await shows('pool-gpu', { allocated: { [cards]: '1' } });
    expect(await statusOf('pool-gpu')).not.toHaveProperty('capacity');
    expect(await statusOf('pool-gpu')).not.toHaveProperty('free');
    expect(said(await stage.cluster.projects.get('demo'), 'Synced')).toBe('True/ReadComplete');
  });

  it('is known whole where not every job is mirrored', async () => {
    await open({ workloads: { mode: 'None' } });
    await shows('pool-gpu', { ...whole, allocated: { [cards]: '1' } });
  });

  it('Quiet: stays through a restart, and as long as nothing changes', async () => {
    await open({});
    await shows('pool-gpu', whole);
    const pool = async (): Promise<unknown> => {
      const { status } = (await stage.pool('pool-gpu')) ?? {};
      return [status?.capacity, status?.allocated, status?.free];
    };
    const before = await pool();
    await stage.stop();
    const running = stays(async () => expect(await pool()).toEqual(before), { for: 3_000 });
    stage.start();
    await running;
  });
});
