import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { root } from '../../../tools/run-command.ts';
import { makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { connectProxy, type ConnectProxy } from '../../support/connect-proxy.ts';
import { Program, type Outcome } from '../../support/program.ts';
import { tlsFront } from '../../support/tls-front.ts';
import { Bench } from './support/bench.ts';

const bench = new Bench();
const authority = makeAuthority('the company');
const password = 'proxy-password';
let proxy: ConnectProxy;
let url: string;
let authorities: string;

beforeEach(async () => {
  const simulator = await bench.simulate();
  const front = await tlsFront(
    Number(new URL(simulator.url).port),
    makeCertificate({ name: 'modelarts', hosts: ['modelarts.example'], issuer: authority }),
  );
  proxy = await connectProxy({ 'modelarts.example:443': front.port });
  url = `http://operator:${password}@127.0.0.1:${proxy.port}`;
  const folder = await mkdtemp(join(tmpdir(), 'environment-'));
  authorities = join(folder, 'authorities.pem');
  await writeFile(authorities, authority.cert);
  bench.afterwards(async () => {
    await Promise.all([proxy.close(), front.close()]);
    await rm(folder, { recursive: true });
  });
});
afterEach(() => bench.clear());

/** A process of its own with this environment, which reads the demo once. */
async function read(env: Readonly<Record<string, string>>): Promise<Outcome> {
  const args = ['export', '--endpoint=https://modelarts.example', `--project-id=${demoProjectID}`];
  const program = new Program([process.execPath, join(root, 'src/main.ts'), ...args], {
    cwd: '/',
    env: { MODELARTS_TOKEN: demoToken, NODE_EXTRA_CA_CERTS: authorities, ...env },
  });
  const outcome = await program.ended;
  expect(outcome.stdout + outcome.stderr).not.toContain(password);
  return outcome;
}

describe('the environment of a process', () => {
  it('names the proxy in HTTPS_PROXY and the authorities in NODE_EXTRA_CA_CERTS', async () => {
    const { code, stdout, stderr } = await read({ HTTPS_PROXY: url });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('kind: ModelArtsPool');
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  it('is read in lower case first', async () => {
    const nobody = `http://operator:${password}@127.0.0.1:1`;
    const { code } = await read({
      https_proxy: url,
      HTTPS_PROXY: nobody,
      NO_PROXY: '*',
      no_proxy: 'none.example',
    });
    expect(code).toBe(0);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  it('exempts hosts in NO_PROXY', async () => {
    const { code, stderr } = await read({ HTTPS_PROXY: url, NO_PROXY: '10.0.0.0/8,.example' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(proxy.asked).toEqual([]);
  });

  it('gets a proxy that refuses named by its host', async () => {
    proxy.refuse(407);
    const { code, stderr } = await read({ HTTPS_PROXY: url });
    expect(code).toBe(1);
    expect(stderr).toContain(`through the proxy 127.0.0.1:${proxy.port} (HTTP 407)`);
  });

  it('gets a variable that is no URL named', async () => {
    const { code, stderr } = await read({ HTTPS_PROXY: `ftp://operator:${password}@proxy.example` });
    expect(code).not.toBe(0);
    expect(stderr).toContain(
      'environment variable HTTPS_PROXY must be a URL such as http://proxy.example.com:3128',
    );
  });
});
