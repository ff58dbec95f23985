import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { root } from '../../../tools/run-command.ts';
import { Program } from '../../support/program.ts';

const projectID = '0123456789abcdef0123456789abcdef';
const pool = 'pool-f-0123456789abcdef0123456789abcdef';
/** Stands wherever something must not be shown. */
const hidden = 'not-for-everyone';
const minute = 60_000;
/** Jobs' durations count from when they are read. */
const created = Date.now() - 100 * minute;
const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** Every field that the five documents of the API have, each with a value of its own. */
const answers: Readonly<Record<string, object>> = {
  [`/v2/${projectID}/pools/${pool}`]: {
    apiVersion: 'v2',
    kind: 'Pool',
    metadata: {
      name: pool,
      creationTimestamp: '2021-11-01T03:49:41Z',
      labels: {
        'os.modelarts/workspace.id': '0',
        'os.modelarts/name': 'the shown name',
        'os.modelarts/resource.id': 'maos-resource',
        'os.modelarts/tenant.domain.id': 'domain-id',
      },
      annotations: {
        'os.modelarts/description': 'what it is for',
        'os.modelarts/billing.mode': '1',
        'os.modelarts/period.num': '7',
        'os.modelarts/period.type': '2',
        'os.modelarts/auto.renew': '1',
        'os.modelarts/promotion.info': `${hidden}-1`,
        'os.modelarts/service.console.url': `https://${hidden}-2`,
        'os.modelarts/order.id': `${hidden}-3`,
        'os.modelarts/flavor.resource.ids': '{"f":"id"}',
        'os.modelarts/tms.tags': '[{"k":"v"}]',
      },
    },
    spec: {
      type: 'Dedicate',
      scope: ['Train', 'Infer'],
      resources: [{ flavor: 'flavor-wanted', count: 9, azs: [{ az: 'az-1', count: 9 }] }],
      network: { name: 'network-f' },
      jobFlavors: ['job-flavor-1', 'job-flavor-2'],
      driver: { gpuVersion: '440.33', npuVersion: 'C78', updateStrategy: 'idle' },
      controlMode: 9,
    },
    status: {
      phase: 'Running',
      message: 'said of the pool',
      resources: {
        creating: { flavor: 'flavor-c', count: 1, maxCount: 11, azs: [{ az: 'az-c', count: 1 }] },
        available: [{ flavor: 'flavor-v', count: 2, maxCount: 12, azs: [{ az: 'az-v', count: 2 }] }],
        abnormal: { flavor: 'flavor-b', count: 3, maxCount: 13, azs: [{ az: 'az-b', count: 3 }] },
        deleting: [{ flavor: 'flavor-d', count: 4, maxCount: 14, azs: [{ az: 'az-d', count: 4 }] }],
      },
      scope: [
        { scopeType: 'Train', state: 'Enabled' },
        { scopeType: 'Infer', state: 'Enabling' },
      ],
      driver: { gpu: { version: '440.31', state: 'Upgrading' }, npu: { version: 'C77', state: 'Running' } },
      parent: 'pool-parent',
      root: 'pool-root',
    },
  },
  [`/v2/${projectID}/pools/${pool}/workloads`]: {
    apiVersion: 'v1',
    kind: 'WorkloadList',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Workload',
        type: 'train',
        namespace: pool,
        name: 'modelarts-job-1',
        jobName: 'job-1',
        uid: 'uid-1',
        jobUUID: 'uuid-1',
        flavor: 'job-flavor-1',
        status: 'Running',
        resourceRequirement: {
          cpu: '1 Cores',
          memory: '6.52 GiB',
          'nvidia.com/gpu': '2',
          'huawei.com/ascend-310': 3,
          'huawei.com/ascend-1980': '4',
        },
        priority: '2',
        runningDuration: 3600,
        pendingDuration: 600,
        pendingPosition: -1,
        createTime: created,
        gvk: 'batch.volcano.sh/v1alpha1, Kind=Job',
        hostIps: '10.0.0.1,10.0.0.2',
      },
      {
        kind: 'Workload',
        type: 'notebook',
        namespace: pool,
        name: 'w2',
        uid: 'uid-2',
        status: 'Queue',
        pendingPosition: 1,
        createTime: created + minute,
      },
    ],
  },
  [`/v2/${projectID}/statistics/pools/${pool}/workloads`]: {
    statistics: {
      total: 2,
      items: [
        { type: 'train', total: 1, status: { Running: '1', Queue: 0 } },
        { type: 'notebook', total: 1, status: { Queue: 1 } },
      ],
    },
  },
  [`/v1/${projectID}/training-jobs/versions`]: {
    is_success: true,
    total_count: 1,
    offset: 0,
    limit: 500,
    versions: [
      {
        version_id: 1485,
        version_name: 'trainjob-3f47',
        status: 12,
        create_time: created,
        start_time: created + 10_000,
        end_time: created + 63_000,
        duration: 53_000,
        version_desc: 'of an older job',
        pool_id: 'pool9928813f',
        flavor_code: 'modelarts.p1.2xlarge',
        npu_num: 0,
        gpu_num: 5,
      },
    ],
  },
  [`/v1/${projectID}/job/resource-specs`]: {
    is_success: true,
    spec_total_count: 1,
    specs: [
      {
        spec_id: 4,
        core: '8',
        cpu: '64',
        gpu_num: 1,
        gpu_type: 'v100',
        spec_code: 'modelarts.vm.gpu.v100',
        unit_num: 6,
        max_num: 7,
        storage: '3200',
        interface_type: 5,
        no_resource: true,
      },
    ],
  },
};
const listed = { apiVersion: 'v2', kind: 'PoolList', items: [answers[`/v2/${projectID}/pools/${pool}`]] };

