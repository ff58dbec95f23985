import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP proxy in front of the apiserver that counts, cuts and stalls connections. TLS passes through untouched. */
export interface TcpProxy {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  readonly open: number;
  /** Chunks from the server that were swallowed while stalling. */
  readonly swallowed: number;
  /** Ends every open connection with a reset. */
  cut(): void;
  /** While true, new connections are reset at once. */
  refuse(refusing: boolean): void;
  /** While true, bytes from the server are swallowed on open connections and new ones get none. */
  stall(stalling: boolean): void;
  /** Each chunk, either way, waits so many milliseconds behind the one before it. 0, the default: none does. */
  slow(ms: number): void;
  close(): Promise<void>;
}

export async function tcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let accepted = 0;
  let swallowed = 0;
  let refusing = false;
  let stalling = false;
  let slowness = 0;
  /** Writes in the order of the calls. */
  const inTurn = (to: Socket): ((chunk: Buffer) => void) => {
    let last = Promise.resolve();
    return (chunk) => {
      const wait = slowness;
      last = last
        .then(() => (wait === 0 ? undefined : sleep(wait)))
        .then(() => {
          if (!to.destroyed) to.write(chunk);
        });
    };
  };
  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    accepted++;
    const upstream = connect(target);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const [toServer, toClient] = [inTurn(upstream), inTurn(client)];
    client.on('data', toServer);
    upstream.on('data', (chunk) => {
      if (stalling) swallowed++;
      else toClient(chunk);
    });
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    get open() {
      return pairs.size;
    },
    get swallowed() {
      return swallowed;
    },
    cut,
    refuse: (value) => {
      refusing = value;
    },
    stall: (value) => {
      stalling = value;
    },
    slow: (ms) => {
      slowness = ms;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
