import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  GenericContainer,
  getContainerRuntimeClient,
  ImageName,
  Wait,
  type ContainerRuntimeClient,
} from 'testcontainers';
import { parseAllDocuments } from 'yaml';

import { systemRuntime } from '../../src/runtime/system.ts';
import { quietScenario } from '../../src/simulator/scenarios/quiet.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { imageOptions } from '../../tools/image-settings.ts';
import { root } from '../../tools/run-command.ts';
import { buildBaseImage } from '../support/base-image.ts';
import { buildBundle } from '../support/bundle.ts';
import { clusterObjects, said, type ClusterObjects } from '../support/cluster-objects.ts';
import { testCluster } from '../support/control-plane.ts';
import { createDemoProject } from '../support/demo-project.ts';
import { eventually, limits } from '../support/eventually.ts';

// What is made here is removed here: the library's own reaper is an image that would have to be pulled.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
const engine = await getContainerRuntimeClient().catch(() => undefined);
const obstacle = obstacleTo(engine);
if (obstacle !== undefined) process.stderr.write(`skipped: the image is not tried, because ${obstacle}\n`);

/** Why the image cannot be tried; undefined when it can. */
function obstacleTo(client: ContainerRuntimeClient | undefined): string | undefined {
  if (client === undefined) return 'no Docker engine answers';
  // Containers get this machine's Node, and reach its apiserver on the loopback.
  if (process.platform !== 'linux') return 'its stand-in base needs the Node of a Linux';
  if (client.info.containerRuntime.host !== 'localhost') return 'the Docker engine is on another machine';
  return undefined;
}

const tag = randomBytes(5).toString('hex');
const base = `localhost/modelarts-operator-base:${tag}`;
const image = `localhost/modelarts-operator:${tag}`;
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

/** As the manifests confine it. */
class ConfinedContainer extends GenericContainer {
  constructor() {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges');
  }
}

/** What it says on both streams until it ends with 0. */
async function modelartsOperator(...args: string[]): Promise<string> {
  const container = await new ConfinedContainer()
    .withCommand(args)
    .withWaitStrategy(Wait.forOneShotStartup())
    .start();
  try {
    return await text(await container.logs());
  } finally {
    await container.stop();
  }
}

/** Without them the process is half as big again. */
const nodeOptions = ['--expose-gc', '--max-semi-space-size=8', '--heap-growing-percent=20'];

it('the Dockerfile runs nothing, holds the heap small, and its version is the package’s', async () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`\nARG VERSION=${version}\n`);
  expect(imageOptions()).toEqual(nodeOptions);
  // A Node that does not know one of them would not start.
  await promisify(execFile)(process.execPath, [...nodeOptions, '--eval', '0']);
  // Either would need more than the classic builder and the files that are at hand.
  expect(dockerfile).not.toMatch(/^RUN\b|--chmod/m);
});

