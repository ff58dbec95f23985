import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { customResourceDefinitions } from '../../src/api/kinds/registry.ts';
import { requiredRights } from '../../src/cli/doctor/required-rights.ts';
import { nameOf, withoutHelmLabels, type Rendered } from './support/objects.ts';
import { kustomize, manifestsFolder, render, type Values } from './support/programs.ts';

/** A kustomization and the values that bring the same objects. */
const pairs: readonly { readonly name: string; readonly values: Values; readonly folder: string }[] = [
  { name: 'manifests', values: {}, folder: '.' },
  { name: 'manifests/overlays/ha', values: { replicaCount: 2 }, folder: 'overlays/ha' },
  {
    name: 'manifests/overlays/namespaced',
    values: { watchNamespaces: ['modelarts-operator'] },
    folder: 'overlays/namespaced',
  },
];
const components: readonly { readonly name: string; readonly values: Values }[] = [
  { name: 'network-policy', values: { networkPolicy: { enabled: true } } },
  { name: 'service-monitor', values: { metrics: { serviceMonitor: { enabled: true } } } },
  {
    name: 'monitoring',
    values: {
      metrics: {
        serviceMonitor: { enabled: true },
        prometheusRule: { enabled: true },
        dashboard: { enabled: true },
      },
    },
  },
  { name: 'mirror-protection', values: { mirrorProtection: { enabled: true } } },
];

/** By name, without what only one of the two ways has: Helm's labels, and the Namespace. */
function comparable(objects: readonly Rendered[]): Record<string, unknown> {
  return Object.fromEntries(
    objects
      .filter(({ kind }) => kind !== 'Namespace')
      .map((object) => [nameOf(object), withoutHelmLabels(object)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
const withoutCRDs = (values: Values): Values => ({ ...values, crds: { enabled: false } });

describe('the chart and the manifests are the same, object by object:', () => {
  it.each(pairs)('$name', async ({ values, folder }) => {
    const [chart, manifests] = await Promise.all([
      render({ values: withoutCRDs(values) }),
      kustomize(join(manifestsFolder, folder)),
    ]);
    expect(comparable(manifests)).toEqual(comparable(chart));
  });

  it.each(components)('the component $name', async ({ name, values }) => {
    const folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-component-'));
    try {
      const path = (part: string): string => relative(folder, join(manifestsFolder, part));
      const kustomization = { resources: [path('base')], components: [path(`components/${name}`)] };
      await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
      const [chart, manifests] = await Promise.all([
        render({ values: withoutCRDs(values) }),
        kustomize(folder),
      ]);
      expect(comparable(manifests)).toEqual(comparable(chart));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('the CRDs are those of the program', async () => {
    const kept = { 'helm.sh/resource-policy': 'keep' };
    const crds = (await render()).filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(crds.map(({ metadata }) => metadata.annotations)).toEqual(crds.map(() => kept));
    const sorted = (objects: readonly { metadata: { name: string }; spec: unknown }[]): unknown[] =>
      objects.map(({ metadata, spec }) => [metadata.name, spec]).sort();
    const expected = customResourceDefinitions();
    expect(sorted(crds as unknown as typeof expected)).toEqual(sorted(expected));
  });
});

describe('the roles of the chart', () => {
  const rightsOf = (roles: readonly Rendered[], namespace?: string): string[] =>
    roles
      .flatMap(
        ({ rules }) => rules as Record<'apiGroups' | 'resources' | 'verbs' | 'resourceNames', string[]>[],
      )
      .flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            resourceNames.flatMap((name) =>
              verbs.map((verb) => [group, resource, name, verb, namespace ?? ''].join(' ')),
            ),
          ),
        ),
      );

  it.each([1, 6])('grant what the operator needs with %d shards, and no more', async (shards) => {
    const namespace = 'modelarts-operator';
    const objects = await render({ name: 'other', values: { shards, replicaCount: shards } });
    const named = (kind: string, name: string): Rendered[] =>
      objects.filter((object) => object.kind === kind && object.metadata.name === name);
    const granted = [
      ...rightsOf(named('ClusterRole', 'other-modelarts-operator')),
      ...rightsOf(named('Role', 'other-modelarts-operator-leader-election'), namespace),
    ];
    const place = { namespace, name: 'other-modelarts-operator', shards };
    const needed = requiredRights(place).map(
      ({ group, resource, subresource, name = '', verb, namespace = '' }) =>
        [
          group,
          [resource, subresource].filter((part) => part !== undefined).join('/'),
          name,
          verb,
          namespace,
        ].join(' '),
    );
    expect(granted.sort()).toEqual(needed.sort());
  });

  it('let editors make projects only where that is asked for', async () => {
    const edit = async (values: Values): Promise<unknown> =>
      (await render({ values })).find(({ metadata }) => metadata.name.endsWith('-edit'))?.rules;
    const writing = (resource: string): object => ({
      apiGroups: ['modelarts-operator.dev'],
      resources: [resource],
      verbs: ['create', 'update', 'patch', 'delete'],
    });
    expect(await edit({})).toEqual([writing('modelartspools')]);
    expect(await edit({ rbac: { aggregateProjectsToEdit: true } })).toEqual([
      writing('modelartspools'),
      writing('modelartsprojects'),
    ]);
    expect(await edit({ rbac: { aggregateToEdit: false } })).toBeUndefined();
  });
});
