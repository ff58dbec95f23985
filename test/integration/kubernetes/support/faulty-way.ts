import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { stringify } from 'yaml';

import { makeAuthority, makeCertificate, type Certificate } from '../../../support/certificates.ts';
import { faultProxy, type FaultProxy } from '../../../support/fault-proxy.ts';
import { kubeconfigFor } from './identity.ts';
import { kubeConfig } from './setup.ts';

export interface FaultyWay {
  readonly proxy: FaultProxy;
  /** A file and the same read: the test cluster, through the proxy, with all rights. */
  readonly kubeconfig: string;
  readonly config: KubeConfig;
  /** Another certificate of the authority that the kubeconfig trusts. */
  certificate(over?: { readonly notBefore?: Date; readonly notAfter?: Date }): Certificate;
  close(): Promise<void>;
}

/** A fault proxy in front of the test cluster. */
export async function faultyWay(): Promise<FaultyWay> {
  const authority = makeAuthority('the way');
  const certificate: FaultyWay['certificate'] = (over) =>
    makeCertificate({ name: 'apiserver', hosts: ['127.0.0.1'], issuer: authority, ...over });
  const cluster = kubeConfig().getCurrentCluster();
  const proxy = await faultProxy({
    server: cluster?.server ?? '',
    ca: Buffer.from(cluster?.caData ?? '', 'base64'),
    certificate: certificate(),
  });
  const folder = await mkdtemp(join(tmpdir(), 'faulty-way-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const text = stringify(
    kubeconfigFor(
      { token: kubeConfig().getCurrentUser()?.token },
      { server: proxy.url, 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') },
    ),
  );
  await writeFile(kubeconfig, text, { mode: 0o600 });
  const config = new KubeConfig();
  config.loadFromString(text);
  return {
    proxy,
    kubeconfig,
    config,
    certificate,
    close: async () => {
      await proxy.close();
      await rm(folder, { recursive: true });
    },
  };
}
