import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';

import { operations } from '../../src/modelarts/endpoints.ts';
import { readRequests, reads, requestLine, requestProblems, requestsReport } from '../../tools/read-only.ts';
import { root } from '../../tools/run-command.ts';
import { Program } from '../support/program.ts';

describe("Read-only, provably: the operator's list of requests", () => {
  it('is that of the API reference, written down a second time by hand', () => {
    expect(Object.values(operations).sort()).toEqual([...reads].sort());
  });

  it('changes nothing: GETs, and the POST for a token', () => {
    const methods = reads.map((read) => read.split(' ')[0]);
    expect(methods.filter((method) => method !== 'GET')).toEqual(['POST']);
    expect(reads.find((read) => read.startsWith('POST'))).toBe('POST /v3/auth/tokens');
  });
});

describe('what the servers of the tests were asked', () => {
  it.each([
    ['GET', '/v2/p1/pools?workspaceId=0', 'GET /v2/{project}/pools'],
    ['GET', '/v2/p1/pools/pool-a/workloads', 'GET /v2/{project}/pools/{pool}/workloads'],
    ['POST', '/v3/auth/tokens?nocatalog=true', 'POST /v3/auth/tokens'],
    ['GET', 'http://modelarts.example/v1/p1/workspaces', 'GET /v1/{project}/workspaces'],
    ['GET', '/gateway/modelarts/v2/p1/pools', 'GET /v2/{project}/pools'],
    ['DELETE', '/v2/p1/pools/pool-a', 'DELETE /v2/p1/pools/pool-a'],
    ['PATCH', '/v2/p1/pools/pool-a', 'PATCH /v2/p1/pools/pool-a'],
    ['POST', '/v2/p1/pools', 'POST /v2/p1/pools'],
    ['GET', '/v2/p1/pools/pool-a/nodes', 'GET /v2/p1/pools/pool-a/nodes'],
    ['GET', '/v2/p1/pools/', 'GET /v2/p1/pools/'],
    ['POST', '/_sim/state', undefined],
    ['PUT', '/apis/modelarts-operator.dev/v1alpha1/modelartspools', undefined],
    ['GET', '/metrics', undefined],
  ])('%s %s is %s', (method, target, line) => {
    expect(requestLine(method, target)).toBe(line);
  });

  it('is well when each read was seen, and nothing else', () => {
    const seen = new Map<string, number>(reads.map((read) => [read, 3]));
    expect(requestProblems(seen, true)).toEqual([]);
    seen.delete(reads[0]);
    seen.set('DELETE /v2/p1/pools/pool-a', 1);
    expect(requestProblems(seen, false)).toEqual([
      'ModelArts was asked what is no read of the list: DELETE /v2/p1/pools/pool-a',
    ]);
    expect(requestProblems(seen, true)).toEqual([
      'ModelArts was asked what is no read of the list: DELETE /v2/p1/pools/pool-a',
      `in the list of tools/read-only.ts, and asked in no test: ${reads[0]}`,
    ]);
    expect(requestsReport(new Map([['a', 2]]))).toEqual([
      'ModelArts was asked 2 times by these tests:',
      '        2  a',
    ]);
  });

  it('is witnessed in whatever process has a server, to its end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'requests-'));
    try {
      const server = `
        const server = require('node:http').createServer((request, response) => response.end());
        server.listen(0, '127.0.0.1', async () => {
          const at = 'http://127.0.0.1:' + server.address().port;
          await fetch(at + '/v2/p/pools?workspaceId=0');
          await fetch(at + '/v2/p/pools');
          await fetch(at + '/v2/p/pools/a', { method: 'DELETE' });
          process.exit(0);
        });`;
      const witness = pathToFileURL(join(root, 'test/support/witness.mjs')).href;
      const env = { NODE_OPTIONS: `--import=${witness}`, MODELARTS_TEST_REQUESTS: folder };
      const { code, stderr } = await new Program([process.execPath, '-e', server], { cwd: '/', env }).ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(await readRequests(folder)).toEqual(
        new Map([
          ['GET /v2/{project}/pools', 2],
          ['DELETE /v2/p/pools/a', 1],
        ]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
