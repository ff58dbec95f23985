import { join } from 'node:path';

import { isNotFound } from '../../src/kubernetes/errors.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { TestCluster } from './control-plane.ts';

const folder = join(import.meta.dirname, '..', '..', 'crds');

/** Installs the CRDs where there are none; a cluster that has some keeps them. */
export async function installCRDs(
  cluster: ClusterObjects,
  { kubectl }: Pick<TestCluster, 'kubectl'>,
): Promise<void> {
  try {
    await cluster.projects.all();
    return;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  for (const args of [
    ['apply', '--server-side', '-f', folder],
    ['wait', '--for=condition=Established', '--timeout=60s', '-f', folder],
  ]) {
    const { code, stderr } = await kubectl(args);
    if (code !== 0) throw new Error(`the CRDs were not installed: ${stderr}`);
  }
}
