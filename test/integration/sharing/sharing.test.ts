/**
 * Replicas in processes of their own, each with a network of its own to the apiserver, and with clocks that disagree by
 * hours. They are stopped, killed, cut off and paused; what they wrote is held against the leases, in etcd's own order.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { apiVersion } from '../../../src/api/kinds/metadata.ts';
import { shardOf } from '../../../src/controller/shards.ts';
import { leaseResource, type LeaseObject } from '../../../src/kubernetes/lease.ts';
import { annotations } from '../../../src/mirror/identity.ts';
import { ResourceClient } from '../../../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { root } from '../../../tools/run-command.ts';
import { clusterObjects, said, type ClusterObjects } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Program } from '../../support/program.ts';
import { transportTo } from '../kubernetes/support/setup.ts';
import { aPool } from '../lifecycle/small-world.ts';
import type { ReplicaArguments } from './replica.ts';
import { startWitness, type AcceptedWrite, type Witness } from './witness.ts';

const shards = 4;
const timing = { durationMs: 6_000, renewDeadlineMs: 4_000, retryPeriodMs: 500, writeDeadlineMs: 2_000 };
const hour = 3_600_000;
const projects = Array.from({ length: 12 }, (_, n) => `project-${n}`);

const shared = testCluster();
const transport = transportTo();
const leases = new ResourceClient<LeaseObject>({
  transport,
  resource: leaseResource,
  fieldManager: 'integration-test',
});
const accepted: AcceptedWrite[] = [];
let namespace: string;
let cluster: ClusterObjects;
let simulator: Simulator;

/** The Secret, and with it the shard, of a project: three projects share one. */
const secretOf = (project: string): string => (Number(project.slice(8)) < 3 ? 'shared' : project);
const shardOfProject = (project: string): number => shardOf(namespace, secretOf(project), shards);

interface Replica {
  readonly program: Program;
  readonly network: Witness;
}
const replicas = new Map<string, Replica>();

async function start(identity: string, skewMs: number): Promise<Replica> {
  const network = await startWitness(identity, shared.kubeconfig, (write) => accepted.push(write));
  const given: ReplicaArguments = { server: network.url, namespace, identity, shards, timing, skewMs };
  const program = new Program(
    [process.execPath, join(root, 'test/integration/sharing/replica.ts'), JSON.stringify(given)],
    { cwd: '/' },
  );
  const replica = { program, network };
  replicas.set(identity, replica);
  return replica;
}

/** How many shards each holds; one that was let go and not yet taken is nobody's. */
async function division(): Promise<Record<string, number>> {
  const { items } = await leases.list({ namespace });
  const counts: Record<string, number> = {};
  for (const { spec } of items) {
    const holder = spec?.holderIdentity ?? '';
    if (holder !== '') counts[holder] = (counts[holder] ?? 0) + 1;
  }
  return counts;
}

async function divided(expected: Record<string, number> | readonly number[]): Promise<void> {
  await eventually(async () => {
    const counts = await division();
    const seen = Array.isArray(expected) ? Object.values(counts).sort() : counts;
    expect(seen).toEqual(expected);
  });
}

/** Who held the shards, as each Lease was written: in etcd's order. */
function tenures(): { name: string; holder: string; revision: number; at: number }[] {
  return accepted
    .flatMap(({ object: { kind, metadata, spec }, revision, at }) =>
      kind === 'Lease' && revision !== undefined
        ? [{ name: metadata.name ?? '', holder: spec?.holderIdentity ?? '', revision, at }]
        : [],
    )
    .sort((a, b) => a.revision - b.revision);
}

async function holderOf(shard: number): Promise<string> {
  const { spec } = await leases.get({ namespace, name: `sharing-shard-${shard}` });
  return spec?.holderIdentity ?? '';
}

/** Asks for a read of every project, and waits until each was made. */
async function allRead(): Promise<void> {
  const value = String(performance.now());
  const metadata = { annotations: { [annotations.reconcileRequestedAt]: value } };
  await Promise.all(projects.map((name) => cluster.projects.patch(name, { metadata })));
  await eventually(async () => {
    const handled = (await cluster.projects.all()).map(({ status }) => status?.lastHandledReconcileAt);
    expect(handled).toEqual(projects.map(() => value));
  });
}

const isMirror = ({ path }: AcceptedWrite): boolean => path.startsWith('/apis/modelarts-operator.dev/');
const projectOf = ({ object }: AcceptedWrite): string =>
  object.spec?.projectRef?.name ?? object.metadata.name ?? '';

/** Accepted writes of mirrors by one that did not hold the shard at that point of etcd's history. */
function strangers(): string[] {
  const history = tenures();
  return accepted.filter(isMirror).flatMap((write) => {
    const { by, method, path, revision } = write;
    if (revision === undefined) return [`${by} deleted: ${path}`];
    const name = `sharing-shard-${shardOfProject(projectOf(write))}`;
    const holder = history.findLast((one) => one.name === name && one.revision < revision)?.holder;
    return holder === by ? [] : [`${by}: ${method} ${path} at ${revision}, held by ${holder}`];
  });
}

