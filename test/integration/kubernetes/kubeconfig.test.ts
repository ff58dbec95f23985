import { createServer, type Server } from 'node:https';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { inspect, promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { stringify } from 'yaml';

import { loadKubeConfig } from '../../../src/cli/kube-config.ts';
import { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import type { HttpTransportOptions } from '../../../src/kubernetes/http-transport.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { connectProxy } from '../../support/connect-proxy.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, limits } from '../../support/eventually.ts';
import { identity, kubeconfigFor, type Identity } from './support/identity.ts';
import { kubeConfig } from './support/setup.ts';
import { socksProxy, type SocksProxy } from './support/socks-proxy.ts';

let folder: string;
let namespace: string;
let one: Identity;
let other: Identity;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  namespace = await testCluster().uniqueNamespace('kubeconfig');
  one = await identity(namespace, 'one', []);
  other = await identity(namespace, 'other', []);
});
afterAll(() => Promise.all([one.close(), other.close()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  await rm(folder, { recursive: true });
});

/** Time may be moved on. */
const clock = { ...systemRuntime, ahead: 0, monotonic: () => systemRuntime.monotonic() + clock.ahead };

type Bounds = Pick<HttpTransportOptions, 'maxSockets' | 'maxResponseBytes'>;

function transportFor(config: KubeConfig, bounds: Bounds = {}): HttpTransport {
  const transport = new HttpTransport({
    kubeConfig: config,
    runtime: clock,
    userAgent: 'integration-test',
    ...bounds,
  });
  cleanUp.push(() => transport.close());
  return transport;
}

/** As the command line reads it, from a file. */
async function loaded(config: object): Promise<KubeConfig> {
  const path = join(folder, 'kubeconfig');
  await writeFile(path, stringify(config));
  return loadKubeConfig(path, { kubeconfigVariable: undefined, serviceAccountFolder: '/nowhere' });
}

/** Whom the apiserver takes us for. */
async function whoAmI(transport: HttpTransport, deadlineMs: number = limits.settled): Promise<string> {
  const review = await transport.request<{ status: { userInfo: { username: string } } }>({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    deadlineMs,
  });
  return review.status.userInfo.username.replace(`system:serviceaccount:${namespace}:`, '');
}

/** Some are tried until the deadline. */
const failure = async (transport: HttpTransport): Promise<Error> =>
  (await whoAmI(transport, 5_000).catch((error: unknown) => error)) as Error;

/** The real one; what a cluster's settings are. */
const apiserver = () => kubeConfig().getCurrentCluster()!;

describe('a token in a file', () => {
  it('is read again after a refusal, so that no request fails for an old one', async () => {
    await writeFile(join(folder, 'token'), 'of yesterday\n');
    const transport = transportFor(await loaded(kubeconfigFor({ tokenFile: 'token' })));
    expect(await failure(transport)).toMatchObject({ name: 'ApiError', code: 401 });
    await writeFile(join(folder, 'token'), `${one.token}\n`);
    expect(await Promise.all(Array.from({ length: 5 }, () => whoAmI(transport)))).toEqual(
      Array.from({ length: 5 }, () => 'one'),
    );
  });

  it('is read again every half minute, while the old one is still good', async () => {
    await writeFile(join(folder, 'token'), one.token);
    const transport = transportFor(await loaded(kubeconfigFor({ tokenFile: 'token', token: 'not used' })));
    expect(await whoAmI(transport)).toBe('one');
    await writeFile(join(folder, 'token'), other.token);
    expect(await whoAmI(transport)).toBe('one');
    clock.ahead += 30_001;
    expect(await whoAmI(transport)).toBe('other');
  });

  it.each([
    ['empty', (path: string) => writeFile(path, '')],
    ['an empty line', (path: string) => writeFile(path, '\n')],
    ['not there', (path: string) => rm(path)],
  ])('is %s while it is written: the old one is used, and each request looks again', async (_, rewrite) => {
    const path = join(folder, 'token');
    await writeFile(path, one.token);
    const transport = transportFor(await loaded(kubeconfigFor({ tokenFile: 'token' })));
    expect(await whoAmI(transport)).toBe('one');
    await rewrite(path);
    clock.ahead += 30_001;
    expect(await whoAmI(transport)).toBe('one');
    await writeFile(path, other.token);
    expect(await whoAmI(transport)).toBe('other');
  });

  it('is said to be empty where there is no other, and where the other was refused', async () => {
    const path = join(folder, 'token');
    await writeFile(path, '');
    const transport = transportFor(await loaded(kubeconfigFor({ tokenFile: 'token' })));
    const empty = {
      name: 'TransportError',
      message: expect.stringContaining(`the token file ${path} is empty`),
    };
    expect(await failure(transport)).toMatchObject(empty);
    await writeFile(path, 'of yesterday');
    expect(await failure(transport)).toMatchObject({ code: 401 });
    await writeFile(path, '\n');
    expect(await failure(transport)).toMatchObject(empty);
    await writeFile(path, one.token);
    expect(await whoAmI(transport)).toBe('one');
  });

  it('of a pod, with the address from its environment and the CA beside it', async () => {
    const mount = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(mount, { recursive: true });
    await writeFile(join(mount, 'token'), one.token);
    await writeFile(join(mount, 'ca.crt'), Buffer.from(apiserver().caData ?? '', 'base64'));
    const { hostname, port } = new URL(apiserver().server);
    const config = new KubeConfig();
    const pod = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    Object.assign(process.env, pod);
    try {
      config.loadFromCluster(folder);
    } finally {
      for (const name of Object.keys(pod)) Reflect.deleteProperty(process.env, name);
    }
    const transport = transportFor(config);
    expect(await whoAmI(transport)).toBe('one');
    await writeFile(join(mount, 'token'), other.token);
    clock.ahead += 30_001;
    expect(await whoAmI(transport)).toBe('other');
  });
});

describe('a credential plugin', () => {
  /** Prints what lies in `credential`, and notes each of its runs with what it was told. */
  const exec = (over: object = {}): object => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    command: 'sh',
    args: ['-c', `printf '%s\\n' "$KUBERNETES_EXEC_INFO" >> '${folder}/runs'; cat '${folder}/credential'`],
    ...over,
  });
  const gives = (status: object): Promise<void> =>
    writeFile(
      join(folder, 'credential'),
      JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }),
    );
  const runs = async (): Promise<unknown[]> =>
    (await readFile(join(folder, 'runs'), 'utf8'))
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));

  it('is asked once, and told what kubectl tells it', async () => {
    await gives({ token: one.token });
    const config = await loaded(kubeconfigFor({ exec: exec({ provideClusterInfo: true }) }));
    const transport = transportFor(config);
    expect(await Promise.all(Array.from({ length: 5 }, () => whoAmI(transport)))).toContain('one');
    clock.ahead += 60_000;
    expect(await whoAmI(transport)).toBe('one');
    const told = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: expect.objectContaining({ server: apiserver().server }) },
    };
    expect(await runs()).toEqual([told]);
  });

  it('is told the cluster of the current context, whatever other contexts its user has', async () => {
    await gives({ token: one.token });
    const config = kubeconfigFor({ exec: exec({ provideClusterInfo: true }) }) as {
      contexts: object[];
      clusters: object[];
    };
    config.contexts.unshift({ name: 'elsewhere', context: { cluster: 'elsewhere', user: 'test' } });
    config.clusters.unshift({ name: 'elsewhere', cluster: { server: 'https://elsewhere.invalid' } });
    expect(await whoAmI(transportFor(await loaded(config)))).toBe('one');
    expect(await runs()).toMatchObject([{ spec: { cluster: { server: apiserver().server } } }]);
  });

  it('is asked again when its token is refused', async () => {
    await gives({ token: 'of yesterday' });
    const transport = transportFor(await loaded(kubeconfigFor({ exec: exec() })));
    expect(await failure(transport)).toMatchObject({ code: 401 });
    await gives({ token: other.token });
    expect(await whoAmI(transport)).toBe('other');
    expect(await runs()).toHaveLength(3);
  });

  it('is asked again when what it gave has ended', async () => {
    await gives({ token: one.token, expirationTimestamp: new Date(Date.now() - 1).toISOString() });
    const transport = transportFor(await loaded(kubeconfigFor({ exec: exec() })));
    expect(await whoAmI(transport)).toBe('one');
    await gives({ token: other.token });
    clock.ahead += 30_001;
    expect(await whoAmI(transport)).toBe('other');
  });

  it.each([
    ['{}', 'gave an answer without a status'],
    ['null', 'gave neither a token nor a certificate with its key'],
    ['{"status":{}}', 'gave neither a token nor a certificate with its key'],
    ['{"status":{"clientCertificateData":"x"}}', 'gave neither a token nor a certificate with its key'],
    [
      '{"status":{"clientCertificateData":"x","clientKeyData":"the-token"}}',
      'gave a certificate and a key that cannot be used',
    ],
    ['the-token', 'gave an answer that is not JSON'],
  ])('that printed %s is said to, and asked again by the next request', async (printed, what) => {
    await writeFile(join(folder, 'credential'), printed);
    const transport = transportFor(await loaded(kubeconfigFor({ exec: exec() })));
    const error = await failure(transport);
    expect(error.message).toContain(`the credential plugin sh of the user test ${what}`);
    expect(inspect(error, { depth: 10 })).not.toContain('the-token');
    await gives({ token: one.token });
    expect(await whoAmI(transport)).toBe('one');
    expect(await runs()).toHaveLength(2);
  });

  it('that answers when all is closed opens no connection', async () => {
    await gives({ token: one.token });
    const waits = `echo '{}' > '${folder}/runs'; until [ -e '${folder}/go' ]; do sleep 0.05; done; cat '${folder}/credential'`;
    const transport = transportFor(await loaded(kubeconfigFor({ exec: exec({ args: ['-c', waits] }) })));
    const pending = failure(transport);
    await eventually(runs, { deadline: 'soon' });
    await transport.close();
    await writeFile(join(folder, 'go'), '');
    expect(await pending).toMatchObject({
      name: 'TransportError',
      message: expect.stringContaining('was closed'),
    });
  });

  it('that fails, or is not there, is said with its own words', async () => {
    const failing = exec({ args: ['-c', 'echo "log in first" >&2; exit 1'] });
    expect((await failure(transportFor(await loaded(kubeconfigFor({ exec: failing }))))).message).toContain(
      'log in first',
    );
    const missing = exec({ command: join(folder, 'no-such-plugin') });
    expect((await failure(transportFor(await loaded(kubeconfigFor({ exec: missing }))))).message).toContain(
      'no-such-plugin ENOENT',
    );
  });
});

