import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A SOCKS5 proxy (RFC 1928) without authentication, for CONNECT to IPv4 addresses. */
export interface SocksProxy {
  readonly port: number;
  /** `host:port` of what was asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const version = 5;
const noAuthentication = 0;
const succeeded = 0;
const ipv4 = 1;
/** VER CMD RSV ATYP, the address, the port. */
const requestLength = 10;

export async function socksProxy(): Promise<SocksProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => sockets.delete(client));
    client.once('data', () => {
      client.write(Buffer.from([version, noAuthentication]));
      client.once('data', (request) => {
        const address = request.subarray(4, 8);
        const to = { host: address.join('.'), port: request.readUInt16BE(8) };
        if (request.length !== requestLength || request[3] !== ipv4) return void client.destroy();
        asked.push(`${to.host}:${to.port}`);
        const upstream = connect(to, () => {
          client.write(Buffer.from([version, succeeded, 0, ipv4, 0, 0, 0, 0, 0, 0]));
          client.pipe(upstream).pipe(client);
        });
        upstream.on('error', () => client.destroy());
        client.on('close', () => upstream.destroy());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
