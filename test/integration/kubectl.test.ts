import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { quietScenario } from '../../src/simulator/scenarios/quiet.ts';
import { findKubectl } from '../../tools/control-plane/binaries.ts';
import { clusterObjects } from '../support/cluster-objects.ts';
import { testCluster } from '../support/control-plane.ts';
import { eventually } from '../support/eventually.ts';
import { aCondition, poolObject, projectObject, workloadObject } from '../support/mirror-objects.ts';
import { Program } from '../support/program.ts';
import { Stage } from '../support/stage.ts';

const gpu = 'pool-gpu-a-0123456789abcdef0123456789abcdef';
const npu = 'pool-npu-b-0123456789abcdef0123456789abcdef';
const cpu = 'pool-cpu-e-0123456789abcdef0123456789abcdef';

const { kubeconfig } = testCluster();

/** What people see: the real kubectl over mirrors that the operator wrote. */
describe('kubectl', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ scenario: quietScenario });
    // A second of real time: often enough to see what changes, and seldom enough for a busy machine.
    await stage.connect({
      spec: { polling: { poolInterval: '10s', workloadInterval: '10s', maxStaleness: '5m' } },
    });
  });
  afterAll(() => stage.close());

  /** Standard output of a command that must succeed. */
  async function kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await stage.kubectl([...args, '--namespace', stage.namespace]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  }

  /** A table as rows of cells by column. */
  async function table(...args: string[]): Promise<Record<string, string>[]> {
    const [header = '', ...lines] = (await kubectl(...args)).trimEnd().split('\n');
    const starts = [...header.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, index }));
    return lines.map((line) =>
      Object.fromEntries(
        starts.map(({ name, index }, i) => [name, line.slice(index, starts[i + 1]?.index).trim()]),
      ),
    );
  }

  it('get shows pools with phase, nodes, driver and jobs', async () => {
    const rows = await table('get', 'modelartspools');
    expect(rows.map(({ AGE: _age, ...row }) => row)).toEqual([
      { NAME: cpu, PHASE: 'Running', READY: 'True', NODES: '2/2', DRIVER: '', RUNNING: '0', QUEUED: '0' },
      {
        NAME: gpu,
        PHASE: 'Running',
        READY: 'True',
        NODES: '5/5',
        DRIVER: 'gpu Running',
        RUNNING: '3',
        QUEUED: '2',
      },
      {
        NAME: npu,
        PHASE: 'Running',
        READY: 'True',
        NODES: '2/2',
        DRIVER: 'npu Running',
        RUNNING: '1',
        QUEUED: '1',
      },
    ]);
  });

  it('get -o wide adds type, workspace, driver versions and message', async () => {
    const rows = await table('get', 'mapool', '-o', 'wide');
    expect(Object.keys(rows[0]!)).toEqual(expect.arrayContaining(['TYPE', 'WORKSPACE', 'MESSAGE']));
    expect(rows.find(({ NAME }) => NAME === gpu)).toMatchObject({ TYPE: 'Dedicate', WORKSPACE: '0' });
  });

  it('get shows jobs with type, phase, pool, accelerators and place in the queue', async () => {
    const rows = await table('get', 'mawl', '-o', 'wide');
    expect(rows.find(({ JOB }) => JOB === 'detector-svc')).toMatchObject({
      POOL: gpu,
      TYPE: 'infer',
      PHASE: 'Running',
    });
    expect(rows.find(({ JOB, POOL }) => JOB === 'llm-pretrain' && POOL === npu)).toMatchObject({
      ACCEL: '16 ascend-1980',
    });
    expect(rows.filter(({ QUEUE }) => QUEUE !== '').map(({ JOB, QUEUE }) => `${JOB} ${QUEUE}`)).toEqual(
      expect.arrayContaining(['llm-pretrain 1', 'bert-finetune 2', 'edge-tune 1']),
    );
    const [wide] = await table('get', 'mawl', '-o', 'wide');
    expect(Object.keys(wide!)).toEqual(expect.arrayContaining(['PRIORITY', 'FLAVOR', 'HOSTS', 'STARTED']));
  });

  it('get shows projects, and everything by its category', async () => {
    const [project] = await table('get', 'maproj');
    expect(project).toMatchObject({ NAME: 'demo', READY: 'True' });
    const all = await kubectl('get', 'modelarts', '-o', 'name');
    const kinds = all.split('\n').map((name) => name.split('.')[0]);
    const count = (kind: string) => kinds.filter((each) => each === kind).length;
    expect(['modelartsproject', 'modelartspool', 'modelartsworkload'].map(count)).toEqual([1, 3, 10]);
    expect(count('modelartsresourcespec')).toBeGreaterThan(0);
  });

  it.each([
    ['modelartspools', 'status.phase=Running', 3],
    ['modelartspools', `spec.poolName=${gpu}`, 1],
    ['modelartspools', 'spec.projectRef.name=demo,status.type=Dedicate', 3],
    ['modelartspools', 'status.workspaceID=another', 0],
    ['modelartsworkloads', 'status.phase=Running', 4],
    ['modelartsworkloads', `spec.poolName=${gpu},status.phase=Queue`, 2],
    ['modelartsworkloads', 'status.type=notebook', 1],
    ['modelartsworkloads', 'status.jobName=llm-pretrain,spec.source=Workload', 2],
    ['modelartsworkloads', 'spec.projectRef.name=other', 0],
  ])('get %s --field-selector %s', async (resource, selector, count) => {
    const names = await kubectl('get', resource, '--field-selector', selector, '-o', 'name');
    expect(names.split('\n').filter(Boolean)).toHaveLength(count);
  });

  it('get by the labels of a pool', async () => {
    const names = await kubectl('get', 'mawl', '-l', `modelarts-operator.dev/pool=${npu}`, '-o', 'name');
    expect(names.trimEnd().split('\n')).toHaveLength(2);
  });

  it('get -w prints a line for each change, under the columns of the first', async () => {
    const watching = new Program([findKubectl()!, 'get', 'mapool', '-w', '-n', stage.namespace], {
      cwd: '/',
      env: { KUBECONFIG: kubeconfig },
    });
    try {
      await watching.says(/pool-npu-b/);
      stage.simulator.act({ failNode: { pool: 'npu-b' } });
      const [line] = await watching.says(/^pool-npu-b.* 1\/2 .*$/m);
      stage.simulator.act({ recoverNode: { pool: 'npu-b' } });
      await eventually(() => /1\/2[^]* 2\/2 /.test(watching.stdout));
      const header = watching.stdout.split('\n')[0]!;
      for (const column of ['PHASE', 'NODES', 'RUNNING', 'AGE'])
        expect(line.slice(header.indexOf(column) - 1, header.indexOf(column) + 1)).toMatch(/^ \S/);
    } finally {
      watching.kill('SIGTERM');
      await watching.ended;
    }
  });

  it.each(['maproj', 'mapool', 'mawl', 'maspec'])(
    'explain %s --recursive leaves nothing unexplained',
    async (kind) => {
      const text = await kubectl('explain', kind, '--recursive');
      expect(text).toContain('FIELDS:');
      expect(text).not.toContain('<no description>');
      for (const part of ['spec', 'status'])
        expect(await kubectl('explain', `${kind}.${part}`)).not.toMatch(/<no description>|<empty>/);
    },
  );

  it.each([
    ['modelartspool.status.nodes', 'nodes'],
    ['modelartspool.status.driver.gpu', 'version'],
    ['modelartsworkload.status.queuePositionAtMost', 'queue'],
    ['modelartsproject.spec.polling.poolInterval', 'Default 30s'],
  ])('explain %s', async (path, words) => {
    expect((await kubectl('explain', path)).replaceAll(/\s+/g, ' ')).toContain(words);
  });

  it('wait --for=condition=Ready', async () => {
    const waited = await kubectl('wait', '--for=condition=Ready', `modelartspool/${gpu}`, '--timeout=60s');
    expect(waited).toContain('condition met');
    await kubectl('wait', '--for=condition=Synced', 'modelartsproject/demo', '--timeout=60s');
  });

  it('wait --for=condition=Complete of a job that ends while it is waited for', async () => {
    const workload = (await stage.cluster.workloads.all()).find(
      ({ status }) => status?.jobName === 'resnet-nightly',
    )!;
    const waiting = kubectl(
      'wait',
      '--for=condition=Complete',
      `mawl/${workload.metadata.name}`,
      '--timeout=60s',
    );
    stage.simulator.world.finishJob({ pool: 'gpu-a', job: 'resnet-nightly', outcome: 'Completed' });
    expect(await waiting).toContain('condition met');
  });
});

