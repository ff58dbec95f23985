import { AKSKSigner } from '@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Gateway } from './gateway.ts';
import {
  canonicalRequest,
  isSignedWith,
  parseAuthorization,
  stringToSign,
  type SignedRequest,
} from './signature.ts';
import { World } from './world.ts';

interface Vector {
  name: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  canonicalRequest: string;
  stringToSign: string;
  authorization: string;
}
const { accessKey, secretKey, vectors } = JSON.parse(
  readFileSync(new URL('../modelarts/fixtures/signing-vectors.json', import.meta.url), 'utf8'),
) as { accessKey: string; secretKey: string; vectors: Vector[] };
const project = '0123456789abcdef0123456789abcdef';

function requestOf(vector: Vector): SignedRequest {
  const url = new URL(vector.url);
  return {
    method: vector.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: {
      host: url.host,
      authorization: vector.authorization,
      ...Object.fromEntries(
        Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    },
    body: Buffer.from(vector.body),
  };
}

describe('signatures', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'verify as in the vector %s',
    (_name, vector) => {
      const request = requestOf(vector);
      const parts = parseAuthorization(vector.authorization)!;
      expect(canonicalRequest(request, parts.signedHeaders)).toBe(vector.canonicalRequest);
      expect(stringToSign(request, parts.signedHeaders)).toBe(vector.stringToSign);
      expect(isSignedWith(request, parts, secretKey)).toBe(true);
      expect(isSignedWith({ ...request, query: 'other=1' }, parts, secretKey)).toBe(false);
      expect(isSignedWith(request, parts, `${secretKey}x`)).toBe(false);
    },
  );
});

describe('Gateway', () => {
  const signed = (sk: string, date: string): SignedRequest => {
    const headers = { 'X-Sdk-Date': date, 'X-Project-Id': project, Host: 'modelarts.example.com' };
    const path = `/v2/${project}/pools`;
    const result = AKSKSigner.sign(
      {
        endpoint: `https://modelarts.example.com${path}`,
        method: 'GET',
        queryParams: { limit: 5 },
        headers,
        data: undefined,
      },
      { getAk: () => accessKey, getSk: () => sk } as never,
    ) as Record<string, string>;
    const all = Object.entries({ ...headers, ...result }).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    return { method: 'GET', path, query: 'limit=5', headers: Object.fromEntries(all), body: Buffer.alloc(0) };
  };
  const start = Date.UTC(2025, 0, 2, 3, 4, 5);
  const newWorld = (): World => {
    const world = new World({ seed: 1, start });
    world.addProject({ id: project, keys: [{ accessKey, secretKey }] });
    return world;
  };

  it("accepts the vendor's signer within 15 minutes", () => {
    const world = newWorld();
    const gateway = new Gateway();
    const request = signed(secretKey, '20250102T030405Z');
    expect(gateway.projectOf(world, request, project).id).toBe(project);
    world.advanceTo(start + 15 * 60_000);
    expect(gateway.projectOf(world, request, project).id).toBe(project);
    world.advanceTo(start + 15 * 60_000 + 1);
    expect(() => gateway.projectOf(world, request, project)).toThrow('signature expired');
  });

  it('locks a key for five minutes after more than five failures in a row', () => {
    const world = newWorld();
    const gateway = new Gateway();
    const good = signed(secretKey, '20250102T030405Z');
    const bad = signed('wrong', '20250102T030405Z');
    const attempt = (request: SignedRequest) => (): unknown => gateway.projectOf(world, request, project);
    for (let i = 0; i < 5; i++) expect(attempt(bad)).toThrow('verify aksk signature fail');
    expect(attempt(good)).not.toThrow();
    for (let i = 0; i < 6; i++) expect(attempt(bad)).toThrow('verify aksk signature fail');
    expect(attempt(good)).toThrow('reach the limit');
    world.advanceTo(start + 5 * 60_000);
    expect(attempt(good)).not.toThrow();
  });
});
