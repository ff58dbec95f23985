import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemRuntime } from '../../src/runtime/system.ts';
import { quietScenario } from '../../src/simulator/scenarios/quiet.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { clusterObjects, said, type ClusterObjects } from '../support/cluster-objects.ts';
import { testCluster } from '../support/control-plane.ts';
import { createDemoProject } from '../support/demo-project.ts';
import { eventually } from '../support/eventually.ts';
import { Program } from '../support/program.ts';
import { deploymentOf, type Rendered } from './support/objects.ts';
import { helm, root, run } from './support/programs.ts';

/** No kubelet runs the pod: the test does, with the arguments and the service account that the chart gives it. */
describe('the operator as the chart runs it, for one namespace and in two shards', () => {
  const shared = testCluster();
  let namespace: string;
  let cluster: ClusterObjects;
  let simulator: Simulator;
  let folder: string;
  const env = { KUBECONFIG: shared.kubeconfig };

  beforeAll(async () => {
    [namespace, simulator, folder] = await Promise.all([
      shared.uniqueNamespace('chart'),
      startSimulator({ runtime: systemRuntime, scenario: quietScenario }),
      mkdtemp(join(tmpdir(), 'modelarts-operator-chart-')),
    ]);
    cluster = clusterObjects(shared.kubeconfig, namespace);
    const values = {
      crds: { enabled: false },
      watchNamespaces: [namespace],
      shards: 2,
      allowLocalEndpoints: true,
      logLevel: 'debug',
    };
    const installed = await helm(['install'], { name: namespace, namespace, values }, env);
    expect(installed).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(async () => {
    await run('helm', ['uninstall', namespace, '--namespace', namespace], { env });
    await shared.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await simulator.stop();
    await cluster.close();
    await rm(folder, { recursive: true });
  });

  async function kubeconfigOf(serviceAccount: string): Promise<string> {
    const { code, stdout } = await shared.kubectl(['create', 'token', serviceAccount, '-n', namespace]);
    expect(code).toBe(0);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(shared.kubeconfig);
    const { server, caData } = kubeConfig.getCurrentCluster()!;
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': caData } }],
      users: [{ name: 'test', user: { token: stdout.trim() } }],
    };
    const file = join(folder, 'kubeconfig');
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  it('takes its Leases, mirrors and stops with the rights that it has', async () => {
    const live = await shared.kubectl(['get', 'deployment', '-n', namespace, '-o', 'json']);
    const { items } = JSON.parse(live.stdout) as { items: Rendered[] };
    const { spec } = deploymentOf(items).spec.template;
    const program = new Program(
      [
        process.execPath,
        join(root, 'src', 'main.ts'),
        ...spec.containers[0].args,
        `--kubeconfig=${await kubeconfigOf(spec.serviceAccountName)}`,
        `--leader-election-namespace=${namespace}`,
        ...['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'],
      ],
      { cwd: folder },
    );
    try {
      await createDemoProject(cluster, simulator.url);
      // A start with Leases to take and caches to fill, and a first pass.
      await eventually(
        async () => {
          const project = said(await cluster.projects.get('demo'), 'Synced');
          expect({ project, log: program.stderr.slice(-2000) }).toMatchObject({
            project: expect.stringMatching(/^True\//),
          });
        },
        { deadline: 'collected' },
      );
      expect((await cluster.pools.all()).length).toBeGreaterThan(0);
      const leases = await shared.kubectl(['get', 'lease', '-n', namespace, '-o', 'name']);
      const name = `lease.coordination.k8s.io/${namespace}-modelarts-operator-shard`;
      expect(leases.stdout.trim().split('\n')).toEqual([`${name}-0`, `${name}-1`]);
    } finally {
      program.kill('SIGTERM');
      await program.ended;
    }
    const { code, stderr } = await program.ended;
    expect({
      code,
      errors: stderr.split('\n').filter((line) => /"level":"error"|forbidden/.test(line)),
    }).toEqual({
      code: 0,
      errors: [],
    });
  });
});