describe('a line of kubectl get', () => {
  const shared = testCluster();
  const poolID = 'auto-pool-os-86b13962597848eeb29c5861153a391f';
  const uid = '3a3dd3e1-3f5b-4a2b-8d43-9a4ad4c7f001';
  let namespace: string;

  beforeAll(async () => {
    namespace = await shared.uniqueNamespace('columns');
    const cluster = clusterObjects(shared.kubeconfig, namespace);
    const conditions = [
      aCondition('Ready', 'Unknown', 'UnknownPhase'),
      aCondition('Synced', 'Unknown', 'Suspended'),
    ];
    const ref = { projectRef: { name: 'production-eu-de-01' } };
    const pool = poolObject(poolID, {
      conditions,
      phase: 'Creating',
      nodes: { desired: 128, available: 120, summary: '120/128' },
      driver: { npu: { state: 'Upgrading' }, summary: 'npu Upgrading' },
      workloads: { byStatus: { Running: 1024, Queue: 2048 } },
    });
    const workload = workloadObject(uid, {
      ...{ type: 'train', jobName: 'llama-70b-finetune-stage2', phase: 'Terminating' },
      accelerator: { type: 'ascend-1980', count: 128, summary: '128 ascend-1980' },
      queuePositionAtMost: 2000,
    });
    const project = projectObject(ref.projectRef.name, {}, { conditions, pools: 500, workloads: 100_000 });
    await cluster.projects.create(project);
    await cluster.projects.patch(project.metadata.name, { status: project.status }, 'status');
    await cluster.pools.create({ ...pool, spec: { ...ref, poolName: poolID } });
    await cluster.pools.patch(poolID, { status: pool.status }, 'status');
    await cluster.workloads.create({ ...workload, spec: { ...workload.spec, ...ref, poolName: poolID } });
    await cluster.workloads.patch(uid, { status: workload.status }, 'status');
    await cluster.resourceSpecs.create({
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsResourceSpec',
      metadata: { name: 'production-eu-de-01-inference-107' },
      spec: { ...ref, jobType: 'inference', specCode: 'modelarts.bm.npu.arm.8snt9', specID: '107' },
    });
    await cluster.resourceSpecs.patch(
      'production-eu-de-01-inference-107',
      {
        status: {
          conditions: [aCondition('Available', 'True')],
          cpuCores: 192,
          memory: '1536Gi',
          gpuCount: 8,
        },
      },
      'status',
    );
    await cluster.close();
  });
  afterAll(() => shared.kubectl(['delete', 'namespace', namespace, '--wait=false']));

  it.each(['maproj', 'mapool', 'mawl', 'maspec'])('%s fits 120 characters, with long names', async (kind) => {
    const { stdout } = await shared.kubectl(['get', kind, '-n', namespace]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines.filter((line) => line.trimEnd().length > 120)).toEqual([]);
  });
});
