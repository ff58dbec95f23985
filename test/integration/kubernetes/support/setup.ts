import { KubeConfig } from '@kubernetes/client-node';

import { HttpTransport } from '../../../../src/kubernetes/http-transport.ts';
import type { HttpTransportOptions } from '../../../../src/kubernetes/http-transport.ts';
import type { KubernetesObject, ResourceDefinition } from '../../../../src/kubernetes/objects.ts';
import { ResourceClient } from '../../../../src/kubernetes/resource-client.ts';
import { systemRuntime } from '../../../../src/runtime/system.ts';
import { testCluster } from '../../../support/control-plane.ts';
import { tcpProxy } from './tcp-proxy.ts';
import type { TcpProxy } from './tcp-proxy.ts';

export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

export const configMaps: ResourceDefinition = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** The test cluster's kubeconfig; with a port, aimed at a proxy on this machine. */
export function kubeConfig(port?: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(testCluster().kubeconfig);
  if (port !== undefined) {
    const [context] = config.contexts.filter(({ name }) => name === config.currentContext);
    config.clusters = config.clusters.map((cluster) =>
      cluster.name === context?.cluster ? { ...cluster, server: `https://127.0.0.1:${port}` } : cluster,
    );
  }
  return config;
}

export async function apiserverProxy(): Promise<TcpProxy> {
  const server = new URL(kubeConfig().getCurrentCluster()?.server ?? '');
  return tcpProxy({ host: server.hostname, port: Number(server.port) });
}

export function transportTo(port?: number, options: Partial<HttpTransportOptions> = {}): HttpTransport {
  return new HttpTransport({
    kubeConfig: kubeConfig(port),
    runtime: systemRuntime,
    userAgent: 'integration-test',
    ...options,
  });
}

export function configMapClient(transport: HttpTransport): ResourceClient<ConfigMap> {
  return new ResourceClient<ConfigMap>({ transport, resource: configMaps, fieldManager: 'integration-test' });
}
