import { beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { customResourceDefinitions } from '../../src/api/kinds/registry.ts';
import { testCluster, type CommandResult, type TestCluster } from '../support/control-plane.ts';

/** The generated CRDs on a real apiserver: what it takes, what it refuses and in which words, what kubectl shows. */
const crds = customResourceDefinitions();
const apiVersion = 'modelarts-operator.dev/v1alpha1';

type Spec = Record<string, unknown>;
interface Resource {
  kind: string;
  metadata: { name: string };
  spec: Spec;
}

const project = (spec: Spec = {}, name = 'project'): Resource => ({
  kind: 'ModelArtsProject',
  metadata: { name },
  spec: {
    endpoint: 'https://modelarts.example.com',
    projectID: '0123456789abcdef0123456789abcdef',
    region: 'region-1',
    credentials: { secretRef: { name: 'credentials' } },
    ...spec,
  },
});
const pool = (spec: Spec = {}, name = 'pool'): Resource => ({
  kind: 'ModelArtsPool',
  metadata: { name },
  spec: { projectRef: { name: 'project' }, poolName: 'pool-a-0123', ...spec },
});
const workload = (spec: Spec = {}, name = 'workload'): Resource => ({
  kind: 'ModelArtsWorkload',
  metadata: { name },
  spec: { projectRef: { name: 'project' }, poolName: 'pool-a-0123', source: 'Workload', uid: 'u-1', ...spec },
});
const resourceSpec = (spec: Spec = {}, name = 'resource-spec'): Resource => ({
  kind: 'ModelArtsResourceSpec',
  metadata: { name },
  spec: {
    projectRef: { name: 'project' },
    jobType: 'train',
    specCode: 'modelarts.vm.cpu.2u',
    specID: '2',
    ...spec,
  },
});
const unset = (resource: Resource, field: string): Resource => ({
  ...resource,
  spec: Object.fromEntries(Object.entries(resource.spec).filter(([name]) => name !== field)),
});
const credentials = (iamEndpoint: string): Spec => ({ secretRef: { name: 'credentials' }, iamEndpoint });
const polling = (poolInterval: unknown): Resource => project({ polling: { poolInterval } });
const needsHTTPS = "must begin with 'https://'; 'http://' is for loopback addresses";
const notADuration = "must be a duration such as '30s', '5m' or '1h30m'";
const notAName = "must be a name of lower case letters, digits, '-' and '.'";
const notAPoolID = "must be a pool id of letters, digits, '-', '_' and '.'";

/** Each rule: what breaks it, what the apiserver then says, and what comes close and is taken. */
const onCreate: [string, Resource, string, Resource][] = [
  [
    'endpoint: https',
    project({ endpoint: 'http://modelarts.example.com' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'https://modelarts.example.com:8443/base' }),
  ],
  [
    'endpoint: http on loopback',
    project({ endpoint: 'http://127.0.0.1@example.com' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://127.0.0.1:8080' }),
  ],
  [
    'endpoint: http on loopback by name',
    project({ endpoint: 'http://localhost.example.com' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://localhost:8080/' }),
  ],
  [
    'endpoint: http on loopback of IPv6',
    project({ endpoint: 'http://[::2]:8080' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://[::1]:8080' }),
  ],
  [
    'endpoint: http where allowed',
    project({ endpoint: 'http://a.example.com', tls: { allowInsecureHTTP: false } }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://a.example.com', tls: { allowInsecureHTTP: true } }),
  ],
  [
    'endpoint: no other scheme',
    project({ endpoint: 'ftp://a.example.com', tls: { allowInsecureHTTP: true } }),
    `\`endpoint\` ${needsHTTPS}`,
    project(),
  ],
  [
    'endpoint: a URL',
    project({ endpoint: 'modelarts example' }),
    "`endpoint` must be an absolute URL such as 'https://modelarts.example.com'",
    project(),
  ],
  [
    'endpoint: a host',
    project({ endpoint: 'https:///path' }),
    '`endpoint` must be an absolute URL',
    project(),
  ],
  [
    'endpoint: no user name',
    project({ endpoint: 'https://user:word@a.example.com' }),
    '`endpoint` must not hold a user name or password',
    project(),
  ],
  [
    'endpoint: no query',
    project({ endpoint: 'https://a.example.com?x=1' }),
    '`endpoint` must not have a query or a fragment',
    project(),
  ],
  [
    'endpoint: no fragment',
    project({ endpoint: 'https://a.example.com#x' }),
    '`endpoint` must not have a query or a fragment',
    project(),
  ],
  [
    'endpoint: its length',
    project({ endpoint: `https://${'a'.repeat(512)}` }),
    'may not be more than 512',
    project(),
  ],
  ['endpoint: required', unset(project(), 'endpoint'), 'spec.endpoint: Required value', project()],
  [
    'iamEndpoint: https',
    project({ credentials: credentials('http://iam.example.com') }),
    `\`credentials.iamEndpoint\` ${needsHTTPS}`,
    project({ credentials: credentials('https://iam.example.com') }),
  ],
  [
    'iamEndpoint: a URL',
    project({ credentials: credentials('iam') }),
    '`iamEndpoint` must be an absolute URL',
    project({ credentials: credentials('http://localhost:1') }),
  ],
  ['credentials: required', unset(project(), 'credentials'), 'spec.credentials: Required value', project()],
  ['secretRef.name: a name', project({ credentials: { secretRef: { name: 'A_b' } } }), notAName, project()],
  [
    'projectID: long enough',
    project({ projectID: 'a'.repeat(31) }),
    'should be at least 32 chars long',
    project({ projectID: 'a'.repeat(32) }),
  ],
  [
    'projectID: short enough',
    project({ projectID: 'a'.repeat(37) }),
    'may not be more than 36',
    project({ projectID: '01234567-89ab-cdef-0123-456789abcdef' }),
  ],
  [
    'projectID: safe in a path',
    project({ projectID: `../${'a'.repeat(32)}` }),
    "must be an id of letters, digits and '-'",
    project(),
  ],
  [
    'region: a name',
    project({ region: 'eu de' }),
    "must be a region name of letters, digits, '-' and '_'",
    unset(project(), 'region'),
  ],
  [
    'userID: safe in a header',
    project({ userID: 'a\r\nb' }),
    "must be an id of letters, digits, '-' and '_'",
    project({ userID: '0a1b' }),
  ],
  [
    'caBundle: base64',
    project({ tls: { caBundle: '-----BEGIN' } }),
    'must be of type byte',
    project({ tls: { caBundle: 'LS0tLS1CRUdJTg==' } }),
  ],
  [
    'workspaces: * alone',
    project({ discovery: { workspaces: ['*', '0'] } }),
    "'*' must be the only item of `workspaces`",
    project({ discovery: { workspaces: ['*'] } }),
  ],
  [
    'workspaces: at least one',
    project({ discovery: { workspaces: [] } }),
    'should have at least 1 items',
    project({ discovery: { workspaces: ['0', '7a'] } }),
  ],
  [
    'workspaces: ids',
    project({ discovery: { workspaces: ['a b'] } }),
    "must be a workspace id of letters, digits, '-' and '_', or '*'",
    project(),
  ],
  [
    'discovery.mode: our words',
    project({ discovery: { mode: 'Some' } }),
    'supported values: "All", "Declared"',
    project({ discovery: { mode: 'Declared' } }),
  ],
  [
    'poolNames: pool ids',
    project({ discovery: { poolNames: ['../x'] } }),
    notAPoolID,
    project({ discovery: { poolNames: ['pool-a'] } }),
  ],
  [
    'poolNames: distinct',
    project({ discovery: { poolNames: ['a', 'a'] } }),
    'Duplicate value: "a"',
    project(),
  ],
  [
    'workloads.mode: our words',
    project({ workloads: { mode: 'Some' } }),
    'supported values: "All", "Active", "None"',
    project({ workloads: { mode: 'None' } }),
  ],
  [
    'workloads.types: words',
    project({ workloads: { types: ['a&b'] } }),
    "must be a word of letters, digits, '-' and '_'",
    project({ workloads: { types: ['x-infer'] } }),
  ],
  [
    'queuePosition: our words',
    project({ workloads: { queuePosition: 'Rough' } }),
    'supported values: "Banded", "Exact", "None"',
    project({ workloads: { queuePosition: 'Exact' } }),
  ],
  [
    'maxPerPool: bounds',
    project({ workloads: { history: { maxPerPool: -1 } } }),
    'should be greater than or equal to 0',
    project({ workloads: { history: { maxPerPool: 0 } } }),
  ],
  [
    'ttl: its upper bound',
    project({ workloads: { history: { ttl: '8761h' } } }),
    'must not be longer than 8760h',
    project({ workloads: { history: { ttl: '8760h' } } }),
  ],
  [
    'trainingJobVersions.mode: our words',
    project({ trainingJobVersions: { mode: 'On' } }),
    'supported values: "Auto", "Enabled", "Disabled"',
    project({ trainingJobVersions: { mode: 'Disabled' } }),
  ],
  ['poolInterval: a duration', polling('soon'), notADuration, polling('1m30s')],
  ['poolInterval: not empty', polling(''), notADuration, polling('1s')],
  ['poolInterval: with a unit', polling('30'), notADuration, polling('30s')],
  ['poolInterval: a text', polling(30), 'must be of type string', polling('30s')],
  ['poolInterval: its lower bound', polling('0s'), 'must not be shorter than 1s', polling('1s')],
  ['poolInterval: its upper bound', polling('61m'), 'must not be longer than 1h', polling('60m')],
  [
    'requestsPerSecond: its lower bound',
    project({ rateLimit: { requestsPerSecond: 0 } }),
    'should be greater than or equal to 1',
    project({ rateLimit: { requestsPerSecond: 1 } }),
  ],
  [
    'burst: its upper bound',
    project({ rateLimit: { burst: 1001 } }),
    'should be less than or equal to 1000',
    project({ rateLimit: { burst: 1000 } }),
  ],
  [
    'requestsPerSecond: whole',
    project({ rateLimit: { requestsPerSecond: 1.5 } }),
    'must be of type integer',
    project(),
  ],
  [
    'confirmations: its lower bound',
    project({ deletion: { confirmations: 0 } }),
    'should be greater than or equal to 1',
    project({ deletion: { confirmations: 1 } }),
  ],
  [
    'maxPercent: its upper bound',
    project({ deletion: { maxPercent: 101 } }),
    'should be less than or equal to 100',
    project({ deletion: { maxPercent: 0 } }),
  ],
  [
    'deletion.policy: our words',
    project({ deletion: { policy: 'Keep' } }),
    'supported values: "Delete", "Retain"',
    project({ deletion: { policy: 'Retain' } }),
  ],
  [
    'project name: its length',
    project({}, 'a'.repeat(64)),
    '`metadata.name` must be at most 63 characters long',
    project({}, 'a'.repeat(63)),
  ],
  ['a field that is not there', project({ endpiont: 'x' }), 'unknown field "spec.endpiont"', project()],
  ['poolName: required', unset(pool(), 'poolName'), 'spec.poolName: Required value', pool()],
  ['poolName: safe in a path', pool({ poolName: '../pools' }), notAPoolID, pool({ poolName: 'Pool_a.b-c' })],
  [
    'poolName: fits a label',
    pool({ poolName: 'a'.repeat(64) }),
    'may not be more than 63',
    pool({ poolName: 'a'.repeat(63) }),
  ],
  ['projectRef.name: a name', pool({ projectRef: { name: 'A' } }), notAName, pool()],
  [
    'source: our words',
    workload({ source: 'Job' }),
    'supported values: "Workload", "TrainingJobVersion"',
    workload({ source: 'TrainingJobVersion' }),
  ],
  [
    'workload poolName: required by its source',
    unset(workload(), 'poolName'),
    "`poolName` must be set when `source` is 'Workload'",
    unset(workload({ source: 'TrainingJobVersion' }), 'poolName'),
  ],
  [
    'uid: not empty',
    workload({ uid: '' }),
    'should be at least 1 chars long',
    workload({ uid: 'namespace/name' }),
  ],
  ['jobType: required', unset(resourceSpec(), 'jobType'), 'spec.jobType: Required value', resourceSpec()],
];

/** Each field that must not change: the object, the changed one, the words, and a change that is taken. */
const onUpdate: [string, Resource, Resource, string, Resource][] = [
  [
    'projectID',
    project(),
    project({ projectID: 'f'.repeat(32) }),
    '`projectID` must not change',
    project({ suspend: true }),
  ],
  [
    'region',
    project(),
    project({ region: 'region-2' }),
    '`region` must not change',
    project({ userID: 'a' }),
  ],
  ['region, removed', project(), unset(project(), 'region'), '`region` must not change', project()],
  ['poolName', pool(), pool({ poolName: 'pool-b' }), '`poolName` must not change', pool()],
  ['projectRef', pool(), pool({ projectRef: { name: 'other' } }), '`projectRef` must not change', pool()],
  ['the spec of a workload', workload(), workload({ uid: 'u-2' }), '`spec` must not change', workload()],
  [
    'specID',
    resourceSpec(),
    resourceSpec({ specID: '3' }),
    '`specID` must not change',
    resourceSpec({ specCode: 'other' }),
  ],
];

describe('the CRDs', () => {
  let cluster: TestCluster;
  let namespace: string;
  const kubectl = (args: string[], input?: string): Promise<CommandResult> =>
    cluster.kubectl(['--namespace', namespace, ...args], input);
  const send = (verb: string[], resource: Resource): Promise<CommandResult> =>
    kubectl([...verb, '-f', '-'], JSON.stringify({ apiVersion, ...resource }));
  const dryRun = (resource: Resource): Promise<CommandResult> =>
    send(['create', '--dry-run=server'], resource);
  const succeed = async (result: Promise<CommandResult>): Promise<string> => {
    const { code, stdout, stderr } = await result;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  beforeAll(async () => {
    cluster = testCluster();
    namespace = await cluster.uniqueNamespace('crds');
    await succeed(kubectl(['apply', '--server-side', '-f', join(import.meta.dirname, '..', '..', 'crds')]));
    const names = crds.map((crd) => `crd/${crd.metadata.name}`);
    await succeed(kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...names]));
  }, 120_000);

  it.each(crds.map((crd) => crd.metadata.name))('%s is structural and keeps its names', async (name) => {
    const crd = JSON.parse(await succeed(kubectl(['get', 'crd', name, '-o', 'json'])));
    const conditions = crd.status.conditions.map(
      (c: { type: string; status: string }) => `${c.type}=${c.status}`,
    );
    expect(conditions.sort()).toEqual(['Established=True', 'NamesAccepted=True']);
  });

  it.each(onCreate)('%s', async (_, bad, message, good) => {
    const [refused, taken] = await Promise.all([dryRun(bad), dryRun(good)]);
    expect(refused.stderr).toContain(message);
    expect(refused.code).toBe(1);
    expect(taken).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(onUpdate)('%s must not change', async (_, original, bad, message, good) => {
    await succeed(send(['apply', '--server-side'], original));
    const refused = await send(['replace', '--dry-run=server'], bad);
    expect(refused.stderr).toContain(message);
    expect(refused.code).toBe(1);
    await succeed(send(['replace', '--dry-run=server'], good));
    await succeed(send(['delete'], original));
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
    }, 60_000);

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
        'NAME POOL TYPE JOB PHASE ACCEL QUEUE AGE',
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
      // The names of objects and pools are ModelArts' to choose: what we add must leave room for them.
      expect(line.replaceAll(name, '').replaceAll(id, '').length).toBeLessThanOrEqual(80);
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
