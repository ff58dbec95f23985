import type { Socket } from 'node:net';
import { Socks5ProxyAgent, buildConnector } from 'undici';

/** What undici's types leave out. */
interface Tunnels {
  createSocks5Connection(host: string, port: number): Promise<Socket>;
}

/**
 * Opens the sockets of a pool through a SOCKS5 proxy. As a dispatcher undici's agent makes a pool of its own, which none
 * of our limits reach.
 */
export function socksConnector(proxy: string, tls: buildConnector.BuildOptions): buildConnector.connector {
  const tunnels = new Socks5ProxyAgent(proxy) as unknown as Tunnels;
  const overTls = buildConnector(tls);
  return (options, callback) => {
    const { protocol, hostname, port } = options;
    const secure = protocol === 'https:';
    const begin = (httpSocket: Socket): void => {
      if (!secure) return callback(null, httpSocket);
      try {
        overTls({ ...options, httpSocket }, callback);
      } catch (error) {
        httpSocket.destroy();
        throw error;
      }
    };
    tunnels
      .createSocks5Connection(hostname, Number(port) || (secure ? 443 : 80))
      .then(begin)
      .catch((error: Error) => callback(error, null));
  };
}
