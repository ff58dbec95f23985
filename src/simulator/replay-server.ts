import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { RecordedExchange } from '../api/recording.ts';
import type { Clock } from '../runtime/clock.ts';
import { Replay } from './replay.ts';

export interface ReplayOptions {
  readonly clock: Clock;
  readonly exchanges: readonly RecordedExchange[];
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** How much faster than it was recorded. Default 1; 0 stands still at the beginning. */
  readonly speed?: number;
  /** Told of each request that was not recorded: method, path and query. */
  readonly onUnrecorded?: (request: string) => void;
}

export interface ReplayServer {
  /** Base URL of ModelArts and IAM, without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Where a token is made; any user and password get one. */
const tokenCall = 'POST /v3/auth/tokens';

/**
 * Serves a recording on the loopback address; its time begins with the first request. Credentials are not looked at.
 * Rejects with the system's error when the port cannot be had.
 */
export async function startReplay(options: ReplayOptions): Promise<ReplayServer> {
  const { clock, speed = 1, onUnrecorded = () => undefined } = options;
  const replay = new Replay(options.exchanges);
  let began: number | undefined;
  const server = createServer((request, response) => {
    request.resume();
    const { method = 'GET', url = '/' } = request;
    const [path = '/', query = ''] = url.split(/\?(.*)/s, 2);
    response.sendDate = false;
    if (`${method} ${path}` === tokenCall) return sendToken(response, clock.now());
    began ??= clock.monotonic();
    const exchange = replay.answer(method, path, query, (clock.monotonic() - began) * speed);
    if (exchange !== undefined) return send(response, exchange);
    onUnrecorded(`${method} ${url}`);
    sendJSON(response, 404, { error_msg: `The recording holds no answer to ${method} ${url}` });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What no answer came to gets none; what was no JSON is so again. */
function send(response: ServerResponse, { status, headers, body, bodyFault }: RecordedExchange): void {
  if (status === undefined) {
    response.destroy();
    return;
  }
  const text = body === undefined ? `not recorded: ${bodyFault ?? 'no body'}` : JSON.stringify(body);
  response.writeHead(status, headers).end(text);
}

function sendToken(response: ServerResponse, now: number): void {
  const [issued_at, expires_at] = [now, now + 86_400_000].map((time) => new Date(time).toISOString());
  sendJSON(response, 201, { token: { issued_at, expires_at } }, { 'X-Subject-Token': 'replayed' });
}

function sendJSON(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}
