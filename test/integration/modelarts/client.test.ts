import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fetch } from 'undici';
import { EndpointNotAllowed, InvalidConnection, UpstreamError } from '../../../src/api/errors.ts';
import type { Connection } from '../../../src/api/upstream.ts';
import { createDispatcher } from '../../../src/modelarts/network.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { demoScenario, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { quietScenario } from '../../../src/simulator/scenarios/quiet.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { Bench, listPools, never } from './support/bench.ts';

const bench = new Bench();
afterEach(() => bench.clear());
const open: Bench['open'] = (...how) => bench.open(...how);
const simulate = (): Promise<Simulator> => bench.simulate();

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  bench.afterwards(stop);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A URL at which nobody listens any more. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** Serves these answers in turn, the last one for ever. */
async function script(
  ...answers: {
    status?: number;
    headers?: Record<string, string>;
    body?: string | Uint8Array;
    cut?: boolean;
  }[]
) {
  let requests = 0;
  const endpoint = await serve((_request, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)]!;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    if (answer.cut === true) response.write('{"kind":', () => response.destroy());
    else response.end(answer.body ?? '{}');
  });
  return { endpoint, requests: () => requests };
}

const emptyList = { body: '{"kind":"PoolList","items":[]}' };
const failed = (status: number, error_code: string, headers = {}) => ({
  status,
  headers,
  body: JSON.stringify({ error_code, error_msg: 'said' }),
});

describe('a reader at the simulator', () => {
  const project = demoScenario.projects[0]!;
  const key = project.keys![0]!;
  const user = project.users![0]!;

  it.each([
    ['a token', { type: 'token' as const, token: demoToken }],
    ['an access key', { type: 'aksk' as const, accessKeyID: key.accessKey, secretAccessKey: key.secretKey }],
    [
      'a user name and password',
      {
        type: 'password' as const,
        username: user.name,
        password: user.password,
        domainName: project.domain!,
      },
    ],
  ])('reads everything with %s', async (_name, credentials) => {
    const simulator = await simulate();
    const { reader } = open({ endpoint: simulator.url, iamEndpoint: `${simulator.url}/v3`, credentials });
    const pools = await listPools(reader);
    expect(pools.value.items.length).toBeGreaterThan(1);
    expect(pools.value).toMatchObject({ unidentified: 0, received: pools.value.items.length });
    for (const listed of pools.value.items) {
      const pool = await reader.getPool(listed.id, never);
      const statistics = await reader.getStatistics(listed.id, never);
      const page = await reader.listWorkloads(
        listed.id,
        { offset: 0, limit: 500, order: 'newestFirst' },
        never,
      );
      expect(pool.value.id).toBe(listed.id);
      expect(page.value.items).toHaveLength(statistics.value.total);
      expect([...pool.issues, ...statistics.issues, ...page.issues]).toEqual([]);
      expect(statistics.sequence).toBeGreaterThan(pool.sequence);
    }
    expect((await reader.listWorkspaces(never)).value.items.map(({ id }) => id)).toContain('0');
    expect(simulator.requests().mutating).toBe(0);
    expect(simulator.requests().byCall['CreateToken'] ?? 0).toBe(credentials.type === 'password' ? 1 : 0);
  });

  it('pages, filters and orders as asked', async () => {
    const simulator = await startSimulator({
      runtime: systemRuntime,
      scenario: quietScenario,
      manualClock: true,
    });
    bench.afterwards(() => simulator.stop());
    const { reader } = open({ endpoint: simulator.url });
    const pool = (await listPools(reader)).value.items[0]!.id;
    const all = await reader.listWorkloads(pool, { offset: 0, limit: 500, order: 'oldestFirst' }, never);
    const second = await reader.listWorkloads(pool, { offset: 1, limit: 1, order: 'oldestFirst' }, never);
    expect(second.value.items).toEqual(all.value.items.slice(1, 2));
    const running = await reader.listWorkloads(pool, { offset: 0, limit: 500, status: 'Running' }, never);
    expect(running.value.items.every(({ status }) => status === 'Running')).toBe(true);
  });

  it('Never guess a deletion: tells a missing pool from a missing API and a foreign project', async () => {
    const simulator = await simulate();
    const { reader } = open({ endpoint: simulator.url });
    await expect(reader.getPool('pool-none', never)).rejects.toMatchObject({
      kind: 'NotFound',
      what: 'pool',
    });
    const elsewhere = open({ endpoint: `${simulator.url}/nowhere` }).reader;
    await expect(elsewhere.getPool('pool-none', never)).rejects.toMatchObject({
      kind: 'NotFound',
      what: 'api',
    });
    const foreign = open({ endpoint: simulator.url, projectID: 'f'.repeat(32) }).reader;
    const error = await listPools(foreign).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstreamError);
    expect((error as UpstreamError).what).not.toBe('pool');
  });

  it('Polite: tries a wrong key no more than twice, however often it is asked', async () => {
    const simulator = await simulate();
    const credentials = { type: 'aksk' as const, accessKeyID: key.accessKey, secretAccessKey: 'wrong' };
    const { reader } = open({ endpoint: simulator.url, credentials });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => listPools(reader)));
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(simulator.requests().total).toBe(2);
  });
});

