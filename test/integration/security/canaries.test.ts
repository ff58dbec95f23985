import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { ModelArtsProjectSpec } from '../../../src/api/kinds/modelarts-project.ts';
import { demoProjectID, demoScenario } from '../../../src/simulator/scenarios/demo.ts';
import { root } from '../../../tools/run-command.ts';
import { said } from '../../support/cluster-objects.ts';
import { connectProxy, type ConnectProxy } from '../../support/connect-proxy.ts';
import { eventually } from '../../support/eventually.ts';
import { Program } from '../../support/program.ts';
import { Stage } from '../../support/stage.ts';
import { identity, type Identity } from '../kubernetes/support/identity.ts';

const token = 'canary-token-3f1b9c';
const password = 'canary-password-77aa0e';
const accessKey = 'EXAMPLEAKCANARY00001';
const secretKey = 'ExampleSecretKeyNotRealCanary0123456789ab';
const temporary = {
  accessKeyID: 'EXAMPLEAKCANARY00002',
  secretAccessKey: 'ExampleSecretKeyNotRealCanary9876543210zy',
  securityToken: 'canary-security-token-9d0c4e',
};
const proxyPassword = 'canary-proxy-5d20';

/** As the simulator's IAM makes its tokens. */
const issuedByIAM = /MII[0-9a-f]{10}/;

const demo = demoScenario.projects[0]!;
const everywhere = [
  {
    apiGroups: ['modelarts-operator.dev'],
    resources: ['*'],
    verbs: ['list', 'watch', 'create', 'update', 'patch', 'delete'],
  },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
];

