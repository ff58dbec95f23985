import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { alerts, runbookURL } from '../../tools/generate/monitoring/alerts.ts';
import { writeSchemas } from './support/json-schemas.ts';
import { deploymentOf, nameOf, type Rendered } from './support/objects.ts';
import { ownCluster, type OwnCluster } from './support/own-cluster.ts';
import { chartFolder, helm, kustomize, manifestsFolder, render, run } from './support/programs.ts';
import { valueSets } from './support/value-sets.ts';

const namespace = 'modelarts-operator';
const documents = (objects: readonly Rendered[]): string =>
  objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');

describe('what is rendered', () => {
  let cluster: OwnCluster;
  let folder: string;
  const rendered = new Map<string, Rendered[]>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-schemas-'));
    cluster = await ownCluster(namespace, 'team-a', 'team-b');
    // The CRDs are the same with all values: the defaults bring them, and that is often enough.
    for (const [name, values] of Object.entries(valueSets)) {
      const crds = { enabled: name === 'the defaults' };
      rendered.set(name, await render({ values: { ...values, crds } }));
    }
    for (const overlay of ['.', 'overlays/ha', 'overlays/namespaced'])
      rendered.set(`manifests/${overlay}`, await kustomize(join(manifestsFolder, overlay)));
  });
  afterAll(async () => {
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const names = [
    ...Object.keys(valueSets),
    'manifests/.',
    'manifests/overlays/ha',
    'manifests/overlays/namespaced',
  ];

  it('fits the schemas that the apiserver publishes, by kubeconform', async () => {
    const all = [...rendered.values()].flat();
    const location = await writeSchemas(all, cluster, folder);
    const flags = ['-strict', '-summary', '-output', 'json', '-schema-location', location];
    const { stdout } = await run('kubeconform', [...flags, '-'], { input: documents(all) });
    const { resources = [], summary } = JSON.parse(stdout) as { resources?: object[]; summary: object };
    expect(resources).toEqual([]);
    expect(summary).toEqual({ valid: all.length, invalid: 0, errors: 0, skipped: 0 });
  });

  it('would not fit with a field that there is not', async () => {
    const [first] = rendered.get('the defaults')!;
    const location = await writeSchemas([first!], cluster, folder);
    const wrong = documents([{ ...first!, unknown: 1 }]);
    const flags = ['-strict', '-output', 'json', '-schema-location', location];
    expect((await run('kubeconform', [...flags, '-'], { input: wrong })).stdout).toContain(
      "additional properties 'unknown' not allowed",
    );
  });

  it.each(names)('is taken by the apiserver without a warning: %s', async (name) => {
    const objects = rendered.get(name)!;
    const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
    const { code, stdout, stderr } = await cluster.kubectl(args, documents(objects));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });

  describe('makes pods that Pod Security admits as `restricted`:', () => {
    const podOf = (name: string, change: object = {}): string => {
      const { metadata, spec } = deploymentOf(rendered.get(name)!).spec.template;
      const { labels, annotations } = metadata;
      return JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'operator', namespace, labels, annotations },
        spec: { ...spec, ...change },
      });
    };
    const admit = (pod: string): ReturnType<OwnCluster['kubectl']> =>
      cluster.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], pod);

    it.each(names)('%s', async (name) => {
      const { code, stderr } = await admit(podOf(name));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    });

    it('and would not admit them as root', async () => {
      const { stderr } = await admit(podOf('the defaults', { securityContext: { runAsUser: 0 } }));
      expect(stderr).toContain('violates PodSecurity "restricted:latest"');
    });
  });
});

describe('the chart', () => {
  it.each(Object.keys(valueSets))('has nothing for lint with %s', async (name) => {
    const args = ['lint', '--strict', '--quiet', chartFolder, '--namespace', namespace, '--values', '-'];
    const { code, stdout, stderr } = await run('helm', args, { input: JSON.stringify(valueSets[name]) });
    expect({ code, stdout: stdout.trim(), stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('renders the same objects each time', async () => {
    const values = valueSets['everything that can be chosen']!;
    const [once, again] = await Promise.all([helm(['template'], { values }), helm(['template'], { values })]);
    expect(again).toEqual(once);
  });

  it('gives each release names of its own', async () => {
    const values = { watchNamespaces: ['team-a'] };
    const [one, other] = await Promise.all([
      render({ name: 'a', namespace: 'a', values: { ...values, crds: { enabled: false } } }),
      render({ name: 'b', namespace: 'b', values: { ...values, crds: { enabled: false } } }),
    ]);
    const names = new Set(one.map(nameOf));
    expect(other.map(nameOf).filter((name) => names.has(name))).toEqual([]);
  });

  it('links each alert to its entry in the runbooks that a value names', async () => {
    const linksWith = async (runbookURL: string): Promise<string[]> => {
      const metrics = { prometheusRule: { enabled: true, runbookURL } };
      const rule = (await render({ values: { metrics } })).find(({ kind }) => kind === 'PrometheusRule');
      const spec = rule?.spec as { groups: { rules: { annotations: Record<string, string> }[] }[] };
      return spec.groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations['runbook_url']!));
    };
    const [asDelivered, own] = await Promise.all([
      linksWith(''),
      linksWith('https://wiki.example/on-call?p=1&v=$2'),
    ]);
    expect(asDelivered).toEqual(alerts.map(runbookURL));
    expect(own).toEqual(
      alerts.map(({ name }) => `https://wiki.example/on-call?p=1&v=$2#${name.toLowerCase()}`),
    );
  });

  it('has a place for each image: registry, tag and digest', async () => {
    const image = async (values: object): Promise<string> =>
      deploymentOf(await render({ values: { image: values } })).spec.template.spec.containers[0].image;
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(await image({})).toMatch(/^modelarts-operator:\d+\.\d+\.\d+$/);
    expect(await image({ registry: 'registry.internal:5000', tag: 'v1' })).toBe(
      'registry.internal:5000/modelarts-operator:v1',
    );
    expect(await image({ repository: 'registry.internal/team/operator', tag: 'v1', digest })).toBe(
      `registry.internal/team/operator@${digest}`,
    );
  });
});