describe('a reader of a project with a user id', () => {
  it.each([
    ['a token', { type: 'token', token: demoToken }, undefined],
    [
      'a signature',
      { type: 'aksk', accessKeyID: 'AK', secretAccessKey: 'SK' },
      /SignedHeaders=[^,]*x-modelarts-user-id/,
    ],
  ] as const)('sends it with %s', async (_name, credentials, signed) => {
    const sent: IncomingHttpHeaders[] = [];
    const endpoint = await serve((request, response) => {
      sent.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end(emptyList.body);
    });
    await listPools(open({ endpoint, credentials, userID: 'someone' }).reader);
    await listPools(open({ endpoint, credentials }).reader);
    expect(sent.map((headers) => headers['x-modelarts-user-id'])).toEqual(['someone', undefined]);
    if (signed !== undefined) expect(sent[0]?.authorization).toMatch(signed);
  });
});

describe('a reader at a server that misbehaves', () => {
  it.each([408, 429, 500, 502, 503, 504])('asks again after %d', async (status) => {
    const server = await script({ status, body: '' }, emptyList);
    const { reader, tries } = open({ endpoint: server.endpoint });
    expect((await listPools(reader)).value.items).toEqual([]);
    expect(tries.map((report) => report.status)).toEqual([status, 200]);
  });

  it.each([400, 401, 403, 404, 413])('does not ask again after %d', async (status) => {
    const server = await script({ status, body: '' });
    await expect(listPools(open({ endpoint: server.endpoint }).reader)).rejects.toMatchObject({ status });
    expect(server.requests()).toBe(1);
  });

  it('gives up after four tries', async () => {
    const server = await script(failed(500, 'ModelArts.50005000'));
    await expect(listPools(open({ endpoint: server.endpoint }).reader)).rejects.toMatchObject({
      kind: 'Unreachable',
    });
    expect(server.requests()).toBe(4);
  });

  it('asks again after a body that was cut, and names what happened when it stays so', async () => {
    const once = await script({ cut: true }, emptyList);
    expect((await listPools(open({ endpoint: once.endpoint }).reader)).value.items).toEqual([]);
    const always = await script({ cut: true });
    await expect(listPools(open({ endpoint: always.endpoint }).reader)).rejects.toMatchObject({
      kind: 'Unreachable',
    });
  });

  it('Polite: leaves a Retry-After that outlasts its patience to the caller, and holds everyone until then', async () => {
    const server = await script(failed(429, 'APIGW.0308', { 'retry-after': '200' }), emptyList);
    const { reader } = open({ endpoint: server.endpoint });
    await expect(listPools(reader)).rejects.toMatchObject({ kind: 'Throttled', retryAfterMs: 200_000 });
    const asked = systemRuntime.monotonic();
    await listPools(reader);
    expect(systemRuntime.monotonic() - asked).toBeGreaterThan(1_500);
  });

  it.each([
    [
      'a page for people',
      { headers: { 'content-type': 'text/html' }, body: '<h1>SECRET</h1>' },
      /content type text\/html/,
    ],
    ['an empty body', { body: '' }, /is empty/],
    ['half a body', { body: '{"kind":"PoolList","items":["SECRET"' }, /is not JSON/],
    ['invalid UTF-8', { body: Uint8Array.of(0x7b, 0xff, 0x7d) }, /is not UTF-8/],
    ['a list', { body: '[]' }, /is not a JSON object/],
    ['another document', { body: '{"hello":"SECRET"}' }, /not the documented answer/],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://example.com/SECRET' } },
      /redirects are not followed/,
    ],
  ])(
    'No secret leaves: calls %s an invalid answer and does not repeat it',
    async (_name, answer, message) => {
      const server = await script(answer);
      const error = await listPools(open({ endpoint: server.endpoint }).reader).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ kind: 'InvalidResponse', message: expect.stringMatching(message) });
      expect(String(error)).not.toContain('SECRET');
      expect(server.requests()).toBe(1);
    },
  );

  it('refuses a body that is too long', async () => {
    const server = await script({ body: `{"items":"${'x'.repeat(3 * 2 ** 20)}"}` });
    const { reader } = open({ endpoint: server.endpoint }, { maxBodyBytes: 2 ** 20 });
    await expect(listPools(reader)).rejects.toMatchObject({ kind: 'InvalidResponse' });
  });

  it('gives up on a server that does not answer, and at once when it is told to', async () => {
    const endpoint = await serve(() => undefined);
    const { reader } = open({ endpoint }, { patience: { tries: 1, tryMs: 5_000 } });
    await expect(listPools(reader)).rejects.toMatchObject({ kind: 'Unreachable', message: /within 5 s/ });
    const controller = new AbortController();
    const pending = reader.listPools({ workspaceID: '0' }, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(pending).rejects.toThrow('stopped');
  });

  it('says where nobody listens, without the credential anywhere in the error', async () => {
    const { reader } = open({ endpoint: await closedPort() });
    const error = (await listPools(reader).catch((thrown: unknown) => thrown)) as UpstreamError;
    expect(error).toMatchObject({ kind: 'Unreachable', message: expect.stringContaining('ECONNREFUSED') });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(demoToken);
  });

  it('renews a token from IAM once when it is refused before its time', async () => {
    let issued = 0;
    const endpoint = await serve((request, response) => {
      if (request.method === 'POST') {
        issued += 1;
        const times = { issued_at: '2026-01-01T00:00:00.000000Z', expires_at: '2026-01-02T00:00:00.000000Z' };
        response.writeHead(201, { 'content-type': 'application/json', 'X-Subject-Token': `token-${issued}` });
        response.end(JSON.stringify({ token: times }));
      } else {
        const good = request.headers['x-auth-token'] !== 'token-1';
        response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
        response.end(good ? emptyList.body : failed(401, 'ModelArts.0203').body);
      }
    });
    const credentials = { type: 'password' as const, username: 'u', password: 'p', domainName: 'd' };
    const { reader } = open({ endpoint, iamEndpoint: endpoint, credentials });
    const answers = await Promise.all(Array.from({ length: 10 }, () => listPools(reader)));
    expect(answers).toHaveLength(10);
    expect(issued).toBe(2);
  });
});

