import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fetch } from 'undici';

import { EndpointNotAllowed } from '../../../src/api/errors.ts';
import type { Connection } from '../../../src/api/upstream.ts';
import { createDispatcher, type Resolve } from '../../../src/modelarts/network.ts';
import { demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { connectProxy } from '../../support/connect-proxy.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { smallWorld } from '../lifecycle/small-world.ts';
import { Bench, listPools } from '../modelarts/support/bench.ts';

const bench = new Bench();
afterEach(() => bench.clear());

/** A server on this machine, and what reached it. */
async function serve(
  answer: RequestListener = (_request, response) => response.end('{}'),
): Promise<{ readonly port: number; readonly reached: string[] }> {
  const reached: string[] = [];
  const server = createServer((request, response) => {
    reached.push(
      `${request.method} ${request.url} ${String(request.headers['x-auth-token'] ?? 'without a token')}`,
    );
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bench.afterwards(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, reached };
}

/** Each answer of the resolver in turn, the last one for good. */
function resolver(...answers: readonly (readonly string[])[]): { resolve: Resolve; asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    resolve: (_hostname, _options, callback) => {
      const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
  };
}

describe('SSRF: a name that leads to this machine', () => {
  const through = (resolve: Resolve): ReturnType<typeof createDispatcher> => {
    const dispatcher = createDispatcher({ allowLocal: false, resolve, onCertificate: () => undefined });
    bench.afterwards(() => dispatcher.destroy());
    return dispatcher;
  };

  it.each([
    ['loopback', ['127.0.0.1']],
    ['IPv6 loopback', ['::1']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['a metadata service', ['169.254.169.254']],
    ['a link-local address', ['fe80::1%eth0']],
    ['a public address and this machine', ['203.0.113.7', '127.0.0.1']],
    ['the unspecified address', ['0.0.0.0']],
  ])('is refused when the socket is to be made: %s', async (_what, addresses) => {
    const server = await serve();
    const dispatcher = through(resolver(addresses).resolve);
    await expect(fetch(`http://modelarts.example:${server.port}/`, { dispatcher })).rejects.toMatchObject({
      cause: expect.any(EndpointNotAllowed),
    });
    expect(server.reached).toEqual([]);
  });

  it('is refused at the first connection for which the name has changed', async () => {
    const server = await serve();
    const rebinding = resolver(['203.0.113.7'], ['127.0.0.1']);
    const dispatcher = through(rebinding.resolve);
    const url = `http://modelarts.example:${server.port}/`;
    // Nobody answers at the first address (RFC 5737); whether that shows at once is the network's to say.
    const patience = new AbortController();
    const first = expect(fetch(url, { dispatcher, signal: patience.signal })).rejects.toThrow();
    await eventually(() => rebinding.asked() === 1);
    patience.abort();
    await first;
    await expect(fetch(url, { dispatcher })).rejects.toMatchObject({ cause: expect.any(EndpointNotAllowed) });
    expect(rebinding.asked()).toBe(2);
    expect(server.reached).toEqual([]);
  });
});

describe('SSRF: a reader', () => {
  const credentials = { type: 'password' as const, username: 'u', password: 'p', domainName: 'd' };
  const opening = (connection: Partial<Connection> & { endpoint: string }, proxy?: string) => () =>
    bench.open(connection, {
      endpoints: { allowLocal: false },
      ...(proxy !== undefined && { proxy: { httpProxy: proxy, httpsProxy: proxy } }),
    });

  it.each([
    ['the endpoint', { endpoint: 'https://169.254.169.254/latest/meta-data/' }],
    [
      'the IAM endpoint',
      { endpoint: 'https://modelarts.example', iamEndpoint: 'https://[::1]/v3', credentials },
    ],
  ])('is not made for a local address as %s, nor through a proxy', async (_what, connection) => {
    const proxy = await connectProxy({});
    bench.afterwards(() => proxy.close());
    expect(opening(connection)).toThrow(EndpointNotAllowed);
    expect(opening(connection, `http://127.0.0.1:${proxy.port}`)).toThrow(EndpointNotAllowed);
    expect(proxy.asked).toEqual([]);
  });

  it.each(['https://modelarts.example@127.0.0.1', 'https://modelarts.example:x@[::1]/'])(
    'is not made for %s, which hides its host behind a user',
    (endpoint) => expect(opening({ endpoint })).toThrow(/without user, password/),
  );

  it('follows no redirect, to the same host or another, and takes its credential nowhere', async () => {
    const other = await serve();
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await serve((_request, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${other.port}/v2/p/pools` }).end();
      });
      const { reader } = bench.open(
        { endpoint: `http://127.0.0.1:${server.port}` },
        { patience: { tries: 1 } },
      );
      await expect(listPools(reader)).rejects.toThrow(/redirects are not followed/);
      expect(server.reached).toEqual([expect.stringContaining(demoToken)]);
    }
    expect(other.reached).toEqual([]);
  });

  it('follows no redirect of IAM, which would hand the password on', async () => {
    const other = await serve();
    const iam = await serve((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${other.port}/v3/auth/tokens` }).end();
    });
    const at = `http://127.0.0.1:${iam.port}`;
    const { reader } = bench.open({ endpoint: at, iamEndpoint: at, credentials }, { patience: { tries: 1 } });
    await expect(listPools(reader)).rejects.toThrow();
    expect(iam.reached).toEqual(['POST /v3/auth/tokens?nocatalog=true without a token']);
    expect(other.reached).toEqual([]);
  });
});

describe('SSRF: an operator that may not go to this machine', () => {
  it('says so in the condition of the project, and sends nothing', async () => {
    const stage = await Stage.open({
      scenario: smallWorld(),
      operator: { endpoints: { allowLocal: false } },
    });
    try {
      const { port } = new URL(stage.simulator.url);
      await stage.connect({ wait: false });
      await stage.connect({
        name: 'by-name',
        wait: false,
        spec: { endpoint: `http://localhost:${port}` as never },
      });
      for (const name of ['demo', 'by-name']) {
        await eventually(async () =>
          expect(said(await stage.cluster.projects.get(name), 'Ready')).toBe('False/EndpointNotAllowed'),
        );
        expect(messageOf(await stage.cluster.projects.get(name), 'Ready')).toMatch(/--allow-local-endpoints/);
      }
      expect(stage.simulator.requests().total).toBe(0);
    } finally {
      await stage.close();
    }
  });
});
