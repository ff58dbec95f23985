import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { parseAllDocuments, stringify } from 'yaml';

import { apiVersion } from '../../../src/api/kinds/metadata.ts';
import type { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import { Lease, leaseResource, type LeaseObject } from '../../../src/kubernetes/lease.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { root } from '../../../tools/run-command.ts';
import { clusterObjects, type ClusterObjects } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { identity, kubeconfigFor, type Rule } from '../kubernetes/support/identity.ts';
import { transportTo } from '../kubernetes/support/setup.ts';
import { aPool, alpha, beta, smallWorld } from '../lifecycle/small-world.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly Rule[];
}

/** One verb on one resource. */
interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

/** What manifests/base/rbac.yaml grants the operator outside its own namespace. */
const granted: readonly Right[] = parseAllDocuments(
  readFileSync(join(root, 'manifests/base/rbac.yaml'), 'utf8'),
)
  .map((document) => document.toJS() as Manifest)
  .filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'modelarts-operator')
  .flatMap(({ rules = [] }) => rules)
  .flatMap(({ apiGroups, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ group: apiGroups[0]!, resource, verb }))),
  );
const textOf = ({ verb, resource }: Right): string => `${verb} ${resource}`;

/** The rights that a text says are missing: as the apiserver says it, and as a project's condition does. */
function missed(text: string): string[] {
  const said = text.matchAll(
    /cannot (\w+) resource \\"([\w/]+)|grant its service account the verb (\w+) on (\w+)/g,
  );
  return [
    ...new Set(
      [...said].map(([, verb, resource, verb2, resource2]) => `${verb ?? verb2} ${resource ?? resource2}`),
    ),
  ];
}

/**
 * Rights that one operator may lack at once and still come to miss each of them. Each refusal is of one verb on one
 * resource, so that it shows the need of that right alone, whatever else is lacking.
 */
const together: readonly (readonly string[])[] = [
  ...['list', 'watch'].map((verb) => every(verb, 'projects', 'pools', 'workloads', 'resourcespecs')),
  every('create', 'pools', 'resourcespecs'),
  every('create', 'workloads'),
  every('update', 'projects/status', 'pools/status', 'workloads/status', 'resourcespecs/status'),
  ['get secrets'],
  [
    ...every('patch', 'pools', 'workloads', 'resourcespecs'),
    ...every('delete', 'workloads', 'resourcespecs'),
    'create events',
  ],
  // A pool goes after its workloads, and an Event is counted after it was made.
  ['delete modelartspools', 'patch events'],
];
function every(verb: string, ...resources: readonly string[]): string[] {
  return resources.map((resource) => `${verb} modelarts${resource}`);
}
/** They miss what they lack only once they have mirrors. */
const needLife = 2;

/** An operator in a namespace of its own, whose account lacks these rights. */
interface Limited {
  readonly lacks: readonly string[];
  readonly namespace: string;
  readonly operator: TestOperator;
  readonly cluster: ClusterObjects;
}

