import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';

import { apiVersion } from '../../../src/api/kinds/metadata.ts';
import type { ModelArtsProjectSpec } from '../../../src/api/kinds/modelarts-project.ts';
import { lineOf } from '../../../src/cli/doctor/report.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { findBinaries } from '../../../tools/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../../tools/control-plane/control-plane.ts';
import { root } from '../../../tools/run-command.ts';
import { calmScenario } from '../../support/calm-scenario.ts';
import { makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { clusterObjects, type ClusterObjects } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { runInProcess } from '../../support/in-process.ts';
import { Program, type Outcome } from '../../support/program.ts';
import { tlsFront, type TLSFront } from '../../support/tls-front.ts';

const key = { accessKey: 'EXAMPLEAK00000DEMO01', secretKey: 'ExampleSecretKeyNotRealDemo0123456789abc' };
const started: Program[] = [];
const withToken = { MODELARTS_TOKEN: demoToken };

function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const program = new Program([process.execPath, join(root, 'src/main.ts'), 'doctor', ...args], {
    cwd: '/',
    env,
  });
  started.push(program);
  return program.ended;
}

interface Report {
  readonly code: number;
  readonly findings: readonly Finding[];
  /** `ok pools`, by check and subject. */
  readonly levels: readonly string[];
}

/** By its JSON. No secret is ever in it. */
async function report(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Report> {
  const { code, stdout, stderr } = await doctor([...args, '-o', 'json'], env);
  expect(stderr).toBe('');
  for (const secret of [demoToken, key.secretKey, key.accessKey]) expect(stdout).not.toContain(secret);
  const { result, findings } = JSON.parse(stdout) as { result: string; findings: Finding[] };
  expect(code).toBe(result === 'fail' ? 1 : 0);
  return { code, findings, levels: findings.map(({ level, check }) => `${level} ${check}`) };
}

const failing = ({ findings }: Report): string[] =>
  findings.filter(({ level }) => level === 'fail').map((finding) => lineOf(finding).trimEnd());

const wellAsked = [
  ...['ok credentials', 'ok clock', 'ok pools', 'ok pool', 'ok statistics', 'ok workloads', 'ok workspaces'],
  ...['ok resource-specs', 'ok resource-specs', 'ok training-job-versions', 'ok runtime-metrics'],
  'ok resource-flavors',
];

let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  simulator = await startSimulator({
    runtime: systemRuntime,
    scenario: calmScenario(['pool-a'], { keys: [key] }),
  });
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
  await rm(folder, { recursive: true });
});

