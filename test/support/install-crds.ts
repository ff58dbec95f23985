import { join } from 'node:path';

import { kubeconfigs, testCluster, type TestCluster } from './control-plane.ts';

/** Jest's global setup of the integration tests: every test finds the CRDs in its cluster, whichever runs first. */
export default async function installCRDs(): Promise<void> {
  for (const kubeconfig of kubeconfigs()) await installCRDsIn(testCluster(kubeconfig));
}

export async function installCRDsIn({ kubectl }: TestCluster): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', 'crds');
  for (const args of [
    ['apply', '--server-side', '-f', folder],
    ['wait', '--for=condition=Established', '--timeout=60s', '-f', folder],
  ]) {
    const { code, stderr } = await kubectl(args);
    if (code !== 0) throw new Error(`the CRDs were not installed: ${stderr}`);
  }
}
