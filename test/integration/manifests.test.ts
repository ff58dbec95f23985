import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { kinds } from '../../src/api/kinds/registry.ts';
import { testCluster } from '../support/control-plane.ts';

const folder = join(import.meta.dirname, '..', '..', 'manifests');
const base = join(folder, 'base');
const files = readdirSync(base).filter((name) => name !== 'kustomization.yaml');

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly spec?: { readonly template: { readonly spec: Readonly<Record<string, unknown>> } };
}

const objects = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(base, file), 'utf8')).map((document) => document.toJS() as Manifest),
);
const named = (kind: string, name: string): Manifest => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`manifests/ holds no ${kind} ${name}`);
  return found;
};

describe('manifests', () => {
  const cluster = testCluster();

  beforeAll(async () => {
    const applied = await cluster.kubectl(['apply', '--server-side', '-f', join(base, 'namespace.yaml')]);
    expect(applied.stderr).toBe('');
  });

  it('are all listed in the kustomization', () => {
    const [kustomization] = parseAllDocuments(readFileSync(join(base, 'kustomization.yaml'), 'utf8'));
    expect([...(kustomization?.toJS().resources as string[])].sort()).toEqual([...files].sort());
  });

  it('are taken by the apiserver without a warning', async () => {
    const { code, stderr, stdout } = await cluster.kubectl([
      'apply',
      '--server-side',
      '--dry-run=server',
      '-k',
      folder,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });

  it('let pods of the operator pass the restricted Pod Security Standard', async () => {
    const spec = named('Deployment', 'modelarts-operator').spec?.template.spec;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'operator', namespace: 'modelarts-operator' },
      spec: { ...spec, serviceAccountName: undefined },
    };
    const answer = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(pod));
    expect(answer.stderr).toBe('');
    expect(answer.code).toBe(0);
  });

  it('give the operator these rights and no others', () => {
    const rights = (named('ClusterRole', 'modelarts-operator').rules ?? []).flatMap(
      ({ apiGroups, resources, verbs }) =>
        resources.map((resource) => `${apiGroups.join()}/${resource}: ${verbs.join(' ')}`),
    );
    expect(rights).toEqual([
      'modelarts-operator.dev/modelartsprojects: list watch',
      'modelarts-operator.dev/modelartspools: list watch create patch delete',
      'modelarts-operator.dev/modelartsworkloads: list watch create patch delete',
      'modelarts-operator.dev/modelartsresourcespecs: list watch create patch delete',
      'modelarts-operator.dev/modelartsprojects/status: update',
      'modelarts-operator.dev/modelartspools/status: update',
      'modelarts-operator.dev/modelartsworkloads/status: update',
      'modelarts-operator.dev/modelartsresourcespecs/status: update',
      '/secrets: get',
      'events.k8s.io/events: create patch',
    ]);
    expect(JSON.stringify(objects.flatMap(({ rules = [] }) => rules))).not.toContain('*');
  });

  it('let viewers see every kind, editors declare pools, and nobody make a project unasked', () => {
    expect(named('ClusterRole', 'modelarts-operator-view').rules).toEqual([
      {
        apiGroups: ['modelarts-operator.dev'],
        resources: expect.arrayContaining(kinds.map(({ plural }) => plural)),
        verbs: ['get', 'list', 'watch'],
      },
    ]);
    expect(named('ClusterRole', 'modelarts-operator-edit').rules).toEqual([
      {
        apiGroups: ['modelarts-operator.dev'],
        resources: ['modelartspools'],
        verbs: ['create', 'update', 'patch', 'delete'],
      },
    ]);
  });

  it('take the patches of docs/sharing.md, whose Role names the Lease of each shard', async () => {
    const page = readFileSync(join(folder, '..', 'docs', 'sharing.md'), 'utf8');
    const [, patches = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const place = mkdtempSync(join(tmpdir(), 'sharing-'));
    try {
      const kustomization = patches.replace('../manifests', relative(place, folder));
      writeFileSync(join(place, 'kustomization.yaml'), kustomization);
      const { stdout, stderr } = await cluster.kubectl(['kustomize', place]);
      expect(stderr).toBe('');
      const patched = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
      const text = JSON.stringify(patched.find(({ kind }) => kind === 'Deployment'));
      const shards = Number(/"--shards=([0-9]+)"/.exec(text)?.[1]);
      const role = patched.find(({ kind }) => kind === 'Role');
      expect(role?.rules?.map(({ verbs, resourceNames }) => ({ verbs, resourceNames }))).toEqual([
        { verbs: ['create', 'list'], resourceNames: undefined },
        {
          verbs: ['get', 'update'],
          resourceNames: Array.from({ length: shards }, (_, n) => `modelarts-operator-shard-${n}`),
        },
      ]);
      expect(text).toContain('"replicas":3');
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
