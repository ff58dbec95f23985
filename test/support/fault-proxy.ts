import { createServer, Agent, request as forward } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import type { Certificate } from './certificates.ts';

/** What goes wrong with one request, or with what a watch says next. */
export type Fault =
  /** Passed on after so many real milliseconds. */
  | { readonly is: 'slow'; readonly ms: number }
  /** Answered in the apiserver's place: nothing was done. */
  | {
      readonly is: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Chunks are sent in turn. */
      readonly body?: string | Iterable<string>;
    }
  /** Carried out, and the answer cut before its first byte. */
  | { readonly is: 'lost' }
  /** Carried out, and the answer cut in its middle. */
  | { readonly is: 'half' }
  /** For a watch: in the place of what it would say next. */
  | { readonly is: 'says'; readonly chunks: Iterable<string> }
  /** For a watch: after what it says next, all that it said before. */
  | { readonly is: 'again' };

export interface FaultyRequest {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
}

/** Asked for each request, and for each chunk of a watch; undefined: nothing goes wrong. */
export type FaultRule = (request: FaultyRequest) => Fault | undefined;

/** Ends TLS in front of a real apiserver, and lets go wrong what the rule says. */
export interface FaultProxy {
  readonly url: string;
  /** Faults so far, by what they are. */
  readonly done: Readonly<Record<string, number>>;
  /** Connections that are open, and that were accepted so far. */
  readonly open: number;
  readonly accepted: number;
  set(rule: FaultRule | undefined): void;
  /** Cuts every connection; from now on this certificate is shown. */
  present(certificate: Certificate): void;
  cut(): void;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  /** The apiserver, and the authority of its certificate. */
  readonly server: string;
  readonly ca: string | Buffer;
  readonly certificate: Certificate;
}

export async function faultProxy({ server: to, ca, certificate }: FaultProxyOptions): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, ca });
  const sockets = new Set<Socket>();
  const done: Record<string, number> = {};
  let rule: FaultRule | undefined;
  let accepted = 0;
  const faultOf = (request: FaultyRequest): Fault | undefined => {
    const fault = rule?.(request);
    if (fault !== undefined) done[fault.is] = (done[fault.is] ?? 0) + 1;
    return fault;
  };

  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', to);
    const watch = ['1', 'true'].includes(searchParams.get('watch') ?? '');
    const what = { method: request.method ?? '', path: pathname, watch };
    const fault = faultOf(what);
    if (fault?.is === 'answer') {
      request.resume();
      void answered(response, fault);
    } else if (fault?.is === 'slow') {
      const timer = setTimeout(() => pass(request, response, what), fault.ms);
      response.on('close', () => clearTimeout(timer));
    } else pass(request, response, what, fault);
  });

  function pass(
    request: IncomingMessage,
    response: ServerResponse,
    what: FaultyRequest,
    fault?: Fault,
  ): void {
    const { method, headers, url } = request;
    const { hostname: host, port } = new URL(to);
    const onward = forward({ agent, host, port, method, path: url, headers: passed(headers) }, (answer) => {
      if (fault?.is === 'lost') return void response.destroy();
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch that has nothing to say has begun all the same.
      response.flushHeaders();
      const before: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => {
        const now = what.watch ? faultOf(what) : fault;
        if (now?.is === 'half')
          response.write(chunk.subarray(0, chunk.length >> 1), () => response.destroy());
        else if (now?.is === 'again') response.write(Buffer.concat([chunk, ...before]));
        else if (now?.is === 'says') void written(response, now.chunks);
        else response.write(chunk);
        if (what.watch) before.push(chunk);
      });
      answer.on('end', () => response.end());
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  server.on('connection', (socket: Socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    get open() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    set: (next) => {
      rule = next;
    },
    present: ({ cert, key }) => {
      server.setSecureContext({ cert, key });
      cut();
    },
    cut,
    close: async () => {
      cut();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answered(response: ServerResponse, fault: Fault & { is: 'answer' }): Promise<void> {
  response.writeHead(fault.status, fault.headers);
  response.flushHeaders();
  await written(response, typeof fault.body === 'string' ? [fault.body] : (fault.body ?? []));
  response.end();
}

/** At the pace of the reader, and no further than it reads. */
async function written(response: ServerResponse, chunks: Iterable<string>): Promise<void> {
  for (const chunk of chunks) {
    if (response.destroyed) return;
    if (!response.write(chunk)) {
      await new Promise<void>((resolve) => {
        const goOn = (): void => {
          response.off('drain', goOn).off('close', goOn);
          resolve();
        };
        response.on('drain', goOn).on('close', goOn);
      });
    }
  }
}

/** The connection onward is ours. */
function passed({ connection: _connection, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
