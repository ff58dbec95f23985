import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

import { testCluster, type TestCluster } from '../../../support/control-plane.ts';
import { kubeConfig } from './setup.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A service account that may do what the rules say in its namespace, and nothing else. */
export interface Identity {
  /** A kubeconfig that speaks as it. */
  readonly kubeconfig: string;
  readonly token: string;
  /** Replaces what it may do. */
  allow(rules: readonly Rule[]): Promise<void>;
  close(): Promise<void>;
}

export async function identity(namespace: string, name: string, rules: readonly Rule[]): Promise<Identity> {
  const cluster = testCluster();
  const allow = (rules: readonly Rule[]): Promise<void> =>
    apply(cluster, [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace }, rules },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ]);
  await allow(rules);
  const token = await tokenOf(cluster, namespace, name);
  const folder = await mkdtemp(join(tmpdir(), 'identity-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, stringify(kubeconfigFor({ token })), { mode: 0o600 });
  return { kubeconfig, token, allow, close: () => rm(folder, { recursive: true }) };
}

/** The test cluster's address and CA, with this user (and with these settings of the cluster) instead. */
export function kubeconfigFor(
  user: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>> = {},
): object {
  const cluster = kubeConfig().getCurrentCluster();
  const { server, caData } = cluster ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': caData, ...over } }],
    users: [{ name: 'test', user }],
  };
}

async function apply(cluster: TestCluster, objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(list));
  if (code !== 0) throw new Error(stderr);
}

async function tokenOf(cluster: TestCluster, namespace: string, name: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(['create', 'token', name, '-n', namespace]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}
