import { beforeAll, describe, expect, it } from '@jest/globals';
import { customResourceDefinitions } from '../../src/api/kinds/registry.ts';
import { testCluster, type CommandResult, type TestCluster } from '../support/control-plane.ts';
import { pool, project, resourceSpec, workload, type Resource } from './bad-input/row.ts';

/** The generated CRDs on a real apiserver: what it fills in, what kubectl shows. What they refuse: bad-input-refused.test.ts. */
const crds = customResourceDefinitions();
const apiVersion = 'modelarts-operator.dev/v1alpha1';

describe('the CRDs', () => {
  let cluster: TestCluster;
  let namespace: string;
  const kubectl = (args: string[], input?: string): Promise<CommandResult> =>
    cluster.kubectl(['--namespace', namespace, ...args], input);
  const send = (verb: string[], resource: Resource): Promise<CommandResult> =>
    kubectl([...verb, '-f', '-'], JSON.stringify({ apiVersion, ...resource }));
  const succeed = async (result: Promise<CommandResult>): Promise<string> => {
    const { code, stdout, stderr } = await result;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  beforeAll(async () => {
    cluster = testCluster();
    namespace = await cluster.uniqueNamespace('crds');
  });

  it.each(crds.map((crd) => crd.metadata.name))('%s is structural and keeps its names', async (name) => {
    const crd = JSON.parse(await succeed(kubectl(['get', 'crd', name, '-o', 'json'])));
    const conditions = crd.status.conditions.map(
      (c: { type: string; status: string }) => `${c.type}=${c.status}`,
    );
    expect(conditions.sort()).toEqual(['Established=True', 'NamesAccepted=True']);
  });

  it('shows each default of a project, and puts nothing into the spec of a declared pool', async () => {
    const created = JSON.parse(await succeed(send(['create', '-o', 'json'], project({}, 'defaults'))));
    expect(created.spec).toMatchObject({
      discovery: { mode: 'All', workspaces: ['0'] },
      workloads: {
        mode: 'All',
        queuePosition: 'Banded',
        history: { maxPerPool: 100, ttl: '168h', minRetention: '10m' },
      },
      trainingJobVersions: { mode: 'Auto', interval: '1m' },
      resourceSpecs: { mode: 'Auto', jobTypes: ['train', 'inference'], interval: '1h' },
      polling: { poolInterval: '30s', workloadInterval: '15s', maxStaleness: '5m' },
      rateLimit: { requestsPerSecond: 5, burst: 10 },
      deletion: { confirmations: 2, maxPercent: 50, policy: 'Delete' },
      suspend: false,
    });
    const declared = pool({}, 'declared');
    const stored = JSON.parse(await succeed(send(['create', '-o', 'json'], declared)));
    expect(stored.spec).toEqual(declared.spec);
  });

  it.each([
    ['modelartsprojects.spec.polling.poolInterval', 'between 1s and 1h. Default 30s.'],
    ['modelartspools.status.nodes.available', 'the sum over resources.available.'],
    ['modelartsworkloads.status.queuePosition', 'exact place in the queue'],
    ['modelartsresourcespecs.status.memory', 'a Kubernetes quantity'],
  ])('kubectl explain %s', async (path, words) => {
    // kubectl breaks the text into lines of its own width.
    expect((await succeed(kubectl(['explain', path]))).replaceAll(/\s+/g, ' ')).toContain(words);
  });

  describe('with objects that have a status', () => {
    const id = 'pool-gpu-a-0123456789abcdef';
    const condition = (type: string) => ({
      type,
      status: 'True',
      reason: 'Running',
      message: 'Everything runs',
      observedGeneration: 1,
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
    const statuses: [Resource, object][] = [
      [
        project({}, 'shown'),
        { conditions: [condition('Ready'), condition('Synced')], pools: 2, workloads: 40 },
      ],
      [
        pool({ poolName: id }, id),
        {
          conditions: [condition('Ready')],
          phase: 'Running',
          type: 'Dedicate',
          workspaceID: '0',
          nodes: { available: 2, desired: 2, summary: '2/2' },
          driver: { gpu: { version: '440.33', state: 'Running' }, summary: 'gpu Running' },
          workloads: { total: 12, byStatus: { Running: 3, Queue: 7 } },
          resources: {
            available: [
              { flavor: 'f', count: 1 },
              { flavor: 'f', nodePool: 'n', count: 1 },
            ],
          },
        },
      ],
      [
        workload({ poolName: id }, '3a3dd3e1-3f5b-4a2b-8d43-9a4ad4c7f001'),
        {
          conditions: [condition('Queued')],
          type: 'train',
          jobName: 'resnet-50',
          jobID: 'job-1',
          phase: 'Queue',
          accelerator: { type: 'ascend-1980', count: 8, summary: '8 ascend-1980' },
          queuePositionAtMost: 20,
          hostIPs: ['192.0.2.1', '192.0.2.2'],
          priority: '1',
        },
      ],
      [
        resourceSpec({}, 'project-train-2'),
        { conditions: [condition('Available')], cpuCores: 2, memory: '8Gi', gpuCount: 0 },
      ],
    ];

    beforeAll(async () => {
      for (const [resource, status] of statuses) {
        await succeed(send(['create'], resource));
        const patch = [
          'patch',
          resource.kind,
          resource.metadata.name,
          '--subresource=status',
          '--type=merge',
        ];
        await succeed(kubectl([...patch, '-p', JSON.stringify({ status })]));
      }
    });

    const table = async (...args: string[]): Promise<string[]> =>
      (await succeed(kubectl(['get', ...args]))).trimEnd().split('\n');
    const columns = (line = ''): string[] => line.trim().split(/\s{2,}/);

    it.each<[string, string, string, RegExp]>([
      ['maproj', 'shown', 'NAME READY SYNCED POOLS WORKLOADS AGE', /^True +True +2 +40 +/],
      [
        'mapool',
        id,
        'NAME PHASE READY NODES DRIVER RUNNING QUEUED AGE',
        /^Running +True +2\/2 +gpu Running +3 +7 +/,
      ],
      [
        'mawl',
        '3a3dd3e1-3f5b-4a2b-8d43-9a4ad4c7f001',
        'NAME TYPE JOB PHASE ACCEL QUEUE AGE',
        /train +resnet-50 +Queue +8 ascend-1980 +20 +/,
      ],
      [
        'maspec',
        'project-train-2',
        'NAME CODE JOB TYPE CPU MEMORY GPU AVAILABLE AGE',
        /train +2 +8Gi +0 +True +/,
      ],
    ])('kubectl get %s %s', async (shortName, name, head, row) => {
      const [header = '', line = ''] = await table(shortName, name);
      expect(columns(header).join(' ')).toBe(head);
      expect(line.slice(name.length).trimStart()).toMatch(row);
      // The names of objects are ModelArts' to choose: what we add must leave room for them.
      expect(line.replaceAll(name, '').length).toBeLessThanOrEqual(80);
    });

    it('kubectl get -o wide adds the rest', async () => {
      const [header, line] = await table('mapool', id, '-o', 'wide');
      expect(columns(header).slice(-5)).toEqual(['TYPE', 'WORKSPACE', 'NPU', 'GPU', 'MESSAGE']);
      expect(line).toMatch(/Dedicate +0 +440\.33 +Everything runs$/);
      const [, job] = await table('mawl', '-o', 'wide');
      expect(job).toContain('["192.0.2.1","192.0.2.2"]');
    });

    it('kubectl get modelarts lists every kind', async () => {
      const names = await table('modelarts', '-o', 'name');
      for (const { spec } of crds)
        expect(names.join('\n')).toContain(`${spec.names.singular}.${spec.group}/`);
    });

    it.each([
      ['mapool', `spec.poolName=${id}`],
      ['mapool', 'status.phase=Running,status.type=Dedicate,status.workspaceID=0'],
      ['mawl', `spec.projectRef.name=project,spec.poolName=${id},spec.source=Workload`],
      ['mawl', 'status.type=train,status.phase=Queue,status.jobName=resnet-50,status.jobID=job-1'],
      ['maspec', 'spec.projectRef.name=project,spec.jobType=train,spec.specCode=modelarts.vm.cpu.2u'],
    ])('kubectl get %s --field-selector %s', async (shortName, selector) => {
      expect(await table(shortName, '--no-headers', '--field-selector', selector)).toHaveLength(1);
      const other = selector.replace(/=[^=]*$/, '=other');
      expect(await table(shortName, '--no-headers', '--field-selector', other)).toEqual(['']);
    });

    it('refuses rows with equal keys, and gives a row without a node pool the empty one', async () => {
      const rows = [
        { flavor: 'f', count: 1 },
        { flavor: 'f', count: 2 },
      ];
      const patch = JSON.stringify({ status: { resources: { available: rows } } });
      const refused = await kubectl([
        'patch',
        'mapool',
        id,
        '--subresource=status',
        '--type=merge',
        '-p',
        patch,
      ]);
      expect(refused.stderr).toContain('Duplicate value');
      const stored = JSON.parse(await succeed(kubectl(['get', 'mapool', id, '-o', 'json'])));
      expect(stored.status.resources.available.map((row: { nodePool: string }) => row.nodePool)).toEqual([
        '',
        'n',
      ]);
    });

    it('kubectl wait --for=condition=Ready', async () => {
      await succeed(kubectl(['wait', '--for=condition=Ready', '--timeout=10s', `modelartspool/${id}`]));
    });
  });
});
