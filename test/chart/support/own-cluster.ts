import { findBinaries } from '../../../tools/control-plane/binaries.ts';
import { startControlPlane } from '../../../tools/control-plane/control-plane.ts';
import { testCluster, type TestCluster } from '../../support/control-plane.ts';
import { monitoringCRDs } from './monitoring-crds.ts';

export interface OwnCluster extends TestCluster {
  /** Like `kubectl`, but what it says is an error unless it worked. */
  must(args: readonly string[], input?: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * A control plane of the test's own, where it may install and remove CRDs, with those of the Prometheus Operator and
 * these namespaces, in which Pod Security enforces `restricted`.
 */
export async function ownCluster(...namespaces: readonly string[]): Promise<OwnCluster> {
  const controlPlane = await startControlPlane({ binaries: await findBinaries(() => undefined) });
  const cluster = testCluster(controlPlane.kubeconfigPath);
  const must = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  try {
    const items = [
      ...monitoringCRDs,
      ...namespaces.map((name) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      })),
    ];
    await must(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await must(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    return {
      ...cluster,
      hasControllerManager: controlPlane.controllerManager !== undefined,
      must,
      stop: () => controlPlane.stop(),
    };
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}
