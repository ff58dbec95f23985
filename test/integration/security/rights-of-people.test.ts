import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { root } from '../../../tools/run-command.ts';
import { testCluster } from '../../support/control-plane.ts';
import type { Rule } from '../kubernetes/support/identity.ts';
import { missed } from './support/rights.ts';

const rules = parseAllDocuments(readFileSync(join(root, 'manifests/base/user-roles.yaml'), 'utf8')).flatMap(
  (document) => (document.toJS() as { rules: Rule[] }).rules,
);
const kindsOf = (verb: string): string[] =>
  rules.flatMap(({ resources, verbs }) => (verbs.includes(verb) ? resources : []));

const pool = JSON.stringify({
  apiVersion: 'modelarts-operator.dev/v1alpha1',
  kind: 'ModelArtsPool',
  metadata: { name: 'declared' },
  spec: { projectRef: { name: 'demo' }, poolName: 'declared' },
});

/** What people can no longer do without a verb, and its words for kubectl. */
const needs: Readonly<Record<string, readonly (readonly [args: readonly string[], input?: string])[]>> = {
  get: [[['get', ...kindsOf('get').map((kind) => `${kind}/declared`)]]],
  list: [[['get', kindsOf('list').join()]]],
  watch: kindsOf('watch').map((kind) => [['get', kind, '--watch']]),
  create: [[['create', '-f', '-'], pool]],
  update: [[['replace', '-f', '-'], pool]],
  patch: [[['label', 'modelartspool/declared', 'team=vision']]],
  delete: [[['delete', 'modelartspool/declared']]],
};

describe('each right that people are given', () => {
  const { kubectl, uniqueNamespace } = testCluster();
  let namespace: string;

  const binding = (user: string, lost?: string): object[] => [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: user, namespace },
      rules: rules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== lost) })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: user, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    },
  ];
  /** What kubectl says that it may not. */
  async function refused(user: string, verb: string): Promise<string[]> {
    const answers = await Promise.all(
      needs[verb]!.map(([args, input]) =>
        kubectl([...args, `--namespace=${namespace}`, `--as=${user}`], input),
      ),
    );
    return missed(answers.map(({ stderr }) => stderr).join('\n'));
  }

  beforeAll(async () => {
    namespace = await uniqueNamespace('people');
    const items = [
      ...binding('lacks-nothing'),
      ...Object.keys(needs).flatMap((verb) => binding(`lacks-${verb}`, verb)),
      { ...(JSON.parse(pool) as object), metadata: { name: 'declared', namespace } },
    ];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { code, stdout, stderr } = await kubectl(['create', '-f', '-'], list);
    // Not that nothing stands in stderr: on a busy machine kubectl may say there that it waited.
    if (code !== 0) throw new Error(stderr);
    expect(stdout.match(/ created$/gm)).toHaveLength(items.length);
  });
  afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

  it.each([...new Set(rules.flatMap(({ verbs }) => verbs))])('is needed: %s', async (verb) => {
    expect((await refused(`lacks-${verb}`, verb)).sort()).toEqual(
      kindsOf(verb)
        .map((kind) => `${verb} ${kind}`)
        .sort(),
    );
  });

  it('suffices, all together', async () => {
    for (const verb of ['get', 'list', 'update', 'patch', 'delete', 'create'])
      expect(await refused('lacks-nothing', verb)).toEqual([]);
  });
});
