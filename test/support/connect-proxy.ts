import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** An HTTP proxy: tunnels by CONNECT, and forwards requests for whole URLs. */
export interface ConnectProxy {
  readonly port: number;
  /** `host:port` of what was asked for, in order, with the credentials that came along. */
  readonly asked: readonly { readonly target: string; readonly authorization: string | undefined }[];
  /** Answers with this status instead of connecting, or not at all; undefined connects. */
  refuse(how: number | 'silently' | undefined): void;
  close(): Promise<void>;
}

/** `hosts`: the port on this machine for each `host:port`; it is the proxy that resolves names. */
export async function connectProxy(hosts: Readonly<Record<string, number>>): Promise<ConnectProxy> {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | 'silently' | undefined;
  const note = (request: IncomingMessage, target: string): void => {
    asked.push({ target, authorization: request.headers['proxy-authorization'] });
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '');
    note(request, url.host);
    const port = hosts[url.host];
    if (refusal === 'silently') return;
    if (refusal !== undefined || port === undefined) return void response.writeHead(refusal ?? 502).end();
    const { method, headers } = request;
    const onward = forward(
      { port, host: '127.0.0.1', method, headers, path: `${url.pathname}${url.search}` },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? '';
    note(request, target);
    const port = hosts[target];
    client.on('error', () => undefined);
    if (refusal === 'silently') return;
    if (refusal !== undefined || port === undefined) {
      client.end(`HTTP/1.1 ${refusal ?? 502} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    refuse: (how) => {
      refusal = how;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