describe('each right of manifests/base/rbac.yaml', () => {
  const shared = testCluster();
  let folder: string;
  let simulator: Simulator;
  let admin: HttpTransport;
  let control: Limited;
  let all: Limited[];

  const namespaceOf = (at: number): string => `${prefix}-${at}`;
  let prefix: string;

  function objectsFor(at: number, lacks: readonly string[]): object[] {
    const namespace = namespaceOf(at);
    const name = 'operator';
    const rules = granted
      .filter((right) => !lacks.includes(textOf(right)))
      .map(({ group, resource, verb }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }));
    const rbac = 'rbac.authorization.k8s.io';
    return [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
      { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name, namespace }, rules },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name, namespace },
        roleRef: { apiGroup: rbac, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'demo', namespace },
        stringData: { token: demoToken },
      },
      {
        apiVersion,
        kind: 'ModelArtsProject',
        metadata: { name: 'demo', namespace },
        spec: {
          endpoint: simulator.url,
          projectID: demoProjectID,
          credentials: { secretRef: { name: 'demo' } },
          polling: { poolInterval: '4s', workloadInterval: '4s', maxStaleness: '1m' },
          rateLimit: { requestsPerSecond: 1000, burst: 1000 },
          deletion: { maxPercent: 100 },
          resourceSpecs: { interval: '4s' },
          trainingJobVersions: { mode: 'Disabled' },
        },
      },
    ];
  }

  async function start(at: number, lacks: readonly string[]): Promise<Limited> {
    const namespace = namespaceOf(at);
    const { status } = await admin.request<{ status: { token: string } }>({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/operator/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    const kubeconfig = join(folder, `${at}.kubeconfig`);
    await writeFile(kubeconfig, stringify(kubeconfigFor({ token: status.token })), { mode: 0o600 });
    await eventually(() => isHeld(namespace, lacks));
    const runtime = fastRuntime({ speed: 4, seed: at });
    const operator = startOperator({ kubeconfig, runtime, namespaces: [namespace] });
    return { lacks, namespace, operator, cluster: clusterObjects(shared.kubeconfig, namespace) };
  }

  /** Whether the apiserver knows of its Role by now: what it refuses before would be missed by an operator that lacks nothing. */
  async function isHeld(namespace: string, lacks: readonly string[]): Promise<boolean> {
    const held = granted.find((right) => !lacks.includes(textOf(right)) && !right.resource.includes('/'));
    const { status } = await admin.request<{ status: { allowed: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${namespace}:operator`,
          resourceAttributes: { namespace, ...held },
        },
      },
    });
    return status.allowed;
  }

  /** Everything that the operator says unasked: its log as people have it, and what it wrote into the project. */
  async function saidBy({ operator, cluster }: Limited): Promise<string> {
    const log = operator.log.filter(({ level }) => level !== 'debug');
    return JSON.stringify([...log, (await cluster.projects.get('demo')).status]);
  }

  /** What the operators said that they lack: each what it does lack, and more where something is wrong. */
  const answers: string[] = [];

  /** Waits until each has said all that it lacks, or has had its time, and stops them. */
  async function hear(limited: readonly Limited[]): Promise<void> {
    const each = limited.map(async (one) => {
      let heard: readonly string[] = [];
      const all = async (): Promise<void> => {
        heard = missed(await saidBy(one));
        expect(heard).toEqual(expect.arrayContaining([...one.lacks]));
      };
      // Whether it did is for the tests to say, right by right.
      await eventually(all, { every: 200 }).catch(() => undefined);
      answers.push(...heard);
      await one.operator.stop();
    });
    await Promise.all(each);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'least-rights-'));
    admin = transportTo();
    simulator = await startSimulator({
      runtime: systemRuntime,
      scenario: smallWorld({
        pools: [aPool(alpha), aPool(beta)],
        resourceSpecs: [{ code: 'modelarts.vm.cpu.2u', cores: 2, memoryGiB: 8 }],
      }),
    });
    prefix = await shared.uniqueNamespace('rights');
    const wanted = [[], ...together];
    const items = wanted.flatMap((lacks, at) => objectsFor(at, lacks));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect((await shared.kubectl(['create', '-f', '-'], list)).stderr).toBe('');
    all = await Promise.all(wanted.map((lacks, at) => start(at, lacks)));
    control = all[0]!;
    await hear(all.slice(1, -needLife));
    const rest = all.slice(-needLife);
    await live([control, ...rest]);
    await hear(rest);
  });
  afterAll(async () => {
    await control.operator.stop();
    await Promise.all(all.map(({ cluster }) => cluster.close()));
    await simulator.stop();
    await admin.close();
    await rm(folder, { recursive: true });
    const names = [prefix, ...all.map(({ namespace }) => namespace)];
    await shared.kubectl(['delete', 'namespace', ...names, '--wait=false']);
  });

  /** All that operators with mirrors ever do in a cluster. */
  async function live(limited: readonly Limited[]): Promise<void> {
    const mirrors = async ({ cluster: { pools, workloads, resourceSpecs } }: Limited) =>
      (await Promise.all([pools.all(), workloads.all(), resourceSpecs.all()])).flat();
    const everywhere = (look: (one: Limited) => Promise<void>): Promise<unknown> =>
      Promise.all(limited.map((one) => eventually(() => look(one), { every: 200 })));
    await everywhere(async (one) => {
      const filled = (await mirrors(one)).filter(({ status }) => status !== undefined);
      expect(filled.map(({ metadata }) => metadata.name)).toEqual([
        ...[alpha, beta],
        ...[alpha, beta].flatMap((pool) => [`${pool}-ended`, `${pool}-runs`]),
        ...['demo-inference-1', 'demo-train-1'],
      ]);
    });
    // The same Event twice becomes a count.
    for (const phase of ['Abnormal', null, 'Abnormal']) {
      simulator.act({ setPhase: { pool: alpha, phase } });
      await everywhere(async ({ cluster }) =>
        expect((await cluster.pools.get(alpha)).status?.phase).toBe(phase ?? 'Running'),
      );
    }
    // Labels that a hand took away are put back.
    for (const { cluster } of limited) {
      for (const kind of [cluster.pools, cluster.workloads, cluster.resourceSpecs]) {
        const names = (await kind.all()).map(({ metadata }) => metadata.name);
        await Promise.all(names.map((name) => kind.patch(name, { metadata: { labels: null } })));
      }
    }
    simulator.act({ removePool: { pool: beta } });
    const train = { spec: { resourceSpecs: { jobTypes: ['train'] } } };
    await Promise.all(limited.map(({ cluster }) => cluster.projects.patch('demo', train)));
    await eventually(async () => {
      const objects = await mirrors(control);
      expect(objects.map(({ metadata }) => metadata.name)).toEqual([
        ...[alpha, `${alpha}-ended`, `${alpha}-runs`, 'demo-train-1'],
      ]);
      expect(objects.every(({ metadata }) => Object.keys(metadata.labels ?? {}).length > 0)).toBe(true);
      expect((await control.cluster.events.all()).some(({ series }) => series)).toBe(true);
    });
  }

  it('is all that it needs: with every one of them nothing is refused', async () => {
    expect(missed(await saidBy(control))).toEqual([]);
  });

  it.each(granted.map(textOf))('is needed, and missed by its name: %s', (right) => {
    expect(answers.filter((said) => said === right)).toEqual([right]);
  });

  it('is missed by whom it was taken from, and by nobody else', () => {
    expect(answers.toSorted()).toEqual(granted.map(textOf).toSorted());
    expect(together.flat().toSorted()).toEqual(granted.map(textOf).toSorted());
  });
});

describe('each right over Leases', () => {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  let namespace: string;

  beforeAll(async () => {
    namespace = await testCluster().uniqueNamespace('leases');
  });
  afterAll(async () => {
    await testCluster().kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('is needed, and missed by its name', async () => {
    const contend = async (lacks: string): Promise<string> => {
      const verbs = ['create', 'get', 'update', 'list'].filter((verb) => verb !== lacks);
      const account = await identity(namespace, `without-${lacks}`, [{ ...leases, verbs }]);
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromFile(account.kubeconfig);
      const transport = transportTo(undefined, { kubeConfig });
      try {
        const client = new ResourceClient<LeaseObject>({
          transport,
          resource: leaseResource,
          fieldManager: 'test',
        });
        const lease = new Lease({
          client,
          namespace,
          name: `without-${lacks}`,
          identity: 'me',
          clock: systemRuntime,
          durationMs: 15_000,
        });
        // As replicas that share: a look at all, then take it and renew it.
        await client.list({ namespace });
        await lease.acquireOrRenew(5_000);
        await lease.acquireOrRenew(5_000);
        return 'nothing';
      } catch (error) {
        return /cannot \w+ resource "leases"/.exec(String(error))?.[0] ?? String(error);
      } finally {
        await transport.close();
        await account.close();
      }
    };
    const found = await Promise.all(['nothing', 'create', 'get', 'update', 'list'].map(contend));
    expect(found).toEqual([
      'nothing',
      ...['create', 'get', 'update', 'list'].map((verb) => `cannot ${verb} resource "leases"`),
    ]);
  });
});
