import { connect, type AddressInfo } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';

/** Ends TLS in front of a port on this machine. */
export interface TLSFront {
  readonly port: number;
  /** Connections whose handshake was done, so far. */
  readonly accepted: number;
  readonly open: number;
  close(): Promise<void>;
}

export async function tlsFront(port: number, options: TlsOptions): Promise<TLSFront> {
  const clients = new Set<TLSSocket>();
  let accepted = 0;
  const server = createServer(options, (client) => {
    accepted++;
    clients.add(client);
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    get open() {
      return clients.size;
    },
    close: () => {
      for (const client of clients) client.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
