/** An HTTP server in front of the apiserver, one a replica: it sees every write, and can be a network that is down. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';

import type { LeaseObject } from '../../../src/kubernetes/lease.ts';
import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';

/** A write that the apiserver accepted. */
export interface AcceptedWrite {
  readonly by: string;
  readonly method: string;
  readonly path: string;
  /** As it is stored now; a deletion answers a Status, or the object as it was. */
  readonly object: KubernetesObject & {
    readonly spec?: { readonly projectRef?: { readonly name: string } } & LeaseObject['spec'];
  };
  /** Of all writes to the cluster, in the order of etcd; undefined for a deletion. */
  readonly revision: number | undefined;
  readonly at: number;
}

export interface Witness {
  readonly url: string;
  /** Breaks all connections and takes no more, until it is called with false. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
}

export async function startWitness(
  by: string,
  kubeconfig: string,
  accepted: (write: AcceptedWrite) => void,
): Promise<Witness> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const tls: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  await kubeConfig.applyToHTTPSOptions(tls);
  const { ca, cert, key, headers: credential } = tls;
  const agent = new Agent({ keepAlive: true, ca, cert, key });
  const origin = new URL(kubeConfig.getCurrentCluster()?.server ?? '');
  let isDown = false;
  const sockets = new Set<Socket>();

  const forward = (asked: IncomingMessage, answer: ServerResponse): void => {
    const { method = '', url: path = '', headers } = asked;
    const onward = request(new URL(path, origin), {
      agent,
      method,
      headers: { ...headers, ...credential, host: origin.host },
    });
    const broken = (): void => void answer.destroy();
    onward.on('error', broken);
    answer.on('close', () => onward.destroy());
    onward.on('response', (response) => {
      response.on('error', broken);
      answer.writeHead(response.statusCode ?? 502, response.headers);
      if (method === 'GET') return void response.pipe(answer);
      buffer(response).then((body) => {
        if ((response.statusCode ?? 500) < 300) {
          const object = JSON.parse(body.toString()) as AcceptedWrite['object'];
          const revision = method === 'DELETE' ? undefined : Number(object.metadata.resourceVersion);
          accepted({ by, method, path, object, revision, at: performance.now() });
        }
        answer.end(body);
      }, broken);
    });
    asked.pipe(onward);
  };
  const server = createServer(forward);
  server.on('connection', (socket: Socket) => {
    if (isDown) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (isCut) => {
      isDown = isCut;
      if (isCut) for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      agent.destroy();
    },
  };
}