beforeAll(async () => {
  namespace = await shared.uniqueNamespace('sharing');
  cluster = clusterObjects(shared.kubeconfig, namespace);
  simulator = await startSimulator({
    runtime: systemRuntime,
    scenario: {
      seed: 1,
      projects: [{ id: demoProjectID, tokens: [demoToken], pools: [aPool('pool-alpha')] }],
    },
  });
  const token = Buffer.from(demoToken).toString('base64');
  for (const name of new Set(projects.map(secretOf)))
    await cluster.secrets.create({ metadata: { name }, type: 'Opaque', data: { token } });
  for (const name of projects) {
    await cluster.projects.create({
      apiVersion,
      kind: 'ModelArtsProject',
      metadata: { name },
      spec: {
        endpoint: simulator.url,
        projectID: demoProjectID,
        credentials: { secretRef: { name: secretOf(name) } },
        polling: { poolInterval: '2s', workloadInterval: '2s' },
        rateLimit: { requestsPerSecond: 1000, burst: 1000 },
        workloads: { history: { ttl: '8760h' } },
        resourceSpecs: { mode: 'Disabled' },
        trainingJobVersions: { mode: 'Disabled' },
      },
    });
  }
});
afterAll(async () => {
  for (const { program, network } of replicas.values()) {
    program.kill('SIGKILL');
    await program.ended;
    await network.close();
  }
  await simulator.stop();
  await cluster.close();
  await transport.close();
  await shared.kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

describe('replicas that share the projects', () => {
  it('one alone takes all', async () => {
    await start('a', hour);
    await divided({ a: 4 });
    await allRead();
    expect((await cluster.projects.all()).map((project) => said(project, 'Ready'))).toEqual(
      projects.map(() => 'True/Reading'),
    );
  });

  it('those that join get their part within a few looks, and each project has one writer', async () => {
    await start('b', -hour);
    await start('c', 0);
    await divided([1, 1, 2]);
    await allRead();
    // A replica that a busy machine did not let renew in time is put in its place by another look.
    await eventually(async () => {
      const from = accepted.length;
      await allRead();
      const writers = new Map<string, Set<string>>();
      for (const write of accepted.slice(from).filter(isMirror)) {
        const project = projectOf(write);
        writers.set(project, (writers.get(project) ?? new Set()).add(write.by));
      }
      const held = await Promise.all(projects.map((project) => holderOf(shardOfProject(project))));
      expect(projects.map((project) => [...(writers.get(project) ?? [])])).toEqual(held.map((by) => [by]));
    });
    await eventually(() =>
      stays(async () => expect(Object.values(await division()).sort()).toEqual([1, 1, 2]), { for: 3_000 }),
    );
  });

  it("a killed one's projects are taken over when its leases have run out, and evenly", async () => {
    const { program } = replicas.get('a') as Replica;
    program.kill('SIGKILL');
    await program.ended;
    const from = tenures().length;
    const held = new Map(tenures().map((tenure) => [tenure.name, tenure]));
    await divided({ b: 2, c: 2 });
    // Not before: each was renewed at the earliest when its last write was asked for. How soon after: shards.test.ts.
    for (const { name, holder, at } of held.values()) {
      if (holder !== 'a') continue;
      // The witness has the answer to that write a moment after the Lease is listed.
      const next = await eventually(
        () =>
          tenures()
            .slice(from)
            .find((tenure) => tenure.name === name && tenure.holder !== holder) ?? false,
      );
      expect(next.at - at).toBeGreaterThan(timing.renewDeadlineMs);
    }
    await allRead();
  });

  it('one that is cut off writes no more, and takes part again when it is back', async () => {
    const { network } = replicas.get('b') as Replica;
    network.cut(true);
    await divided({ c: 4 });
    await allRead();
    network.cut(false);
    await divided({ b: 2, c: 2 });
    await allRead();
  });

  it('one that is paused in the midst of its work does not go on with it', async () => {
    for (let round = 0; round < 2; round++) {
      const { program } = replicas.get('c') as Replica;
      const from = accepted.length;
      const reading = allRead();
      await eventually(() => accepted.slice(from).some((write) => isMirror(write) && write.by === 'c'), {
        every: 1,
      });
      program.kill('SIGSTOP');
      try {
        await divided({ b: 4 });
        await reading;
      } finally {
        program.kill('SIGCONT');
      }
      await divided({ b: 2, c: 2 });
      await allRead();
    }
  });

  it('one that is told to stop hands over at once', async () => {
    const { program } = replicas.get('c') as Replica;
    const last = new Map(tenures().map((tenure) => [tenure.name, tenure.holder]));
    const from = tenures().length;
    program.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
    await divided({ b: 4 });
    // Its Leases did not have to run out: it let go of each, and the next write to it is b's.
    for (const [name] of [...last].filter(([, holder]) => holder === 'c')) {
      // The witness has the answer to that write a moment after the Lease is listed.
      await eventually(() => {
        const written = tenures().slice(from);
        const holders = written.filter((tenure) => tenure.name === name).map(({ holder }) => holder);
        expect(holders.filter((holder) => holder !== 'c').slice(0, 2)).toEqual(['', 'b']);
      });
    }
    await allRead();
  });

  it('no write was accepted of one that did not hold the lease', () => {
    expect(strangers()).toEqual([]);
    expect(accepted.filter(isMirror).length).toBeGreaterThan(200);
    const by = new Set(accepted.filter(isMirror).map((write) => write.by));
    expect([...by].sort()).toEqual(['a', 'b', 'c']);
  });

  it('follows a project whose Secret is another one now', async () => {
    await start('d', 0);
    await divided({ b: 2, d: 2 });
    const project = 'project-11';
    const before = await holderOf(shardOfProject(project));
    const other = projects.find((name) => shardOfProject(name) !== shardOfProject(project)) ?? '';
    for (const name of [secretOf(other), secretOf(project)]) {
      await cluster.projects.patch(project, { spec: { credentials: { secretRef: { name } } } });
      await allRead();
    }
    expect(await holderOf(shardOfProject(project))).toBe(before);
  });
});
