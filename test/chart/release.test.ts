import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../support/eventually.ts';
import { nameOf } from './support/objects.ts';
import { ownCluster, type OwnCluster } from './support/own-cluster.ts';
import { chartFolder, helm, manifestsFolder, render, root, run, type Values } from './support/programs.ts';
import { valueSets } from './support/value-sets.ts';

const namespace = 'modelarts-operator';
const crdOfPools = 'modelartspools.modelarts-operator.dev';
const kinds = ['projects', 'pools', 'workloads', 'resourcespecs'].map((kind) => `modelarts${kind}`).join(',');

/** One release from its first installation to its last removal; each step begins where the one before ended. */
describe('a release', () => {
  let cluster: OwnCluster;
  let older: string;

  /** The chart before its CRD of pools had a short name. */
  async function olderChart(): Promise<string> {
    const folder = join(await mkdtemp(join(tmpdir(), 'modelarts-operator-chart-')), 'modelarts-operator');
    await cp(chartFolder, folder, { recursive: true });
    const change = async (file: string, from: string, to: string): Promise<void> => {
      const text = await readFile(join(folder, file), 'utf8');
      expect(text).toContain(from);
      await writeFile(join(folder, file), text.replace(from, to));
    };
    await change('templates/crds/modelartspools.yaml', '    shortNames:\n      - mapool\n', '');
    await change('Chart.yaml', '\nversion: ', '\nversion: 0.0.1-before-');
    return folder;
  }

  beforeAll(async () => {
    [cluster, older] = await Promise.all([ownCluster(namespace, 'team-a'), olderChart()]);
  });
  afterAll(async () => {
    await cluster?.stop();
    if (older !== undefined) await rm(join(older, '..'), { recursive: true });
  });

  const env = (): Record<string, string> => ({ KUBECONFIG: cluster.kubeconfig });
  const install = (
    [command, ...flags]: readonly [string, ...string[]],
    values: Values,
    chart = chartFolder,
  ) => {
    // Without it an upgrade to no values at all keeps those of before.
    const reset = command === 'upgrade' ? ['--reset-values'] : [];
    return helm([command, ...flags, ...reset], { values, chart }, env());
  };
  const must = async (
    command: readonly [string, ...string[]],
    values: Values,
    chart?: string,
  ): Promise<string> => {
    const { code, stdout, stderr } = await install(command, values, chart);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const uninstall = async (): Promise<void> => {
    const { code, stderr } = await run('helm', ['uninstall', 'modelarts-operator', '-n', namespace], {
      env: env(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };
  const exists = async (kind: string, name: string, inNamespace = namespace): Promise<boolean> =>
    (await cluster.must(['get', kind, name, '-n', inNamespace, '--ignore-not-found', '-o', 'name'])) !== '';
  const shortNames = (): Promise<string> =>
    cluster.must(['get', 'crd', crdOfPools, '-o', 'jsonpath={.spec.names.shortNames}']);
  /** All that the release has there, as `kind name`. */
  const present = async (): Promise<string[]> => {
    const ofRelease =
      'deployment,service,serviceaccount,configmap,poddisruptionbudget,networkpolicy,servicemonitor,podmonitor,' +
      'prometheusrule,role,rolebinding,clusterrole,clusterrolebinding,validatingadmissionpolicy,' +
      'validatingadmissionpolicybinding,crd';
    const labelled = ['-l', 'app.kubernetes.io/managed-by=Helm', '-o', 'json'];
    const { items } = JSON.parse(await cluster.must(['get', ofRelease, '--all-namespaces', ...labelled])) as {
      items: Parameters<typeof nameOf>[0][];
    };
    return items.map(nameOf).sort();
  };
  const wanted = async (values: Values): Promise<string[]> => (await render({ values })).map(nameOf).sort();

  const all: Values = {
    ...valueSets['everything that can be chosen'],
    nameOverride: '',
    crds: { keep: true },
  };

  it('is installed with its CRDs, and says what to do next', async () => {
    const notes = await must(['install'], {}, older);
    expect(notes).toContain(
      'kubectl rollout status --namespace modelarts-operator deployment/modelarts-operator',
    );
    expect(notes).toContain('kubectl get maproj,mapool,mawl --all-namespaces');
    expect(await present()).toEqual(await wanted({}));
    expect(await shortNames()).toBe('');
    await cluster.must(['wait', '--for=condition=Established', '--timeout=120s', 'crd', crdOfPools]);
    const pool = {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsPool',
      metadata: { name: 'declared', namespace: 'team-a' },
      spec: { projectRef: { name: 'demo' }, poolName: 'pool-0123456789abcdef' },
    };
    await cluster.must(['apply', '--server-side', '-f', '-'], JSON.stringify(pool));
  });

  it('is upgraded, its CRDs with it, and what they hold stays', async () => {
    await must(['upgrade'], {});
    expect(await shortNames()).toBe('["mapool"]');
    expect(await exists('modelartspool', 'declared', 'team-a')).toBe(true);
  });

  it('goes from values to others and back, and leaves nothing behind', async () => {
    await must(['upgrade'], all);
    expect(await present()).toEqual(await wanted(all));
    await must(['upgrade'], {});
    expect(await present()).toEqual(await wanted({}));
  });

  it('leaves the CRDs when they are no longer its own, and takes them back', async () => {
    await must(['upgrade'], { crds: { enabled: false } });
    expect(await exists('modelartspool', 'declared', 'team-a')).toBe(true);
    await must(['upgrade'], {});
    expect(await present()).toEqual(await wanted({}));
  });

  it('leaves the CRDs and what they hold when it is removed, and can come again', async () => {
    await uninstall();
    expect((await present()).filter((name) => !name.startsWith('CustomResourceDefinition'))).toEqual([]);
    expect(await exists('modelartspool', 'declared', 'team-a')).toBe(true);
    await must(['install'], {});
    expect(await present()).toEqual(await wanted({}));
  });

  it('removes the CRDs where that is asked for', async () => {
    await must(['upgrade'], { crds: { keep: false } });
    // Kubernetes may forget a CRD for five minutes when it has to remove one that nobody has read yet: its finalizer
    // meets storage that is only being set up, and then its own note of that, which it takes for somebody else's change.
    await cluster.must(['get', kinds, '--all-namespaces']);
    await uninstall();
    await eventually(async () => expect(await present()).toEqual([]));
  });

  it('takes over what kubectl has applied, once it is told to', async () => {
    await cluster.must(['apply', '--server-side', '-f', join(root, 'crds')]);
    await cluster.must(['apply', '-k', manifestsFolder]);
    const { code, stderr } = await install(['install'], {});
    expect(code).toBe(1);
    expect(stderr).toMatch(/exists and cannot be imported into the current release/);
    await cluster.must(['delete', 'deployment', '-n', namespace, 'modelarts-operator']);
    await must(['install', '--take-ownership', '--force-conflicts'], {});
    expect(await present()).toEqual(await wanted({}));
    await uninstall();
  });
});
