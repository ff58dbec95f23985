import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { request } from 'undici';

import { parseBindAddress } from './bind-address.ts';
import { healthRoutes, metricsRoutes } from './health.ts';
import { startHttpEndpoint } from './http-endpoint.ts';

async function get(
  url: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<{ status: number; text: string; type: string }> {
  const answer = await request(url, { method });
  return {
    status: answer.statusCode,
    text: await answer.body.text(),
    type: String(answer.headers['content-type']),
  };
}

const here = { host: '127.0.0.1', port: 0 };

describe('parseBindAddress', () => {
  it.each([
    [':8080', { port: 8080 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9', { host: '::1', port: 9 }],
    ['localhost:65535', { host: 'localhost', port: 65535 }],
    ['0', 'off'],
  ])('reads %s', (text, wanted) => expect(parseBindAddress(text)).toEqual(wanted));

  it.each(['', '8080', ':', ':65536', 'a b:1', 'http://x:1', ':-1', '::1:80'])('refuses %p', (text) => {
    expect(() => parseBindAddress(text)).toThrow(RangeError);
  });
});

describe('startHttpEndpoint', () => {
  it('serves probes that follow the source, and says why it is not ready', async () => {
    let reason: string | undefined = 'caches not synced';
    const endpoint = await startHttpEndpoint({
      what: 'probes',
      flag: '--f',
      address: here,
      routes: healthRoutes({ notReady: () => reason }),
    });
    const url = `http://127.0.0.1:${endpoint.address.port}`;
    try {
      expect(await get(`${url}/readyz`)).toMatchObject({
        status: 503,
        text: 'not ready: caches not synced\n',
      });
      expect(await get(`${url}/healthz`)).toMatchObject({ status: 200, text: 'ok\n' });
      reason = undefined;
      expect(await get(`${url}/readyz?verbose`)).toMatchObject({ status: 200, text: 'ok\n' });
      expect(await get(`${url}/toString`)).toMatchObject({ status: 404, text: 'try /healthz, /readyz\n' });
      expect(await get(`${url}/healthz`, 'POST')).toMatchObject({
        status: 405,
        text: 'only GET is served here\n',
      });
    } finally {
      await endpoint.close();
      await endpoint.close();
    }
  });

  it('serves metrics, and a failing route costs no more than its answer', async () => {
    const registry = new Registry();
    const routes = { ...metricsRoutes(registry), '/bad': () => Promise.reject(new Error('secret detail')) };
    const endpoint = await startHttpEndpoint({ what: 'metrics', flag: '--f', address: here, routes });
    const url = `http://127.0.0.1:${endpoint.address.port}`;
    try {
      expect((await get(`${url}/metrics`)).type).toContain('text/plain');
      expect(await get(`${url}/bad`)).toMatchObject({ status: 500, text: 'internal error\n' });
    } finally {
      await endpoint.close();
    }
  });

  it('says in one sentence what stands in its way', async () => {
    const first = await startHttpEndpoint({ what: 'metrics', flag: '--m', address: here, routes: {} });
    const { port } = first.address;
    const again = startHttpEndpoint({ what: 'metrics', flag: '--m', address: first.address, routes: {} });
    try {
      await expect(again).rejects.toThrow(
        `cannot serve metrics on 127.0.0.1:${port}: the port is in use; choose another with --m, or switch it off with --m=0`,
      );
    } finally {
      await first.close();
    }
  });
});