describe('a client certificate', () => {
  const authority = makeAuthority('clients and servers');
  const issued = (name: string, notAfter = new Date('2047-01-01T00:00:00Z')) =>
    makeCertificate({ name, hosts: ['127.0.0.1'], issuer: authority, notAfter });
  const write = async (name: string, notAfter?: Date): Promise<void> => {
    const { cert, key } = issued(name, notAfter);
    await Promise.all([
      writeFile(join(folder, 'tls.crt'), cert),
      writeFile(join(folder, 'tls.key'), key, { mode: 0o600 }),
    ]);
  };
  /** Says whose certificate it is shown; a GET it answers without an end. */
  const judge = async (): Promise<Server> => {
    const server = createServer(
      { ...issued('server'), ca: authority.cert, requestCert: true },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        const username = subject.CN;
        const review = JSON.stringify({ status: { userInfo: { username } } });
        const watched = request.method === 'GET';
        response.writeHead(watched ? 200 : 201, { 'content-type': 'application/json' });
        if (watched) response.write(review);
        else response.end(review);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return server;
  };
  const transportTo = async (server: Server): Promise<HttpTransport> => {
    const config = kubeconfigFor(
      { 'client-certificate': 'tls.crt', 'client-key': 'tls.key' },
      {
        server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
      },
    );
    return transportFor(await loaded(config));
  };

  it('is shown, and shown anew half a minute after its files changed', async () => {
    const ends = [new Date('2048-01-01T00:00:00Z'), new Date('2049-01-01T00:00:00Z')] as const;
    await write('first', ends[0]);
    const transport = await transportTo(await judge());
    expect(transport.clientCertificateEndsAt).toBeUndefined();
    expect(await whoAmI(transport)).toBe('first');
    expect(transport.clientCertificateEndsAt).toBe(ends[0].getTime());
    await write('second', ends[1]);
    expect(await whoAmI(transport)).toBe('first');
    clock.ahead += 30_001;
    expect(await whoAmI(transport)).toBe('second');
    expect(transport.clientCertificateEndsAt).toBe(ends[1].getTime());
  });

  it('of before leaves watches running, and no socket behind when all is closed', async () => {
    await write('first');
    const server = await judge();
    const transport = await transportTo(server);
    const watch = (await transport.stream({ method: 'GET', path: '/api' }))[Symbol.asyncIterator]();
    expect(String((await watch.next()).value)).toContain('first');
    await write('second');
    clock.ahead += 30_001;
    expect(await whoAmI(transport)).toBe('second');
    const sockets = () => promisify(server.getConnections.bind(server))();
    expect(await sockets()).toBe(2);
    await transport.close();
    await eventually(async () => expect(await sockets()).toBe(0), { deadline: 'soon' });
  });
});

describe('the settings of a cluster', () => {
  const through = async (over: object): Promise<HttpTransport> =>
    transportFor(await loaded(kubeconfigFor({ token: one.token }, over as Record<string, unknown>)));

  it('proxy-url is the way to it', async () => {
    const { host, port } = new URL(apiserver().server);
    const proxy = await connectProxy({ [host]: Number(port) });
    cleanUp.push(() => proxy.close());
    const url = `http://operator:the-password@127.0.0.1:${proxy.port}`;
    const transport = await through({ 'proxy-url': url });
    expect(await whoAmI(transport)).toBe('one');
    expect(proxy.asked).toEqual([
      { target: host, authorization: `Basic ${Buffer.from('operator:the-password').toString('base64')}` },
    ]);
    proxy.refuse(407);
    const refused = await failure(await through({ 'proxy-url': url }));
    expect(refused).toMatchObject({ name: 'TransportError', message: expect.stringContaining('407') });
    expect(inspect(refused, { depth: 10 })).not.toContain('the-password');
  });

  describe('proxy-url with socks5', () => {
    let proxy: SocksProxy;
    beforeEach(async () => {
      proxy = await socksProxy();
      cleanUp.push(() => proxy.close());
    });
    const throughSocks = async (
      { user, cluster }: { user?: object; cluster?: object } = {},
      bounds?: Bounds,
    ): Promise<HttpTransport> => {
      const settings = { 'proxy-url': `socks5://127.0.0.1:${proxy.port}`, ...cluster };
      return transportFor(await loaded(kubeconfigFor({ token: one.token, ...user }, settings)), bounds);
    };

    it('is the way to it, over as many sockets as are allowed', async () => {
      const transport = await throughSocks({}, { maxSockets: 2 });
      const all = await Promise.all(Array.from({ length: 5 }, () => whoAmI(transport)));
      expect(all).toEqual(all.map(() => 'one'));
      const { host } = new URL(apiserver().server);
      expect(proxy.asked).toEqual([host, host]);
    });

    it('brings no longer answer than is allowed', async () => {
      expect((await failure(await throughSocks({}, { maxResponseBytes: 100 }))).cause).toMatchObject({
        code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE',
      });
    });

    it('is no way around the checks of certificates', async () => {
      const cluster = { 'tls-server-name': 'kubernetes.example' };
      expect((await failure(await throughSocks({ cluster }))).message).toContain('kubernetes.example');
      const data = Buffer.from('no certificate').toString('base64');
      const user = { 'client-certificate-data': data, 'client-key-data': data };
      expect((await failure(await throughSocks({ user }))).message).toContain('PEM');
    });
  });

  it('certificate-authority is what it is judged by', async () => {
    const foreign = Buffer.from(makeAuthority('somebody').cert).toString('base64');
    expect((await failure(await through({ 'certificate-authority-data': foreign }))).message).toMatch(
      /unable to|self-signed/,
    );
    const unchecked = { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true };
    expect(await whoAmI(await through(unchecked))).toBe('one');
  });

  it('tls-server-name is the name that it must have', async () => {
    expect(await whoAmI(await through({ 'tls-server-name': 'kubernetes.default.svc' }))).toBe('one');
    expect((await failure(await through({ 'tls-server-name': 'kubernetes.example' }))).message).toContain(
      'kubernetes.example',
    );
  });
});