interface Mirror {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
  readonly status: { readonly conditions?: readonly object[] };
}

describe('every field of the documented answers', () => {
  let server: Server;
  let text: string;
  let mirrors: readonly Mirror[];

  const mirror = (kind: string, part: object): Mirror => {
    const found = mirrors.filter(({ kind: is, spec }) => {
      return is === kind && Object.entries(part).every(([key, value]) => Reflect.get(spec, key) === value);
    });
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const status = searchParams.get('status');
      const beyond = Number(searchParams.get('offset') ?? '0') > 0;
      const body = (pathname === `/v2/${projectID}/pools` ? listed : answers[pathname]) as
        { items?: readonly { status?: string }[] } | undefined;
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      const rows = body?.items?.filter((row) => (status === null || row.status === status) && !beyond);
      const failure = { error_code: 'APIGW.0101', error_msg: 'not here' };
      response.end(
        JSON.stringify(
          pathname.endsWith('/workloads') && rows !== undefined
            ? { ...body, items: rows }
            : (body ?? failure),
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const program = new Program(
      [
        process.execPath,
        ...[join(root, 'src/main.ts'), 'export', '-o', 'json'],
        ...[`--endpoint=http://127.0.0.1:${port}`, `--project-id=${projectID}`],
      ],
      { cwd: '/', env: { MODELARTS_TOKEN: 'a-token' } },
    );
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    text = stdout;
    mirrors = (JSON.parse(stdout) as { items: readonly Mirror[] }).items;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('of a pool stand in its mirror', () => {
    expect(mirror('ModelArtsPool', { poolName: pool }).status).toMatchObject({
      creationTime: '2021-11-01T03:49:41Z',
      workspaceID: '0',
      displayName: 'the shown name',
      labels: { 'os.modelarts/resource.id': 'maos-resource', 'os.modelarts/tenant.domain.id': 'domain-id' },
      description: 'what it is for',
      billingMode: '1',
      annotations: {
        'os.modelarts/period.num': '7',
        'os.modelarts/period.type': '2',
        'os.modelarts/auto.renew': '1',
        'os.modelarts/flavor.resource.ids': '{"f":"id"}',
        'os.modelarts/tms.tags': '[{"k":"v"}]',
      },
      type: 'Dedicate',
      networkName: 'network-f',
      jobFlavors: ['job-flavor-1', 'job-flavor-2'],
      driver: {
        gpu: { version: '440.31', state: 'Upgrading', desiredVersion: '440.33' },
        npu: { version: 'C77', state: 'Running', desiredVersion: 'C78' },
        updateStrategy: 'idle',
      },
      restrictions: { value: 9, flags: ['BillingModeChangeBlocked', 'Frozen'] },
      phase: 'Running',
      message: 'said of the pool',
      resources: {
        desired: [{ flavor: 'flavor-wanted', count: 9, azs: [{ az: 'az-1', count: 9 }] }],
        creating: [{ flavor: 'flavor-c', count: 1, maxCount: 11, azs: [{ az: 'az-c', count: 1 }] }],
        available: [{ flavor: 'flavor-v', count: 2, maxCount: 12, azs: [{ az: 'az-v', count: 2 }] }],
        abnormal: [{ flavor: 'flavor-b', count: 3, maxCount: 13, azs: [{ az: 'az-b', count: 3 }] }],
        deleting: [{ flavor: 'flavor-d', count: 4, maxCount: 14, azs: [{ az: 'az-d', count: 4 }] }],
      },
      nodes: { desired: 9, creating: 1, available: 2, abnormal: 3, deleting: 4 },
      scopes: expect.arrayContaining([
        { type: 'Train', state: 'Enabled' },
        { type: 'Infer', state: 'Enabling' },
      ]),
      parent: 'pool-parent',
      root: 'pool-root',
      workloads: {
        total: 2,
        byStatus: { Running: 1, Queue: 1 },
        byType: expect.arrayContaining([
          { type: 'train', total: 1, byStatus: expect.objectContaining({ Running: 1 }) },
          { type: 'notebook', total: 1, byStatus: { Queue: 1 } },
        ]),
      },
    });
  });

  it('of a pool that are not for everyone stand nowhere', () => expect(text).not.toContain(hidden));

  it('of a job stand in its mirror', () => {
    expect(mirror('ModelArtsWorkload', { uid: 'uid-1' })).toMatchObject({
      spec: { poolName: pool, source: 'Workload' },
      status: {
        type: 'train',
        name: 'modelarts-job-1',
        jobName: 'job-1',
        jobID: 'uuid-1',
        flavor: 'job-flavor-1',
        phase: 'Running',
        priority: '2',
        gvk: 'batch.volcano.sh/v1alpha1, Kind=Job',
        hostIPs: ['10.0.0.1', '10.0.0.2'],
        nodeCount: 2,
        creationTime: rfc3339(created),
        resources: {
          cpu: '1',
          memory: '6.52Gi',
          'nvidia.com/gpu': '2',
          'huawei.com/ascend-310': '3',
          'huawei.com/ascend-1980': '4',
        },
      },
    });
    const { startTime } = mirror('ModelArtsWorkload', { uid: 'uid-1' }).status as { startTime?: string };
    const sinceStart = Date.now() - Date.parse(startTime ?? '');
    expect(sinceStart).toBeGreaterThanOrEqual(59 * minute);
    expect(sinceStart).toBeLessThanOrEqual(62 * minute);
    expect(mirror('ModelArtsWorkload', { uid: 'uid-2' }).status).toMatchObject({
      phase: 'Queue',
      type: 'notebook',
      queuePosition: 1,
    });
  });

  it('of a training-job version stand in its mirror, though its pool is none of those', () => {
    expect(mirror('ModelArtsWorkload', { uid: '1485' })).toMatchObject({
      spec: { source: 'TrainingJobVersion', poolName: 'pool9928813f' },
      status: {
        jobName: 'trainjob-3f47',
        phase: 'Terminated',
        message: expect.stringContaining('12'),
        creationTime: rfc3339(created),
        startTime: rfc3339(created + 10_000),
        completionTime: rfc3339(created + 63_000),
        description: 'of an older job',
        flavor: 'modelarts.p1.2xlarge',
        accelerator: { count: 5 },
      },
    });
  });

  it('of a resource specification stand in its mirror', () => {
    expect(mirror('ModelArtsResourceSpec', { specID: '4', jobType: 'train' })).toMatchObject({
      spec: { specCode: 'modelarts.vm.gpu.v100' },
      status: {
        cpuCores: 8,
        memory: '64Gi',
        gpuCount: 1,
        gpuType: 'v100',
        maxNodes: 7,
        pricingUnits: 6,
        storage: '3200',
        interfaceType: 5,
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Available', status: 'False' })]),
      },
    });
  });

  it('nothing was left out', () => {
    const synced = mirror('ModelArtsPool', { poolName: pool }).status.conditions;
    expect(synced).toContainEqual(expect.objectContaining({ type: 'Synced', status: 'True' }));
  });
});