/** The program itself, with a canary in each credential that it is given, and all that comes out of it. */
describe('No secret leaves the program', () => {
  let stage: Stage;
  let proxy: ConnectProxy;
  let account: Identity;
  let folder: string;
  let environment: Record<string, string>;
  const started: Program[] = [];

  const program = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program => {
    const file = join(root, 'src/main.ts');
    const running = new Program([process.execPath, file, ...args], {
      cwd: '/',
      env: { ...environment, ...env },
    });
    started.push(running);
    return running;
  };

  /** The canaries, however they are spelled, that a text holds. */
  const leaked = (text: string): string[] =>
    [token, password, accessKey, secretKey, ...Object.values(temporary), proxyPassword, account.token]
      .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      .concat(Buffer.from(`operator:${proxyPassword}`).toString('base64'))
      .filter((spelling) => text.includes(spelling))
      .concat(issuedByIAM.exec(text) ?? []);

  /** ModelArts says what it was sent, in each way in which it can say something. */
  const echo = (secret: string): unknown =>
    stage.simulator.act({
      fault: {
        status: 400,
        code: `Odd.${secret}`,
        message: `${secret} (X-Auth-Token: ${secret}) is not welcome`,
        headers: { 'x-echo': secret },
      },
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canaries-'));
    // At its own speed the world's clock would run away from the operator's, and signatures with it.
    stage = await Stage.open({
      scenario: {
        ...demoScenario,
        speed: 1,
        projects: [
          {
            ...demo,
            tokens: [token],
            keys: [
              { accessKey, secretKey },
              {
                accessKey: temporary.accessKeyID,
                secretKey: temporary.secretAccessKey,
                securityToken: temporary.securityToken,
              },
            ],
            users: [{ name: 'mirror-reader', password }],
            domain: 'EXAMPLE-DOMAIN',
          },
        ],
      },
      speed: 1,
      start: false,
    });
    account = await identity(stage.namespace, 'canary', everywhere);
    const { port } = new URL(stage.simulator.url);
    proxy = await connectProxy({ 'modelarts.example': Number(port) });
    environment = { HTTP_PROXY: `http://operator:${proxyPassword}@127.0.0.1:${proxy.port}` };
    await stage.putSecret('token', { token });
    await stage.putSecret('key', { accessKeyID: accessKey, secretAccessKey: secretKey });
    await stage.putSecret('temporary', temporary);
    await stage.putSecret('password', { username: 'mirror-reader', password, domainName: 'EXAMPLE-DOMAIN' });
    const connect = (
      name: string,
      spec: Partial<ModelArtsProjectSpec> = {},
      iam?: string,
    ): Promise<unknown> =>
      stage.cluster.projects.create(
        stage.project(name, {
          credentials: { secretRef: { name }, ...(iam !== undefined && { iamEndpoint: iam }) },
          ...spec,
        } as never),
      );
    await connect('token', { endpoint: 'http://modelarts.example', tls: { allowInsecureHTTP: true } });
    // A host that the proxy cannot reach.
    await connect('behind', {
      endpoint: 'http://elsewhere.example',
      tls: { allowInsecureHTTP: true },
      credentials: { secretRef: { name: 'token' } },
    });
    await connect('key');
    await connect('temporary');
    await connect('password', {}, stage.simulator.url);
  });
  afterEach(async () => {
    stage.simulator.act({ clearFault: {} });
    for (const each of started.splice(0)) {
      each.kill('SIGKILL');
      await each.ended;
    }
  });
  afterAll(async () => {
    await proxy.close();
    await account.close();
    await stage.close();
    await rm(folder, { recursive: true });
  });

  const ready = (reason: RegExp): Promise<unknown> =>
    eventually(async () => {
      const names = ['token', 'key', 'temporary', 'password'];
      const words = await Promise.all(
        names.map(async (name) => said(await stage.cluster.projects.get(name), 'Ready') ?? 'nothing'),
      );
      if (words.every((word) => reason.test(word))) return;
      throw new Error(`${words.join(', ')}; the program says: ${started.at(-1)?.stderr.slice(-800)}`);
    });

  it('in logs at level debug, metrics, recordings, objects, Events, and the words of its crash', async () => {
    const recording = join(folder, 'recording.jsonl');
    const crash = encodeURIComponent(
      `process.on('SIGUSR2', () => { throw Object.assign(new Error('it broke over ${token} and ${secretKey}'), ` +
        `{ headers: { 'x-auth-token': '${token}' } }); });`,
    );
    const run = program(
      [
        ...['run', '--kubeconfig', account.kubeconfig, '--namespace', stage.namespace],
        ...['--allow-local-endpoints', '--log-level', 'debug', '--record', recording],
        ...['--metrics-bind-address', '127.0.0.1:0', '--health-probe-bind-address', '0'],
      ],
      { NODE_OPTIONS: `--import=data:text/javascript,${crash}` },
    );
    await ready(/^True/);
    expect(proxy.asked.length).toBeGreaterThan(0);
    const [, at = ''] = await run.says(/"listening":\["([\d.:]+)"/);
    const unreachable = await program([
      ...['doctor', '--kubeconfig', account.kubeconfig, '--namespace', stage.namespace],
      ...['--leader-election-namespace', stage.namespace, '--project', `${stage.namespace}/behind`],
    ]).ended;
    expect(unreachable).toMatchObject({ code: 1, stdout: expect.stringContaining('through the proxy 127') });
    const { projects, pools, workloads, events } = stage.cluster;
    const metrics = await (await fetch(`http://${at}/metrics`)).text();
    expect(metrics).toContain('modelarts_pool_nodes{');
    const kinds = await Promise.all([projects, pools, workloads, events].map((kind) => kind.all()));
    run.kill('SIGUSR2');
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/it broke over \[redacted\]/);
    const outputs = {
      metrics,
      stdout,
      stderr,
      recording: await readFile(recording, 'utf8'),
      objects: JSON.stringify(kinds),
      unreachable: unreachable.stdout + unreachable.stderr,
    };
    expect(outputs.recording).toContain('/pools');
    for (const [name, text] of Object.entries(outputs))
      expect({ name, leaked: leaked(text) }).toEqual({ name, leaked: [] });
  });

  it('in what export and doctor print, whether ModelArts is well or tells all that it was sent', async () => {
    const at = ['--endpoint', stage.simulator.url, '--project-id', demoProjectID];
    const exporting = ['export', ...at, '--skip', 'workloads', '--requests-per-second', '1000'];
    const withToken = { MODELARTS_TOKEN: token };
    const withKey = { HUAWEICLOUD_SDK_AK: accessKey, HUAWEICLOUD_SDK_SK: secretKey };
    const withTemporary = {
      HUAWEICLOUD_SDK_AK: temporary.accessKeyID,
      HUAWEICLOUD_SDK_SK: temporary.secretAccessKey,
      HUAWEICLOUD_SDK_SECURITY_TOKEN: temporary.securityToken,
    };
    const said = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
      const { stdout, stderr } = await program(args, env).ended;
      return stdout + stderr;
    };
    const texts = await Promise.all([said(exporting, withToken), said(['doctor', ...at], withKey)]);
    for (const [secret, env] of [
      [token, withToken],
      [secretKey, withKey],
      [accessKey, withKey],
      [temporary.securityToken, withTemporary],
    ] as const) {
      stage.simulator.act({ clearFault: {} });
      echo(secret);
      texts.push(await said(['doctor', ...at], env));
    }
    const [exported = '', doctored = ''] = texts;
    expect(exported).toContain('kind: ModelArtsPool');
    expect(doctored).toContain('credentials');
    expect(texts.map(leaked)).toEqual(texts.map(() => []));
  });
});
