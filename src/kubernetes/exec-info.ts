import type { Cluster, User } from '@kubernetes/client-node';

/** The part of a kubeconfig's `exec` that matters here (client.authentication.k8s.io). */
interface Exec {
  readonly apiVersion?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly provideClusterInfo?: boolean;
}

/**
 * The user, whose credential plugin is told what kubectl tells it, in KUBERNETES_EXEC_INFO: the version to answer in, that
 * nobody sits before it, and where it asked for that, the cluster that it is for. The library tells nothing, and plugins then answer in
 * an old version or refuse.
 */
export function withExecInfo(user: User, cluster: Cluster | null): User {
  const exec = user.exec as Exec | undefined | null;
  if (!exec) return user;
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true && cluster && { cluster: clusterInfo(cluster) }),
    },
  };
  const env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
  return { ...user, exec: { ...exec, env } };
}

function clusterInfo(cluster: Cluster): object {
  return {
    server: cluster.server,
    ...(cluster.tlsServerName && { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.skipTLSVerify && { 'insecure-skip-tls-verify': true }),
    ...(cluster.caData && { 'certificate-authority-data': cluster.caData }),
    ...(cluster.proxyUrl && { 'proxy-url': cluster.proxyUrl }),
  };
}
