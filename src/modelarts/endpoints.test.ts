import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertAllowed, buildURL, operations } from './endpoints.ts';

const base = new URL('https://modelarts.example.com/prefix/');
const ids = { project: '0123456789abcdef0123456789abcdef', pool: 'pool-a1' };

describe('buildURL', () => {
  it('puts ids and query where they belong, below the prefix', () => {
    const url = buildURL(base, operations.listWorkloads, ids, [
      ['type', undefined],
      ['sort', 'create_time'],
      ['labelSelector', 'a=b c'],
    ]);
    expect(url.href).toBe(
      `https://modelarts.example.com/prefix/v2/${ids.project}/pools/pool-a1/workloads?labelSelector=a%3Db%20c&sort=create_time`,
    );
  });

  it.each(['..', '.', 'a/b', 'a%2fb', '', 'a?b', 'a#b', 'ä', 'a b', 'x'.repeat(129)])(
    'refuses the id %j',
    (pool) => {
      expect(() => buildURL(base, operations.getPool, { ...ids, pool })).toThrow(
        expect.objectContaining({ kind: 'NotAllowed' }),
      );
    },
  );
});

describe('assertAllowed', () => {
  it.each(Object.values(operations))('allows %s', (operation) => {
    const [method = ''] = operation.split(' ');
    expect(assertAllowed(base, method, buildURL(base, operation, ids))).toBe(operation);
  });

  it.each([
    ['DELETE', '/prefix/v2/p/pools/a'],
    ['POST', '/prefix/v2/p/pools'],
    ['PATCH', '/prefix/v2/p/pools/a'],
    ['GET', '/prefix/v2/p/pools/a/b/c'],
    ['GET', '/v2/p/pools'],
    ['GET', '/prefix/v3/auth/tokens'],
    ['get', '/prefix/v2/p/pools'],
    ['GET', '/prefix/v2/p/pools/%2e%2e%2fx'],
  ])('Read-only, provably: stops %s %s', (method, path) => {
    expect(() => assertAllowed(base, method, new URL(path, base))).toThrow(
      expect.objectContaining({ kind: 'NotAllowed' }),
    );
  });

  it('Read-only, provably: stops an allowed path at another host', () => {
    expect(() =>
      assertAllowed(base, 'GET', new URL('https://other.example.com/prefix/v2/p/pools')),
    ).toThrow();
  });

  it('Read-only, provably: allows no method but GET, and one POST', () => {
    const methods = fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE');
    const paths = fc.constantFrom(
      ...Object.values(operations).map((operation) => buildURL(base, operation, ids)),
    );
    fc.assert(
      fc.property(methods, paths, (method, url) => {
        if (method === 'POST' && url.pathname.endsWith('/auth/tokens')) return;
        expect(() => assertAllowed(base, method, url)).toThrow();
      }),
    );
  });
});
