import { createServer, request as forward, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes everything on, and notes by which kind of credential each request to ModelArts spoke. */
export interface Tap {
  readonly url: string;
  readonly kinds: readonly string[];
  forget(): void;
  close(): Promise<void>;
}

export async function tap(target: string): Promise<Tap> {
  let kinds: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') kinds.push(kindOf(request.headers));
    const { method, headers, url: path } = request;
    const { hostname: host, port } = new URL(target);
    const onward = forward({ host, port, method, headers, path }, (answer) => {
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get kinds() {
      return kinds;
    },
    forget: () => {
      kinds = [];
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function kindOf(headers: IncomingHttpHeaders): string {
  const token = headers['x-auth-token'];
  if (headers.authorization === undefined) return `token ${String(token).slice(0, 3)}`;
  const temporary = headers['x-security-token'] === undefined ? '' : 'temporary ';
  return `${temporary}key ${/Access=(\w+)/.exec(headers.authorization)?.[1]}`;
}
