import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { findBinaries, findKubectl } from '../../tools/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../support/eventually.ts';

/** A control plane of its own: the shared one must not be killed. */
describe('a control plane whose parts are killed', () => {
  let controlPlane: ControlPlane;

  const kubectl = async (...args: string[]): Promise<string> => {
    const flags = ['--kubeconfig', controlPlane.kubeconfigPath, '--request-timeout=60s'];
    return (await promisify(execFile)(findKubectl()!, [...flags, ...args])).stdout;
  };

  beforeAll(async () => {
    controlPlane = await startControlPlane({
      binaries: await findBinaries(() => undefined),
      unsafeNoFsync: false,
    });
  });
  afterAll(() => controlPlane?.stop());

  it('keeps its address, keys and data when etcd and the apiserver are killed and started again', async () => {
    const before = controlPlane.kubeconfig;
    await kubectl('create', 'namespace', 'survivor');
    for (const part of [controlPlane.etcd, controlPlane.apiserver]) {
      await part.kill('SIGKILL');
      expect(part.isRunning()).toBe(false);
      await eventually(async () => !(await controlPlane.isReady()));
      await controlPlane.start();
    }
    expect(await kubectl('get', 'namespace', 'survivor', '-o', 'name')).toBe('namespace/survivor\n');
    expect(controlPlane.kubeconfig).toBe(before);
  });

  it('can be frozen and thawed', async () => {
    controlPlane.apiserver.signal('SIGSTOP');
    expect(await controlPlane.isReady()).toBe(false);
    expect(controlPlane.apiserver.isRunning()).toBe(true);
    controlPlane.apiserver.signal('SIGCONT');
    await controlPlane.start();
    expect(await controlPlane.isReady()).toBe(true);
  });

  it('says how a part ended that does not come up', async () => {
    const broken = startControlPlane({
      binaries: await findBinaries(() => undefined),
      apiserverFlags: ['--etcd-servers=http://127.0.0.1:1', '--no-such-flag'],
    });
    await expect(broken).rejects.toThrow(/kube-apiserver ended while it started[^]*no-such-flag/);
  });
});
