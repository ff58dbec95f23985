import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';

import type { UpstreamError } from '../../../src/api/errors.ts';
import { demoScenario } from '../../../src/simulator/scenarios/demo.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { connectProxy, type ConnectProxy } from '../../support/connect-proxy.ts';
import { eventually } from '../../support/eventually.ts';
import { tlsFront } from '../../support/tls-front.ts';
import { Bench, listPools, type Opened } from './support/bench.ts';

const bench = new Bench();
afterEach(() => bench.clear());

const project = demoScenario.projects[0]!;
const user = project.users![0]!;
const login = {
  type: 'password' as const,
  username: user.name,
  password: user.password,
  domainName: project.domain!,
};
const authority = makeAuthority('the test');
const caBundle = Buffer.from(authority.cert).toString('base64');
const endpoint = 'https://modelarts.example';
const iamEndpoint = 'https://iam.example/v3';
const proxyPassword = 'proxy-pass%40word';

interface World {
  readonly simulator: Simulator;
  readonly proxy: ConnectProxy;
  /** The proxy's URL, with credentials. */
  readonly url: string;
}

/** ModelArts and IAM behind TLS, at names that only the proxy can resolve. */
async function world(): Promise<World> {
  const simulator = await bench.simulate();
  const plain = Number(new URL(simulator.url).port);
  const hosts = ['modelarts.example', 'iam.example'];
  const front = await tlsFront(plain, makeCertificate({ name: 'both', hosts, issuer: authority }));
  bench.afterwards(() => front.close());
  const proxy = await connectProxy({
    'modelarts.example:443': front.port,
    'iam.example:443': front.port,
    'modelarts.example': plain,
  });
  bench.afterwards(() => proxy.close());
  return { simulator, proxy, url: `http://operator:${proxyPassword}@127.0.0.1:${proxy.port}` };
}

describe('a reader behind a proxy', () => {
  it('reaches ModelArts and IAM through it, with the credentials of its URL', async () => {
    const { simulator, proxy, url } = await world();
    const { reader } = bench.open(
      { endpoint, iamEndpoint, caBundle, credentials: login },
      { proxy: { httpsProxy: url } },
    );
    expect((await listPools(reader)).value.items.length).toBeGreaterThan(1);
    for (let more = 0; more < 9; more++) await listPools(reader);
    expect(simulator.requests().byCall).toEqual({ CreateToken: 1, ListPools: 10 });
    const authorization = `Basic ${Buffer.from('operator:proxy-pass@word').toString('base64')}`;
    const [first, ...tunnels] = proxy.asked;
    expect(first).toEqual({ target: 'iam.example:443', authorization });
    // Kept for the next requests; another where the next came before one was free again.
    expect(tunnels.length).toBeLessThan(5);
    for (const tunnel of tunnels) expect(tunnel).toEqual({ target: 'modelarts.example:443', authorization });
  });

  it('takes HTTP_PROXY for plain http, without a tunnel', async () => {
    const { proxy, url } = await world();
    const { reader } = bench.open(
      { endpoint: 'http://modelarts.example', allowInsecureHTTP: true },
      { proxy: { httpProxy: url } },
    );
    expect((await listPools(reader)).value.items.length).toBeGreaterThan(1);
    expect(proxy.asked.map(({ target }) => target)).toEqual(['modelarts.example']);
  });

  it.each(['iam.example', '.example:443', '*', '10.0.0.0/8,*.example'])(
    'goes straight to IAM with NO_PROXY=%s',
    async (noProxy) => {
      const { proxy, url } = await world();
      const { reader } = bench.open(
        { endpoint, iamEndpoint, caBundle, credentials: login },
        { proxy: { httpsProxy: url, noProxy } },
      );
      // Without the proxy nobody knows the name.
      await expect(listPools(reader)).rejects.toMatchObject({
        kind: 'Unreachable',
        message: expect.stringMatching(/^POST \/v3\/auth\/tokens got no answer \((ENOTFOUND|EAI_AGAIN)/),
      });
      expect(proxy.asked).toEqual([]);
    },
  );

  it('goes straight to this machine, whatever the variables say', async () => {
    const { simulator, proxy, url } = await world();
    const { reader } = bench.open(
      { endpoint: simulator.url },
      { proxy: { httpProxy: url, httpsProxy: url } },
    );
    await listPools(reader);
    expect(proxy.asked).toEqual([]);
  });

  describe('No secret leaves: says what is wrong with it, and shows its host only,', () => {
    let here: World;
    let opened: Opened;
    const failure = async (): Promise<UpstreamError> =>
      (await listPools(opened.reader).catch((thrown: unknown) => thrown)) as UpstreamError;
    const shown = (error: UpstreamError): string => inspect(error, { depth: 10, showHidden: true });

    const begin = async (over: { url?: string; patience?: object } = {}): Promise<void> => {
      here = await world();
      opened = bench.open(
        { endpoint, caBundle },
        {
          proxy: { httpsProxy: over.url ?? here.url },
          patience: { tries: 1, ...over.patience },
        },
      );
    };

    it.each([
      [407, 'It asks for a user and a password'],
      [403, 'The proxy does not let the operator to the endpoint. Allow it there'],
      [502, 'The proxy cannot reach the endpoint. Check the endpoint'],
    ])('when it answers %d', async (status, advice) => {
      await begin();
      here.proxy.refuse(status);
      const error = await failure();
      expect(error).toMatchObject({ kind: 'Unreachable' });
      expect(error.message).toBe(
        `GET /v2/{project}/pools got no answer through the proxy 127.0.0.1:${here.proxy.port} (HTTP ${status}). ` +
          error.message.slice(error.message.indexOf(advice)),
      );
      expect(shown(error)).not.toMatch(/pass(%40|@)word|b3BlcmF0b3I6/);
      here.proxy.refuse(undefined);
      // Two seconds are little for one try on a busy machine.
      await eventually(() => listPools(opened.reader));
    });

    it('when nobody listens there', async () => {
      const gone = await connectProxy({});
      await gone.close();
      await begin({ url: `http://operator:${proxyPassword}@127.0.0.1:${gone.port}` });
      const error = await failure();
      expect(error.message).toMatch(
        new RegExp(
          `through the proxy 127\\.0\\.0\\.1:${gone.port} \\(ECONNREFUSED.*Check the proxy's host and port\\.$`,
        ),
      );
      expect(shown(error)).not.toMatch(/pass(%40|@)word|b3BlcmF0b3I6/);
    });

    it('when it takes the connection and says nothing', async () => {
      await begin({ patience: { tryMs: 200_000, tries: 1 } });
      here.proxy.refuse('silently');
      expect((await failure()).message).toBe(
        'GET /v2/{project}/pools was not answered within 200 s. ' +
          `Check the proxy 127.0.0.1:${here.proxy.port}, the network and the endpoint.`,
      );
      here.proxy.refuse(undefined);
      await listPools(opened.reader);
    });
  });
});
