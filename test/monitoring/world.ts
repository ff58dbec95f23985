import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

import { apiVersion } from '../../src/api/kinds/metadata.ts';
import type { ModelArtsProjectSpec } from '../../src/api/kinds/modelarts-project.ts';
import { systemRuntime } from '../../src/runtime/system.ts';
import { demoProjectID } from '../../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../../src/simulator/schema.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { root } from '../../tools/run-command.ts';
import { calmPool } from '../support/calm-scenario.ts';
import { makeAuthority, makeCertificate } from '../support/certificates.ts';
import { clusterObjects, type ClusterObjects } from '../support/cluster-objects.ts';
import { testCluster, type TestCluster } from '../support/control-plane.ts';
import { Program } from '../support/program.ts';
import { tlsFront } from '../support/tls-front.ts';

const day = 86_400_000;
const authority = makeAuthority('the company');
const staticProject = '11111111111111111111111111111111';
const goodToken = 'token-of-static';
const driver = { gpu: '470.57.02' };

/** Two projects: `eu` with a user and password over TLS, `static` with a token. Nothing happens by itself. */
const scenario = (tokenLifetime: string): Scenario => ({
  projects: [
    {
      id: demoProjectID,
      tokenLifetime,
      domain: 'EXAMPLE',
      users: [{ name: 'reader', password: 'demo-password' }],
      pools: [
        calmPool('pool-a', { driver }),
        calmPool('pool-b', { resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: 2 }] }),
        calmPool('pool-c'),
        calmPool('pool-d'),
      ],
    },
    { id: staticProject, tokens: [goodToken], pools: [calmPool('pool-s')] },
  ],
});

/** A simulator, a namespace, and the operator as a program, which can be stopped and started again. */
export class World {
  readonly simulator: Simulator;
  readonly namespace: string;
  readonly cluster: ClusterObjects;
  readonly shared: TestCluster;
  /** Where the operator serves its metrics. */
  readonly target: string;
  readonly #folder: string;
  readonly #fronts: Awaited<ReturnType<typeof tlsFront>>[] = [];
  #program: Program | undefined;

  private constructor(parts: Pick<World, 'simulator' | 'namespace' | 'shared' | 'target'>, folder: string) {
    this.simulator = parts.simulator;
    this.namespace = parts.namespace;
    this.shared = parts.shared;
    this.target = parts.target;
    this.cluster = clusterObjects(parts.shared.kubeconfig, parts.namespace);
    this.#folder = folder;
  }

  static async open(): Promise<World> {
    const shared = testCluster();
    const [simulator, namespace, target, folder] = await Promise.all([
      startSimulator({ runtime: systemRuntime, scenario: scenario('1h') }),
      shared.uniqueNamespace('monitoring'),
      freeAddress(),
      mkdtemp(join(tmpdir(), 'modelarts-operator-world-')),
    ]);
    return new World({ shared, simulator, namespace, target }, folder);
  }

  /** `certificateDays`: it also shows a client certificate, which ends so soon. The token is what it is known by. */
  async startOperator(certificateDays?: number): Promise<void> {
    const config = parse(await readFile(this.shared.kubeconfig, 'utf8')) as { users: { user: object }[] };
    if (certificateDays !== undefined) {
      const notAfter = new Date(systemRuntime.now() + certificateDays * day);
      const { cert, key } = makeCertificate({ name: 'operator', issuer: authority, notAfter });
      const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
      Object.assign(config.users[0]!.user, {
        'client-certificate-data': base64(cert),
        'client-key-data': base64(key),
      });
    }
    const kubeconfig = join(this.#folder, 'kubeconfig');
    await writeFile(kubeconfig, stringify(config));
    this.#program = new Program(
      [
        process.execPath,
        join(root, 'src', 'main.ts'),
        'run',
        `--kubeconfig=${kubeconfig}`,
        `--namespace=${this.namespace}`,
        '--leader-elect',
        `--leader-election-namespace=${this.namespace}`,
        `--metrics-bind-address=${this.target}`,
        '--health-probe-bind-address=0',
        '--allow-local-endpoints',
        '--log-format=json',
      ],
      { cwd: root },
    );
  }

  async stopOperator(): Promise<void> {
    this.#program?.kill('SIGTERM');
    await this.#program?.ended;
    this.#program = undefined;
  }

  /** ModelArts behind a certificate that ends so soon; what `eu` is told of it. */
  async secured(certificateDays: number): Promise<Partial<ModelArtsProjectSpec>> {
    const notAfter = new Date(systemRuntime.now() + certificateDays * day);
    const certificate = makeCertificate({
      name: 'modelarts',
      hosts: ['127.0.0.1'],
      issuer: authority,
      notAfter,
    });
    const front = await tlsFront(Number(new URL(this.simulator.url).port), certificate);
    this.#fronts.push(front);
    const endpoint = `https://127.0.0.1:${front.port}`;
    const credentials = { secretRef: { name: 'eu' }, iamEndpoint: endpoint };
    return { endpoint, credentials, tls: { caBundle: Buffer.from(authority.cert).toString('base64') } };
  }

  async connect(): Promise<void> {
    const { secrets, projects } = this.cluster;
    await secrets.create({
      metadata: { name: 'eu' },
      type: 'Opaque',
      data: encoded({ username: 'reader', password: 'demo-password', domainName: 'EXAMPLE' }),
    });
    await secrets.create({
      metadata: { name: 'static' },
      type: 'Opaque',
      data: encoded({ token: goodToken }),
    });
    const common = {
      polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '5s' },
      rateLimit: { requestsPerSecond: 100, burst: 100 },
    };
    const eu = { projectID: demoProjectID, ...common, ...(await this.secured(5)) } as ModelArtsProjectSpec;
    const fixed: ModelArtsProjectSpec = {
      endpoint: this.simulator.url,
      projectID: staticProject,
      credentials: { secretRef: { name: 'static' } },
      ...common,
    };
    await projects.create({ apiVersion, kind: 'ModelArtsProject', metadata: { name: 'eu' }, spec: eu });
    await projects.create({
      apiVersion,
      kind: 'ModelArtsProject',
      metadata: { name: 'static' },
      spec: fixed,
    });
  }

  /** The same world once more, with tokens of another life; those from before are known no more. */
  async beginAnew(tokenLifetime: string): Promise<void> {
    const body = JSON.stringify(scenario(tokenLifetime));
    const { ok } = await fetch(`${this.simulator.url}/_sim/scenario`, { method: 'POST', body });
    if (!ok) throw new Error('the simulator refuses the scenario');
  }

  /** The token of `static`. */
  async setToken(is: 'good' | 'wrong'): Promise<void> {
    await this.cluster.secrets.patch('static', {
      data: encoded({ token: is === 'good' ? goodToken : 'a wrong one' }),
    });
  }

  /** Applies an object of any kind, or deletes it. */
  async kubectl(command: 'apply' | 'delete', ...objects: object[]): Promise<void> {
    const input = objects.map((object) => stringify(object)).join('---\n');
    const { code, stderr } = await this.shared.kubectl([command, '-f', '-'], input);
    if (code !== 0) throw new Error(stderr);
  }

  async close(): Promise<void> {
    await this.stopOperator();
    await Promise.all([
      this.simulator.stop(),
      this.cluster.close(),
      ...this.#fronts.map((front) => front.close()),
    ]);
    await this.shared.kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** An address on this machine that nobody listens on now. */
export async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

function encoded(keys: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
}
