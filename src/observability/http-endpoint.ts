import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type BindAddress, formatBindAddress } from './bind-address.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A GET route. A rejection is answered with 500 and no details. */
export type Route = () => HttpAnswer | Promise<HttpAnswer>;

export interface HttpEndpointOptions {
  /** For people: `metrics`. */
  readonly what: string;
  /** The flag that chooses the address, named when it cannot be had. */
  readonly flag: string;
  readonly address: BindAddress;
  readonly routes: Readonly<Record<string, Route>>;
}

export interface HttpEndpoint {
  /** The address that was bound, with its real port. */
  readonly address: BindAddress;
  /** Refuses new connections and cuts open ones. Harmless when called again. */
  close(): Promise<void>;
}

/** A server could not listen. The message says which, why, and what to change. */
export class BindError extends Error {
  override readonly name = 'BindError';
}

/** Resolves when it listens; rejects with BindError. */
export function startHttpEndpoint(options: HttpEndpointOptions): Promise<HttpEndpoint> {
  const { address, what, flag } = options;
  const server = createServer((request, response) => {
    void respond(options.routes, request, response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = reasons[error.code ?? ''] ?? error.message;
      const where = formatBindAddress(address);
      reject(
        new BindError(
          `cannot serve ${what} on ${where}: ${why}; choose another with ${flag}, or switch it off with ${flag}=0`,
          { cause: error },
        ),
      );
    });
    server.listen({ port: address.port, ...(address.host !== undefined && { host: address.host }) }, () => {
      const { port } = server.address() as AddressInfo;
      // After this an error concerns one connection, which Node has ended already.
      server.removeAllListeners('error').on('error', () => undefined);
      resolve({
        address: { ...address, port },
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not bind that port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name does not resolve',
};

const plain = 'text/plain; charset=utf-8';

async function respond(
  routes: HttpEndpointOptions['routes'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, contentType, body } = await answer(routes, request);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(routes: HttpEndpointOptions['routes'], request: IncomingMessage): Promise<HttpAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, contentType: plain, body: 'only GET is served here\n' };
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) {
    return { status: 404, contentType: plain, body: `try ${Object.keys(routes).join(', ')}\n` };
  }
  try {
    return await route();
  } catch {
    return { status: 500, contentType: plain, body: 'internal error\n' };
  }
}