describe('modelarts-operator doctor for an endpoint alone', () => {
  const at = (url = simulator.url): string[] => [`--endpoint=${url}`, `--project-id=${demoProjectID}`];
  const fronts: TLSFront[] = [];

  /** The simulator behind TLS with this certificate; the flags that lead there. */
  async function behind(certificate: { readonly cert: string; readonly key: string }): Promise<string[]> {
    const front = await tlsFront(Number(new URL(simulator.url).port), certificate);
    fronts.push(front);
    return at(`https://127.0.0.1:${front.port}`);
  }

  afterAll(() => Promise.all(fronts.map((front) => front.close())));

  it('asks each call once, reads only, and says that all is well', async () => {
    const before = simulator.requests().total;
    const { code, levels } = await report(at(), withToken);
    expect(code).toBe(0);
    expect(levels).toEqual(['ok connection', 'warn tls', ...wellAsked]);
    expect(simulator.requests().total - before).toBe(10);
    expect(simulator.requests().mutating).toBe(0);
    const text = await doctor(at(), { HUAWEICLOUD_SDK_AK: key.accessKey, HUAWEICLOUD_SDK_SK: key.secretKey });
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('with an access key\n');
    expect(text.stdout.trimEnd().split('\n')).toHaveLength(levels.length);
  });

  it('tells what is refused, absent and undecodable, and needs what no project can do without', async () => {
    simulator.act(
      { fault: { match: { call: 'ListResourceSpecs' }, status: 404, code: 'APIGW.0101' } },
      { fault: { match: { call: 'ListTrainingJobVersions' }, status: 403 } },
      { fault: { match: { call: 'ShowWorkloadStatistics' }, status: 400 } },
    );
    const found = await report(at(), withToken);
    const of = (check: string): readonly Finding[] => found.findings.filter((each) => each.check === check);
    const absent = { level: 'ok', found: expect.stringContaining('not offered here') };
    expect(of('resource-specs')).toMatchObject([absent, absent]);
    expect(of('training-job-versions')).toMatchObject([{ level: 'warn' }]);
    expect(failing(found)).toEqual([expect.stringMatching(/^FAIL statistics of http.*HTTP 400/)]);
  });

  it('asks nothing more of a refused credential, and after no answer', async () => {
    const before = simulator.requests().total;
    const refused = await report(at(), { MODELARTS_TOKEN: 'no-such-token' });
    expect(refused.levels).toEqual(['ok connection', 'warn tls', 'fail credentials']);
    expect(simulator.requests().total - before).toBe(1);
    simulator.act({ fault: { cut: 'beforeHeaders' } });
    const silent = await report(at(), withToken);
    expect(silent.levels).toEqual(['ok connection', 'warn tls', 'fail pools']);
    expect(failing(silent)[0]).toMatch(/got no answer/);
  });

  it('names a clock that is off', async () => {
    const late = await startSimulator({
      runtime: systemRuntime,
      scenario: {
        ...calmScenario(['pool-a'], { keys: [key] }),
        start: new Date(systemRuntime.now() - 20 * 60_000).toISOString(),
      },
    });
    try {
      const signed = { HUAWEICLOUD_SDK_AK: key.accessKey, HUAWEICLOUD_SDK_SK: key.secretKey };
      for (const env of [withToken, signed]) {
        expect(failing(await report(at(late.url), env))).toEqual(
          expect.arrayContaining([expect.stringMatching(/^FAIL clock of .* 1[12]\d\d s ahead of/)]),
        );
      }
    } finally {
      await late.stop();
    }
  });

  it('judges the certificate', async () => {
    const authority = makeAuthority('an authority of nobody');
    const day = 86_400_000;
    const certificate = (days: number, hosts = ['127.0.0.1']) =>
      makeCertificate({
        name: 'modelarts',
        hosts,
        issuer: authority,
        notBefore: new Date(systemRuntime.now() - 30 * day),
        notAfter: new Date(systemRuntime.now() + days * day),
      });
    const file = join(folder, 'ca.pem');
    await writeFile(file, authority.cert);
    const trusting = `--ca-file=${file}`;
    const good = await behind(certificate(100));

    expect((await report([...good, trusting], withToken)).levels).toEqual([
      'ok connection',
      'ok tls',
      ...wellAsked,
    ]);
    expect(failing(await report(good, withToken))).toEqual([
      expect.stringMatching(/^FAIL tls of .*an authority of nobody.*not trusted.*--ca-file/),
    ]);
    const ends = await report([...(await behind(certificate(5))), trusting], withToken);
    expect(ends.levels).toContain('warn tls');
    expect(failing(await report([...(await behind(certificate(-1))), trusting], withToken))).toEqual([
      expect.stringMatching(/expired.*renew it/),
    ]);
    const other = await behind(certificate(100, ['modelarts.example.com']));
    expect(failing(await report([...other, trusting], withToken))).toEqual([
      expect.stringMatching(/not trusted.*check the host/),
    ]);
    // No TLS at all there.
    const { port } = new URL(simulator.url);
    expect(failing(await report(at(`https://127.0.0.1:${port}`), withToken))).toEqual([
      expect.stringMatching(/no TLS connection to/),
    ]);
  });

  it('knows a name without addresses', async () => {
    const { levels } = await report(at('https://modelarts.invalid'), withToken);
    expect(levels).toEqual(['ok connection', 'fail dns']);
  });

  it('refuses half of an endpoint, and an environment without a credential', async () => {
    expect(await doctor([`--endpoint=${simulator.url}`])).toMatchObject({ code: 2, stdout: '' });
    expect(await doctor(at())).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('modelarts-operator doctor for a cluster', () => {
  const shared = testCluster();
  let namespace: string;
  let cluster: ClusterObjects;

  const flags = (kubeconfig = shared.kubeconfig): string[] => [
    `--kubeconfig=${kubeconfig}`,
    `--namespace=${namespace}`,
    `--leader-election-namespace=${namespace}`,
    // Others of that name come and go with other tests.
    `--leader-election-id=${namespace}`,
    '--allow-local-endpoints',
  ];

  async function connect(
    name: string,
    secret: string,
    spec: Partial<ModelArtsProjectSpec> = {},
  ): Promise<void> {
    await cluster.projects.create({
      apiVersion,
      kind: 'ModelArtsProject',
      metadata: { name },
      spec: {
        endpoint: simulator.url,
        projectID: demoProjectID,
        credentials: { secretRef: { name: secret } },
        ...spec,
      },
    });
  }

  async function secret(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const encoded = Object.entries(data).map(([at, value]) => [at, Buffer.from(value).toString('base64')]);
    await cluster.secrets.create({ metadata: { name }, type: 'Opaque', data: Object.fromEntries(encoded) });
  }

  /** A kubeconfig of a service account without any right. */
  async function powerless(): Promise<string> {
    await shared.kubectl(['create', 'serviceaccount', 'nobody', '--namespace', namespace]);
    const { stdout } = await shared.kubectl(['create', 'token', 'nobody', '--namespace', namespace]);
    const config = parse(await readFile(shared.kubeconfig, 'utf8')) as { users: { user: object }[] };
    config.users[0]!.user = { token: stdout.trim() };
    const file = join(folder, 'nobody.kubeconfig');
    await writeFile(file, stringify(config));
    return file;
  }

  beforeAll(async () => {
    namespace = await shared.uniqueNamespace('doctor');
    cluster = clusterObjects(shared.kubeconfig, namespace);
    await secret('token', { token: demoToken });
  });
  afterAll(async () => {
    await cluster.close();
    await shared.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('looks at the cluster, then at each project', async () => {
    expect((await report(flags())).levels).toContain('warn projects');
    await connect('well', 'token');
    const { code, levels, findings } = await report(flags());
    expect({ code, levels }).toEqual({
      code: 0,
      levels: [
        ...['ok kubeconfig', 'ok kubernetes-version', 'ok crd', 'ok crd', 'ok crd', 'ok crd', 'ok rights'],
        ...['warn lease', 'ok installs', 'ok other-leases', 'ok connection', 'warn tls', ...wellAsked],
      ],
    });
    expect(findings.at(-1)?.about).toBe(`${namespace}/well`);
  });

  it('says what is wrong with each project, and asks a refused credential once', async () => {
    await secret('wrong', { token: 'no-such-token' });
    await secret('mixed', { token: demoToken, username: 'me' });
    await connect('asleep', 'none', { suspend: true });
    await connect('mixed', 'mixed');
    await connect('no-secret', 'none');
    await connect('wrong-a', 'wrong');
    await connect('wrong-b', 'wrong');
    const refusals = (): number => simulator.requests().byStatus['401'] ?? 0;
    const before = refusals();
    const found = await report(flags());
    expect(refusals() - before).toBe(1);
    expect(failing(found)).toEqual([
      expect.stringMatching(/credentials of .*\/mixed: .*mixes kinds of credentials/),
      expect.stringMatching(/credentials of .*\/no-secret: there is no Secret .*\/none/),
      expect.stringMatching(/credentials of .*\/wrong-a: ModelArts refuses that of Secret .*\/wrong /),
      expect.stringMatching(/credentials of .*\/wrong-b: not asked again/),
    ]);
    const local = await report([...flags().slice(0, -1), `--project=${namespace}/well`]);
    expect(failing(local)).toEqual([expect.stringMatching(/connection of .*--allow-local-endpoints/)]);
    expect(failing(await report([...flags(), `--project=${namespace}/nothing`]))).toEqual([
      expect.stringMatching(/there is no ModelArtsProject .*\/nothing/),
    ]);
  });

  it('names the rights that are missing, and what it cannot see without them', async () => {
    const found = await report(flags(await powerless()));
    expect(failing(found)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^FAIL rights: system:serviceaccount:${namespace}:nobody may not list, watch modelartsprojects`,
        ),
      ),
    ]);
    expect(found.levels.filter((level) => level.startsWith('warn'))).toEqual([
      ...['warn crd', 'warn crd', 'warn crd', 'warn crd', 'warn lease', 'warn installs', 'warn projects'],
    ]);
  });

  it('says that the kubeconfig cannot be read, or its cluster does not answer', async () => {
    expect((await report(['--kubeconfig=/nonexistent'])).levels).toEqual(['fail kubeconfig']);
    const config = parse(await readFile(shared.kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string } }[];
    };
    config.clusters[0]!.cluster.server = 'https://127.0.0.1:2';
    const file = join(folder, 'nowhere.kubeconfig');
    await writeFile(file, stringify(config));
    expect((await report([`--kubeconfig=${file}`])).levels).toEqual([
      'ok kubeconfig',
      'fail kubernetes-version',
    ]);
  });
});

/** An apiserver of its own: no other test must meet these CRDs. */
describe('modelarts-operator doctor for a cluster in want', () => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ binaries: await findBinaries(() => undefined) });
  });
  afterAll(() => controlPlane.stop());

  const crds = async (): Promise<readonly Finding[]> => {
    const { findings } = await report([`--kubeconfig=${controlPlane.kubeconfigPath}`]);
    return findings.filter(({ check }) => check === 'crd');
  };

  it('names the command that installs the CRDs, and that brings older ones up to date', async () => {
    const command = 'modelarts-operator crds | kubectl apply --server-side -f -';
    const none = await crds();
    expect(none.map(({ level, advice }) => ({ level, advice }))).toEqual(
      Array.from({ length: 4 }, () => ({ level: 'fail', advice: command })),
    );
    const top = await runInProcess('kubectl modelarts', [
      'top',
      `--kubeconfig=${controlPlane.kubeconfigPath}`,
    ]);
    expect(top).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `kubectl modelarts: the cluster does not know modelartspools of ${apiVersion}; install the CRDs with: ${command}\n`,
    });
    const items = await Promise.all(
      (await readdir(join(root, 'crds'))).map(
        async (file) => parse(await readFile(join(root, 'crds', file), 'utf8')) as Record<string, never>,
      ),
    );
    for (const { spec } of items as unknown as {
      spec: {
        names: { kind: string };
        versions: { schema: { openAPIV3Schema: { properties: { status: { properties: object } } } } }[];
      };
    }[]) {
      const { properties } = spec.versions[0]!.schema.openAPIV3Schema.properties.status;
      if (spec.names.kind === 'ModelArtsPool') delete (properties as { free?: object }).free;
    }
    const { kubectl } = testCluster(controlPlane.kubeconfigPath);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect(await kubectl(['apply', '--server-side', '-f', '-'], list)).toMatchObject({ code: 0 });
    await kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', '-'], list);
    const older = (await crds()).filter(({ level }) => level !== 'ok');
    expect(older).toEqual([
      {
        check: 'crd',
        about: 'ModelArtsPool',
        level: 'warn',
        found: expect.stringContaining('properties.status.properties.free differs'),
        advice: command,
      },
    ]);
  });
});
