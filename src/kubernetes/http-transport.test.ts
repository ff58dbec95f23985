import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';

import { systemRuntime } from '../runtime/system.ts';
import { ApiError, TransportError, isNotFound, isUnknown } from './errors.ts';
import { HttpTransport } from './http-transport.ts';
import { jsonLines } from './json-lines.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let answers: Answer[];
let seen: IncomingMessage[];
let kubeConfig: KubeConfig;
let transport: HttpTransport;
const users: { name: string; token: string }[] = [];

const answer =
  (
    code: number,
    body: string,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end(body);
const status = (code: number, reason: string, message = 'no'): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
const get = { method: 'GET', path: '/api/v1/x' } as const;
const put = { method: 'PUT', path: '/api/v1/x', body: { a: 1 } } as const;

beforeEach(async () => {
  answers = [];
  seen = [];
  server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    const next = answers.shift();
    if (next) next(request, response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  kubeConfig = new KubeConfig();
  users.splice(0, users.length, { name: 'u', token: 'first\n' });
  kubeConfig.loadFromOptions({
    clusters: [
      {
        name: 'c',
        server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`,
        skipTLSVerify: true,
      },
    ],
    users,
    contexts: [{ name: 'k', cluster: 'c', user: 'u' }],
    currentContext: 'k',
  });
  transport = new HttpTransport({ kubeConfig, runtime: systemRuntime, userAgent: 'test/1' });
});

afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
}

describe('request', () => {
  it('keeps the server path, escapes the query, and sends token, agent and content type', async () => {
    await transport.request({
      ...put,
      query: { fieldManager: 'a b', force: undefined },
      contentType: 'application/x+json',
    });
    expect(seen[0]?.url).toBe('/base/api/v1/x?fieldManager=a+b');
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer first',
      'user-agent': 'test/1',
      'content-type': 'application/x+json',
    });
  });

  it('sends nothing after its deadline, though the process was stopped while it waited', async () => {
    let stoppedMs = 0;
    const runtime = {
      ...systemRuntime,
      monotonic: () => systemRuntime.monotonic() + stoppedMs,
      timer: (ms: number, act: () => void) =>
        systemRuntime.timer(ms, () => {
          stoppedMs = 20_000;
          act();
        }),
    };
    const late = new HttpTransport({ kubeConfig, runtime, userAgent: 'test/1' });
    answers.push(answer(429, status(429, 'TooManyRequests'), { 'retry-after': '0' }));
    const error = await failure(late.request({ ...put, deadlineMs: 5_000 }));
    expect(error).toMatchObject({ name: 'TransportError', timedOut: true });
    expect(seen).toHaveLength(1);
    await late.close();
  });

  it.each([429, 503])('waits out a %i with Retry-After, for a write too', async (code) => {
    answers.push(
      answer(code, status(code, 'TooManyRequests'), {
        'content-type': 'application/json',
        'retry-after': '0',
      }),
    );
    expect(await transport.request(put)).toEqual({ ok: true });
    expect(seen).toHaveLength(2);
  });

  it('gives a 429 to the caller when waiting would outlast the deadline', async () => {
    answers.push(answer(429, status(429, 'TooManyRequests'), { 'retry-after': '60' }));
    const error = await failure(transport.request({ ...get, deadlineMs: 500 }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 429, retryAfterMs: 60_000 });
  });

  it('does not repeat a write that got a 500, even with Retry-After', async () => {
    answers.push(answer(500, status(500, 'InternalError'), { 'retry-after': '0' }));
    expect(await failure(transport.request(put))).toMatchObject({ code: 500, reason: 'InternalError' });
    expect(seen).toHaveLength(1);
  });

  it('reads the token again after a 401, and tries once more only if it changed', async () => {
    answers.push((_request, response) => {
      (users[0] as { token: string }).token = 'second';
      response.writeHead(401).end(status(401, 'Unauthorized'));
    });
    expect(await transport.request(put)).toEqual({ ok: true });
    expect(seen[1]?.headers.authorization).toBe('Bearer second');
    answers.push(answer(401, status(401, 'Unauthorized')));
    expect(await failure(transport.request(put))).toMatchObject({ code: 401 });
    expect(seen).toHaveLength(3);
  });

  it('reads it again, too, where something before the apiserver answers 401', async () => {
    answers.push((_request, response) => {
      (users[0] as { token: string }).token = 'second';
      response.writeHead(401).end('Unauthorized');
    });
    expect(await transport.request(put)).toEqual({ ok: true });
  });

  it.each([401, 403, 404])(
    'a %i that is no Status is no word of the apiserver, whatever it holds',
    async (code) => {
      const page = '<html>secret</html>';
      const others = ['{"error":"secret"}', '[]', 'null', ''];
      answers.push(
        answer(code, page, { 'content-type': 'text/html' }),
        ...others.map((b) => answer(code, b)),
      );
      expect(await failure(transport.request(put))).toMatchObject({
        ...{ name: 'TransportError', code },
        message: `PUT /api/v1/x: HTTP ${code} with text/html where a Kubernetes Status was expected; is this the apiserver?`,
      });
      for (const _ of others)
        expect(await failure(transport.request(put))).toMatchObject({ name: 'TransportError', code });
    },
  );

  it('only a Status says that there is no object; of a group, the plain words of an apiserver do', async () => {
    const said = async (...given: Parameters<typeof answer>): Promise<[boolean, boolean]> => {
      answers.push(answer(...given));
      const error = await failure(transport.request(put));
      return [isNotFound(error), isUnknown(error)];
    };
    expect(await said(404, status(404, 'NotFound'))).toEqual([true, true]);
    expect(await said(404, '404 page not found\n', { 'content-type': 'text/plain' })).toEqual([false, true]);
    expect(await said(404, '<h1>404 page not found</h1>')).toEqual([false, false]);
  });

  it('does not echo a page of HTML, in success or failure', async () => {
    const page = '<html>secret</html>';
    answers.push(
      answer(502, page, { 'content-type': 'text/html' }),
      answer(200, page, { 'content-type': 'text/html' }),
    );
    expect(await failure(transport.request(put))).toMatchObject({
      name: 'ApiError',
      code: 502,
      message: 'PUT /api/v1/x: 502 HTTP 502 with text/html without a Kubernetes Status',
    });
    const error = await failure(transport.request(put));
    expect(error).toBeInstanceOf(TransportError);
    expect((error as Error).message).toBe(
      'PUT /api/v1/x: HTTP 200 with text/html where JSON was expected; is this the apiserver?',
    );
  });
});

describe('stream', () => {
  const lines = async (): Promise<unknown[]> => {
    const got: unknown[] = [];
    for await (const line of jsonLines(await transport.stream(get))) got.push(line);
    return got;
  };

  it('yields lines however they are cut into chunks, and drops a half one at the end', async () => {
    answers.push((_request, response) => {
      const bytes = Buffer.from('{"n":"é"}\n\n{"n":2}\n{"n":');
      response.writeHead(200);
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(await lines()).toEqual([{ n: 'é' }, { n: 2 }]);
  });

  it('a line that is not JSON, or without end, is refused without being shown', async () => {
    answers.push(answer(200, 'secret\n'), answer(200, 'x'.repeat(200)));
    expect(await failure(lines())).toMatchObject({
      name: 'UndecodableLine',
      message: 'a line of 6 characters that is not JSON',
    });
    const endless = (async () => {
      for await (const line of jsonLines(await transport.stream(get), 100)) expect(line).toBeUndefined();
    })();
    expect(await failure(endless)).toMatchObject({ message: 'a line of more than 100 bytes' });
  });

  it('of a refusal without end only the beginning is read', async () => {
    const closed = Promise.withResolvers<void>();
    answers.push((_request, response) => {
      const part = 'x'.repeat(1 << 16);
      const more = (): void => {
        while (!response.destroyed && response.write(part));
      };
      response.writeHead(500).on('drain', more).on('close', closed.resolve);
      more();
    });
    expect(await failure(transport.stream({ ...get, deadlineMs: 2_000 }))).toMatchObject({
      ...{ name: 'ApiError', code: 500 },
      message: 'GET /api/v1/x: 500 HTTP 500 with no content type without a Kubernetes Status',
    });
    await closed.promise;
  });

  it('a stream that is cut is a TransportError; a refusal is what the server said', async () => {
    answers.push((_request, response) => {
      response.writeHead(200);
      response.write('{"n":1}\n', () => response.destroy());
    });
    expect(await failure(lines())).toBeInstanceOf(TransportError);
    answers.push(answer(410, status(410, 'Expired')));
    expect(await failure(lines())).toMatchObject({ code: 410, reason: 'Expired' });
  });
});
