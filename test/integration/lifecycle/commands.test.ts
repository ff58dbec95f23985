import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { apiVersion } from '../../../src/api/kinds/metadata.ts';
import type { ModelArtsProjectSpec } from '../../../src/api/kinds/modelarts-project.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { root } from '../../../tools/run-command.ts';
import { clusterObjects, said, type ClusterObjects } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, limits, stays } from '../../support/eventually.ts';
import { Program, type Outcome } from '../../support/program.ts';
import { alpha, aPool, beta, jobsOf, research, smallWorld } from './small-world.ts';

const shared = testCluster();
const started: Program[] = [];
let simulator: Simulator;

/** A namespace of its own with a Secret in it. */
interface Place {
  readonly name: string;
  readonly cluster: ClusterObjects;
}
const places: Place[] = [];

async function place(): Promise<Place> {
  const name = await shared.uniqueNamespace('commands');
  const cluster = clusterObjects(shared.kubeconfig, name);
  places.push({ name, cluster });
  const token = Buffer.from(demoToken).toString('base64');
  await cluster.secrets.create({ metadata: { name: 'credentials' }, type: 'Opaque', data: { token } });
  return { name, cluster };
}

async function connect(
  { cluster }: Place,
  name: string,
  spec: Partial<ModelArtsProjectSpec> = {},
): Promise<void> {
  await cluster.projects.create({
    apiVersion,
    kind: 'ModelArtsProject',
    metadata: { name },
    spec: {
      endpoint: simulator.url,
      projectID: demoProjectID,
      credentials: { secretRef: { name: 'credentials' } },
      polling: { poolInterval: '1s', workloadInterval: '1s' },
      rateLimit: { requestsPerSecond: 1000, burst: 1000 },
      workloads: { history: { ttl: '8760h' } },
      resourceSpecs: { mode: 'Disabled' },
      ...spec,
    },
  });
}

/** `modelarts-operator`, from the sources, in a process of its own. */
function start(...args: string[]): Program {
  const program = new Program([process.execPath, join(root, 'src/main.ts'), ...args], { cwd: '/' });
  started.push(program);
  return program;
}

const flags = (...namespaces: Place[]): string[] => [
  `--kubeconfig=${shared.kubeconfig}`,
  '--allow-local-endpoints',
  ...namespaces.map(({ name }) => `--namespace=${name}`),
];
const noServers = ['--health-probe-bind-address=0', '--metrics-bind-address=0'];

const sync = (...args: string[]): Promise<Outcome> => start('sync', ...args).ended;

async function mirroredIn({ cluster }: Place): Promise<{ pools: string[]; workloads: string[] }> {
  const [pools, workloads] = await Promise.all([cluster.pools.all(), cluster.workloads.all()]);
  return {
    pools: pools.map(({ metadata }) => metadata.name),
    workloads: workloads.map(({ metadata }) => metadata.name),
  };
}

beforeAll(async () => {
  simulator = await startSimulator({ runtime: systemRuntime, scenario: smallWorld() });
});
afterEach(async () => {
  for (const program of started.splice(0)) {
    program.kill('SIGKILL');
    await program.ended;
  }
  simulator.act({ clearFault: {} });
});
afterAll(async () => {
  await simulator.stop();
  for (const { name, cluster } of places) {
    await cluster.close();
    await shared.kubectl(['delete', 'namespace', name, '--wait=false']);
  }
});

