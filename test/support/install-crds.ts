import { join } from 'node:path';

import { testCluster, type TestCluster } from './control-plane.ts';

/** Jest's global setup of the integration tests: every test finds the CRDs in the cluster, whichever runs first. */
export default function installCRDs(): Promise<void> {
  return installCRDsIn(testCluster());
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
