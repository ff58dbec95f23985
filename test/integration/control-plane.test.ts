import { describe, expect, it } from '@jest/globals';

import { kubernetesVersion } from '../../tools/control-plane/binaries.ts';
import { testCluster } from '../support/control-plane.ts';
import { eventually } from '../support/eventually.ts';

const cluster = testCluster();

const configMap = (name: string, owner?: { name: string; uid: string }): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', ...owner }] }),
    },
  });

describe('the control plane', () => {
  it('is a Kubernetes of the minor version that is pinned, or another that was asked for', async () => {
    const { stdout } = await cluster.kubectl(['version', '--output=json']);
    const { serverVersion } = JSON.parse(stdout) as {
      serverVersion: { gitVersion: string; major: string; minor: string };
    };
    expect(serverVersion.gitVersion).toMatch(/^v1\.\d+\.\d+/);
    expect(`v${serverVersion.major}.${serverVersion.minor}`).toBe(
      serverVersion.gitVersion.split('.').slice(0, 2).join('.'),
    );
    if (process.env['MODELARTS_TEST_CONTROLLER_MANAGER'] !== undefined) {
      expect(serverVersion.gitVersion.split('.')[1]).toBe(kubernetesVersion().split('.')[1]);
    }
  });

  it('validates what it is given', async () => {
    const refused = await cluster.kubectl(['create', 'namespace', 'Not_A_Name']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('RFC 1123') });
  });
});

const withControllerManager = cluster.hasControllerManager ? describe : describe.skip;

withControllerManager('the controller manager (skipped where none could be had)', () => {
  it('empties and removes a deleted namespace', async () => {
    const namespace = await cluster.uniqueNamespace();
    expect(await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], configMap('inside'))).toMatchObject({
      code: 0,
    });
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await eventually(
      async () =>
        expect((await cluster.kubectl(['get', 'namespace', namespace])).stderr).toContain('NotFound'),
      { deadline: 'collected' },
    );
  });

  it('collects what a deleted object owned', async () => {
    const namespace = await cluster.uniqueNamespace();
    const inNamespace = (...args: string[]): string[] => ['-n', namespace, ...args];
    await cluster.kubectl(inNamespace('apply', '-f', '-'), configMap('owner'));
    const uid = (
      await cluster.kubectl(inNamespace('get', 'configmap', 'owner', '-o', 'jsonpath={.metadata.uid}'))
    ).stdout;
    await cluster.kubectl(inNamespace('apply', '-f', '-'), configMap('owned', { name: 'owner', uid }));
    await cluster.kubectl(inNamespace('delete', 'configmap', 'owner'));
    await eventually(
      async () =>
        expect((await cluster.kubectl(inNamespace('get', 'configmap', 'owned'))).stderr).toContain(
          'NotFound',
        ),
      { deadline: 'collected' },
    );
  });
});