(obstacle === undefined ? describe : describe.skip)('the image (skipped without a Docker engine)', () => {
  beforeAll(async () => {
    const bundle = await buildBundle();
    const context = await mkdtemp(join(tmpdir(), 'modelarts-operator-context-'));
    try {
      // Not the checkout itself: the library looks at every file of a context before it leaves out the ignored ones.
      await mkdir(join(context, 'dist'));
      await cp(bundle.folder, join(context, 'dist'), { recursive: true });
      for (const file of ['Dockerfile', '.dockerignore', 'LICENSE'])
        await cp(join(root, file), join(context, file));
      await buildBaseImage(base);
      await GenericContainer.fromDockerfile(context)
        .withBuildArgs({ BASE_IMAGE: base, REVISION: tag })
        .build(image, { deleteOnExit: false });
    } finally {
      await rm(context, { recursive: true });
      await bundle.remove();
    }
  });
  afterAll(async () => {
    for (const name of [image, base])
      await engine!.container.dockerode.getImage(name).remove({ force: true });
  });

  it('says what it is, runs as nobody, and is as big as its base and the bundle', async () => {
    const inspect = (name: string) => engine!.image.inspect(ImageName.fromString(name));
    const { Config, Size } = await inspect(image);
    expect(Config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/nodejs/bin/node', ...nodeOptions, '/app/modelarts-operator.mjs'],
      Cmd: ['run'],
      ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} },
      Labels: {
        'org.opencontainers.image.title': 'modelarts-operator',
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.revision': tag,
      },
    });
    const ours = Size - (await inspect(base)).Size;
    expect(ours).toBeGreaterThan(1e6);
    expect(ours).toBeLessThan(10e6);
  });

  it('knows its version, and prints the CRDs', async () => {
    expect(await modelartsOperator('version')).toBe(`${version}\n`);
    const crds = parseAllDocuments(await modelartsOperator('crds'));
    expect(crds.map((document) => document.toJS().kind as unknown)).toEqual(
      Array(4).fill('CustomResourceDefinition'),
    );
  });

  describe('in the place of the manifests’ pod', () => {
    const shared = testCluster();
    let namespace: string;
    let cluster: ClusterObjects;
    let simulator: Simulator;
    let serviceAccount: string;

    beforeAll(async () => {
      [namespace, simulator] = await Promise.all([
        shared.uniqueNamespace('image'),
        startSimulator({ runtime: systemRuntime, scenario: quietScenario }),
      ]);
      cluster = clusterObjects(shared.kubeconfig, namespace);
      serviceAccount = await mkdtemp(join(tmpdir(), 'modelarts-operator-service-account-'));
      await chmod(serviceAccount, 0o755);
      const files = { token: await tokenWithRights(namespace), namespace, 'ca.crt': apiserver().authority };
      for (const [name, content] of Object.entries(files))
        await writeFile(join(serviceAccount, name), content);
    });
    afterAll(async () => {
      await simulator.stop();
      await cluster.close();
      await rm(serviceAccount, { recursive: true });
      await shared.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    });

    const apiserver = (): { url: URL; authority: Buffer } => {
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromFile(shared.kubeconfig);
      const { server, caData } = kubeConfig.getCurrentCluster()!;
      return { url: new URL(server), authority: Buffer.from(caData!, 'base64') };
    };

    /** A token of a service account that may do in the namespace what manifests/base/rbac.yaml grants, and nothing else. */
    const tokenWithRights = async (namespace: string): Promise<string> => {
      const granted = parseAllDocuments(readFileSync(join(root, 'manifests', 'base', 'rbac.yaml'), 'utf8'))
        .map((document) => document.toJS() as { kind: string; metadata: { name: string }; rules: object[] })
        .filter(({ kind, metadata }) => kind.endsWith('Role') && !metadata.name.endsWith('-view'));
      const metadata = { name: 'modelarts-operator', namespace };
      const rbac = 'rbac.authorization.k8s.io';
      const objects = [
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
        { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: granted.flatMap(({ rules }) => rules) },
        {
          apiVersion: `${rbac}/v1`,
          kind: 'RoleBinding',
          metadata,
          roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
          subjects: [{ kind: 'ServiceAccount', ...metadata }],
        },
      ];
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      expect(await shared.kubectl(['create', '-f', '-'], list)).toMatchObject({ code: 0 });
      const token = await shared.kubectl(['create', 'token', metadata.name, '-n', namespace]);
      expect(token).toMatchObject({ code: 0 });
      return token.stdout.trim();
    };

    it('takes the lease, works with the rights that they grant, and stops on SIGTERM', async () => {
      const { url } = apiserver();
      const container = await new ConfinedContainer()
        .withNetworkMode('host')
        .withEnvironment({ KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port })
        .withBindMounts([
          { source: serviceAccount, target: '/var/run/secrets/kubernetes.io/serviceaccount', mode: 'ro' },
        ])
        .withCommand([
          ...argumentsOfManifests(),
          ...[`--namespace=${namespace}`, '--allow-local-endpoints'],
          ...['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'],
        ])
        .withWaitStrategy(Wait.forLogMessage('This process leads.'))
        .start();
      try {
        await createDemoProject(cluster, simulator.url);
        await eventually(async () =>
          expect(said(await cluster.projects.get('demo'), 'Synced')).toMatch(/^True\//),
        );
        expect((await cluster.pools.all()).length).toBeGreaterThan(0);
        const { exitCode, output } = await container.exec(['/nodejs/bin/node', '-p', 'process.getuid()']);
        expect({ exitCode, output }).toEqual({ exitCode: 0, output: '65532\n' });

        await container.stop({ timeout: limits.settled, remove: false });
        const { State } = await engine!.container.getById(container.getId()).inspect();
        expect(State.ExitCode).toBe(0);
        const log = await text(await container.logs());
        expect(log).toContain('The operator has stopped.');
        expect(log).not.toMatch(/"level":"error"|forbidden/);
      } finally {
        await engine!.container.getById(container.getId()).remove({ force: true });
      }
    });

    const argumentsOfManifests = (): string[] => {
      const [document] = parseAllDocuments(
        readFileSync(join(root, 'manifests', 'base', 'deployment.yaml'), 'utf8'),
      );
      return document!.toJS().spec.template.spec.containers[0].args as string[];
    };
  });
});