describe('open', () => {
  const refused = (connection: Partial<Connection> & { endpoint: string }, allowLocal = true) => {
    try {
      open(connection, { endpoints: { allowLocal } });
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it('refuses what may not or cannot be used, before anything is sent', () => {
    expect(refused({ endpoint: 'http://127.0.0.1:1' }, false)).toBeInstanceOf(EndpointNotAllowed);
    expect(refused({ endpoint: 'http://modelarts.example.com' })).toBeInstanceOf(InvalidConnection);
    expect(refused({ endpoint: 'http://modelarts.example.com', allowInsecureHTTP: true })).toBeUndefined();
    expect(refused({ endpoint: 'ftp://127.0.0.1' })).toBeInstanceOf(InvalidConnection);
    expect(refused({ endpoint: 'no url' })).toBeInstanceOf(InvalidConnection);
    expect(refused({ endpoint: 'https://user:pw@modelarts.example.com' })).toBeInstanceOf(InvalidConnection);
    expect(refused({ endpoint: 'https://modelarts.example.com', caBundle: 'AAAA' })).toBeInstanceOf(
      InvalidConnection,
    );
    const credentials = { type: 'password' as const, username: 'u', password: 'p', domainName: 'd' };
    expect(refused({ endpoint: 'https://modelarts.example.com', credentials })).toBeInstanceOf(
      InvalidConnection,
    );
  });

  it('No secret leaves: makes no connection to a name that resolves to this machine', async () => {
    const server = await script(emptyList);
    const url = server.endpoint.replace('127.0.0.1', 'localhost');
    const dispatcher = createDispatcher({ allowLocal: false, onCertificate: () => undefined });
    bench.afterwards(() => dispatcher.destroy());
    await expect(fetch(url, { dispatcher })).rejects.toMatchObject({ cause: expect.any(EndpointNotAllowed) });
    expect(server.requests()).toBe(0);
  });
});