describe('modelarts-operator sync', () => {
  let a: Place;
  let b: Place;
  let c: Place;

  beforeAll(async () => {
    [a, b, c] = await Promise.all([place(), place(), place()]);
    await connect(a, 'demo');
    await connect(a, 'research', { discovery: { workspaces: [research] } });
    await connect(b, 'demo');
    await connect(c, 'demo');
  });

  it('reads only the project that is named', async () => {
    const { code, stdout } = await sync(...flags(a, b), `--project=${a.name}/research`);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${a.name}/research: in sync, 1 pools, 2 workloads\n`,
    });
    expect((await mirroredIn(b)).pools).toEqual([]);
  });

  it('reads every project of its namespaces, writes all of it, and ends with 0', async () => {
    const { code, stdout, stderr } = await sync(...flags(a, b));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').sort()).toEqual(
      [
        `${a.name}/demo: in sync, 2 pools, 4 workloads`,
        `${a.name}/research: in sync, 1 pools, 2 workloads`,
        `${b.name}/demo: in sync, 2 pools, 4 workloads`,
      ].sort(),
    );
    expect(await mirroredIn(b)).toEqual({ pools: [alpha, beta], workloads: jobsOf(alpha, beta) });
    expect((await b.cluster.projects.get('demo')).status).toMatchObject({ pools: 2, workloads: 4 });
    expect(await mirroredIn(c)).toEqual({ pools: [], workloads: [] });
    expect((await c.cluster.projects.get('demo')).status).toEqual({ observedGeneration: 0 });
  });

  it('writes nothing the second time', async () => {
    const before = await b.cluster.versions();
    expect((await sync(...flags(b))).code).toBe(0);
    expect(await b.cluster.versions()).toEqual(before);
  });

  it('ends with 1 and names each project that fails, and why; the others are synced', async () => {
    simulator.act({ setWorkspace: { workspace: { id: 'closed-0001', closed: true } } });
    const here = await place();
    await connect(here, 'well');
    await connect(here, 'without-secret', { credentials: { secretRef: { name: 'none' } } });
    await connect(here, 'unreadable-selector', { discovery: { labelSelector: '(((' } });
    await connect(here, 'closed-workspace', { discovery: { workspaces: ['0', 'closed-0001'] } });
    await connect(here, 'unreachable', { endpoint: 'http://127.0.0.1:9' });
    await connect(here, 'asleep', { suspend: true });
    const { code, stdout } = await sync(...flags(here));
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n').sort();
    const begins = (text: string): unknown => expect.stringMatching(new RegExp(`^${here.name}/${text}`));
    expect(lines).toEqual([
      begins('asleep: suspended$'),
      begins('closed-workspace: failed: Forbidden: '),
      begins('unreachable: failed: Unreachable: '),
      begins('unreadable-selector: failed: InvalidSpec: .*labelSelector'),
      begins('well: in sync, 2 pools, 4 workloads$'),
      begins('without-secret: failed: SecretNotFound: '),
    ]);
    // What could be read of it is there, too.
    const pools = (await here.cluster.pools.all()).map(
      ({ spec }) => `${spec.projectRef.name} ${spec.poolName}`,
    );
    expect(pools.sort()).toEqual(
      ['closed-workspace', 'well'].flatMap((project) => [`${project} ${alpha}`, `${project} ${beta}`]),
    );
  });

  it('says that there is no such project, and what is wrong with a flag', async () => {
    // The unit tests of the flags hold the rest.
    const [none, ...wrong] = await Promise.all([
      sync(...flags(a), `--project=${a.name}/none`),
      sync(...flags(a), '--project=none'),
      sync('--kubeconfig=/nonexistent'),
    ]);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain(`there is no ModelArtsProject ${a.name}/none`);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2]);
  });
});

describe('modelarts-operator run', () => {
  let a: Place;
  let b: Place;
  let c: Place;

  beforeAll(async () => {
    [a, b, c] = await Promise.all([place(), place(), place()]);
    for (const each of [a, b, c]) await connect(each, 'demo');
  });

  it('mirrors every namespace that it is given, and no other', async () => {
    start('run', ...flags(a, b), ...noServers);
    for (const each of [a, b]) {
      await eventually(async () =>
        expect(await mirroredIn(each)).toEqual({ pools: [alpha, beta], workloads: jobsOf(alpha, beta) }),
      );
      await eventually(async () =>
        expect(said(await each.cluster.projects.get('demo'), 'Synced')).toBe('True/ReadComplete'),
      );
    }
    expect(await mirroredIn(c)).toEqual({ pools: [], workloads: [] });
    expect((await c.cluster.projects.get('demo')).status).toEqual({ observedGeneration: 0 });
  });

  it('stops at once on SIGTERM in the middle of a first sync, and what it wrote is whole', async () => {
    const many = 1_000;
    const here = await place();
    // More than are written while nobody looks.
    const jobs = Array.from({ length: many }, (_, i) => ({
      ...{ name: `job-${i}`, uid: `job-${i}`, status: 'Running' as const, age: '1h', cards: 0 },
    }));
    simulator.act(
      { addPool: { pool: aPool('pool-many', { jobs }) } },
      // Something is always under way.
      { fault: { match: { call: 'ListWorkloads', pool: beta }, delay: '60s' } },
    );
    await connect(here, 'demo');
    const program = start('run', ...flags(here), ...noServers);
    await eventually(async () => (await here.cluster.workloads.all()).length > 20, { every: 10 });
    const asked = performance.now();
    program.kill('SIGTERM');
    const { code, stderr } = await program.ended;
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(limits.soon);
    expect(stderr).toContain('The operator has stopped.');
    const { length } = await here.cluster.workloads.all();
    expect(length).toBeLessThan(many);
    simulator.act({ clearFault: {} }, { removePool: { pool: 'pool-many' } });
  });

  it('leaves without more ado on a second signal', async () => {
    const here = await place();
    await connect(here, 'demo');
    const program = start('run', ...flags(here), ...noServers);
    await program.says(/The operator starts/);
    // Both are there when it goes on, however little time it is given in between.
    for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGCONT'] as const) program.kill(signal);
    // Whichever came second: SIGINT's code or SIGTERM's.
    expect([130, 143]).toContain((await program.ended).code);
  });

  it('works in one process of several under a Lease, and in the next when that one stops', async () => {
    const here = await place();
    await connect(here, 'demo');
    const elect = ['--leader-elect', `--leader-election-namespace=${here.name}`];
    const run = (): Program => start('run', ...flags(here), ...noServers, ...elect);
    const first = run();
    await first.says(/This process leads/);
    const second = run();
    await second.says(/The operator starts/);
    await eventually(async () => expect((await mirroredIn(here)).pools).toEqual([alpha, beta]));
    simulator.act({ updatePool: { pool: alpha, set: { name: 'first' } } });
    const shows = (name: string) => async (): Promise<void> =>
      expect((await here.cluster.pools.get(alpha)).status?.displayName).toBe(name);
    await eventually(shows('first'));
    await stays(() => !/This process leads/.test(second.stderr), { for: 1_000 });

    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    await second.says(/This process leads/);
    simulator.act({ updatePool: { pool: alpha, set: { name: 'second' } } });
    await eventually(shows('second'));
    second.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
    const { stdout } = await shared.kubectl([
      ...['get', 'lease', 'modelarts-operator', '--namespace', here.name],
      ...['--output', 'jsonpath={.spec.holderIdentity}'],
    ]);
    expect(stdout).toBe('');
  });

  it('writes the last of its Events before it gives the Lease back', async () => {
    const here = await place();
    await connect(here, 'demo');
    const elect = ['--leader-elect', `--leader-election-namespace=${here.name}`];
    const program = start('run', ...flags(here), ...noServers, ...elect);
    const shows = (phase: string): Promise<unknown> =>
      eventually(async () => expect((await here.cluster.pools.get(alpha)).status?.phase).toBe(phase));
    await shows('Running');
    // The third time is counted, and written with the next ones, or at the end.
    for (let time = 1; time <= 3; time++) {
      simulator.act({ setPhase: { pool: alpha, phase: 'Abnormal' } });
      await shows('Abnormal');
      simulator.act({ setPhase: { pool: alpha, phase: null } });
      await shows('Running');
    }
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
    const { stdout } = await shared.kubectl(['get', 'events.events.k8s.io', '-n', here.name, '-o', 'json']);
    const { items } = JSON.parse(stdout) as { items: { reason: string; series?: { count: number } }[] };
    const changes = items.filter(({ reason }) => reason === 'PhaseChanged');
    expect(changes.map(({ series }) => series?.count)).toEqual([3, 3]);
  });
});

describe('--shards', () => {
  it('shares the projects between processes, and a sync asks whoever works on them', async () => {
    const here = await place();
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) {
      const token = Buffer.from(demoToken).toString('base64');
      await here.cluster.secrets.create({ metadata: { name }, type: 'Opaque', data: { token } });
      await connect(here, name, {
        credentials: { secretRef: { name } },
        discovery: { poolNames: [alpha] },
        polling: { poolInterval: '5m', workloadInterval: '5m' },
      });
    }
    const elect = ['--leader-elect', '--shards=3', `--leader-election-namespace=${here.name}`];
    const inSync = names.map((name) => `${here.name}/${name}: in sync, 1 pools, 2 workloads`).sort();
    const synced = async (): Promise<{ code: number; lines: string[] }> => {
      const { code, stdout } = await sync(...flags(here), ...elect);
      return { code, lines: stdout.trimEnd().split('\n') };
    };
    // Nobody else is there: it takes the Leases itself, and gives them back.
    expect(await synced()).toEqual({ code: 0, lines: inSync });

    const run = (): Program => start('run', ...flags(here), ...noServers, ...elect);
    const first = run();
    await first.says(/This process works on a shard\b/);
    const second = run();
    await second.says(/This process works on a shard\b/);
    const asked = async (): Promise<(string | undefined)[]> =>
      (await here.cluster.projects.all()).map(({ status }) => status?.lastHandledReconcileAt);
    expect(await asked()).toEqual(names.map(() => undefined));
    expect(await synced()).toEqual({ code: 0, lines: inSync });
    expect(new Set(await asked()).size).toBe(1);
    expect(await asked()).not.toContain(undefined);

    for (const program of [first, second]) {
      program.kill('SIGTERM');
      expect((await program.ended).code).toBe(0);
    }
    const { stdout } = await shared.kubectl([
      'get',
      ...[
        'lease',
        '-n',
        here.name,
        '-o',
        'jsonpath={range .items[*]}{.metadata.name}={.spec.holderIdentity} {end}',
      ],
    ]);
    expect(stdout.trim()).toBe([0, 1, 2].map((n) => `modelarts-operator-shard-${n}=`).join(' '));
  });
});
