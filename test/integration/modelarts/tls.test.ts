import { afterEach, describe, expect, it } from '@jest/globals';

import {
  makeAuthority,
  makeCertificate,
  type Authority,
  type CertificateOptions,
} from '../../support/certificates.ts';
import { tlsFront } from '../../support/tls-front.ts';
import { Bench, listPools } from './support/bench.ts';

const bench = new Bench();
afterEach(() => bench.clear());

const authority = makeAuthority('the company');
const hour = 3_600_000;
const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
const once = { patience: { tries: 1 } };

/** The simulator behind TLS on this machine. */
async function secured(
  certificate: Partial<CertificateOptions> = {},
  issuer: Authority | 'itself' = authority,
): Promise<string> {
  const simulator = await bench.simulate();
  const front = await tlsFront(
    Number(new URL(simulator.url).port),
    makeCertificate({
      name: 'modelarts',
      hosts: ['127.0.0.1', 'localhost'],
      ...(issuer !== 'itself' && { issuer }),
      ...certificate,
    }),
  );
  bench.afterwards(() => front.close());
  return `https://127.0.0.1:${front.port}`;
}

const messageOf = async (endpoint: string, ca: string | undefined = authority.cert): Promise<string> => {
  const connection = { endpoint, ...(ca !== '' && { caBundle: base64(ca) }) };
  const error: unknown = await listPools(bench.open(connection, once).reader).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ kind: 'Unreachable', operation: 'GET /v2/{project}/pools' });
  return (error as Error).message;
};

describe('tls.caBundle', () => {
  it('is trusted, for ModelArts and for IAM, beside what is trusted anyway', async () => {
    const endpoint = await secured();
    const credentials = { type: 'password' as const, username: 'u', password: 'wrong', domainName: 'd' };
    const { reader } = bench.open({ endpoint, caBundle: base64(authority.cert) });
    expect((await listPools(reader)).value.items.length).toBeGreaterThan(1);
    const other = bench.open({
      endpoint,
      iamEndpoint: endpoint,
      caBundle: base64(authority.cert),
      credentials,
    });
    // What IAM says to a wrong password: TLS was agreed upon.
    await expect(listPools(other.reader)).rejects.toMatchObject({ kind: 'Unauthorized' });
  });

  it('lets the end of the certificate be known', async () => {
    const notAfter = new Date('2048-01-01T00:00:00Z');
    const endpoint = await secured({ notAfter });
    const { reader } = bench.open({ endpoint, caBundle: base64(authority.cert) });
    expect(reader.expirations()).toEqual({ certificates: new Map() });
    await listPools(reader);
    const certificates = new Map([[new URL(endpoint).host, notAfter.getTime()]]);
    expect(reader.expirations()).toEqual({ certificates });
  });

  it('may hold several authorities', async () => {
    const endpoint = await secured();
    const bundle = makeAuthority('the old company').cert + authority.cert;
    const { reader } = bench.open({ endpoint, caBundle: base64(bundle) });
    await listPools(reader);
  });

  it("is not another project's", async () => {
    const endpoint = await secured();
    await listPools(bench.open({ endpoint, caBundle: base64(authority.cert) }).reader);
    expect(await messageOf(endpoint, '')).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });
});

describe('a certificate that cannot be trusted', () => {
  const trust =
    "The certificate's authority is not trusted here. Put its certificate into tls.caBundle, or for all projects " +
    "into the file that the operator's environment variable NODE_EXTRA_CA_CERTS names.";

  it('of an authority that is not in the bundle', async () => {
    const foreign = makeAuthority('somebody').cert;
    expect(await messageOf(await secured(), foreign)).toBe(
      `GET /v2/{project}/pools got no answer (UNABLE_TO_VERIFY_LEAF_SIGNATURE: unable to verify the first certificate). ${trust}`,
    );
  });

  it('signed by itself', async () => {
    const message = await messageOf(await secured({}, 'itself'));
    expect(message).toContain('(DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate)');
    expect(message).toContain(trust);
  });

  it('that has expired', async () => {
    const past = { notBefore: new Date(Date.now() - 9 * hour), notAfter: new Date(Date.now() - hour) };
    expect(await messageOf(await secured(past))).toBe(
      'GET /v2/{project}/pools got no answer (CERT_HAS_EXPIRED: certificate has expired). ' +
        'Have the certificate renewed there; or set the clock here right.',
    );
  });

  it('that is not valid yet', async () => {
    const future = { notBefore: new Date(Date.now() + hour), notAfter: new Date(Date.now() + 9 * hour) };
    expect(await messageOf(await secured(future))).toMatch(/CERT_NOT_YET_VALID.*Set the clock here right/);
  });

  it('for another host', async () => {
    expect(await messageOf(await secured({ hosts: ['modelarts.example'] }))).toMatch(
      /ERR_TLS_CERT_ALTNAME_INVALID: .*127\.0\.0\.1.*\. The certificate is for other hosts\. Check the host in the endpoint\.$/,
    );
  });

  it('and none at all: a port that speaks no TLS', async () => {
    const { url } = await bench.simulate();
    expect(await messageOf(url.replace('http:', 'https:'))).toMatch(
      /No TLS was agreed upon\. Check that the endpoint has the right scheme and port\.$/,
    );
  });
});
