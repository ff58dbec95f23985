import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { kinds } from '../../../src/api/kinds/registry.ts';
import { buildGitopsHealth } from '../../../tools/gitops-health/build.ts';
import { root } from '../../../tools/run-command.ts';
import type { Stage } from '../../support/stage.ts';
import { openEveryState, reachEveryState, type States } from './every-state.ts';
import { judge, luaOf, type Verdict } from './verdicts.ts';

const program = await buildGitopsHealth().catch((error: Error) => error);
if (program instanceof Error)
  process.stderr.write(`skipped: what Argo CD and Flux say of our objects, because ${program.message}\n`);

/** Rows of the table in docs/gitops.md: kind, state, and what each tool says; `-` is nothing. */
const table = [
  ...readFileSync(join(root, 'docs', 'gitops.md'), 'utf8').matchAll(
    /^\| (ModelArts\w+) +\| `([^`]+)` +\| (\w+) +\| (\w+) +\| (\w+|-) +\|$/gm,
  ),
].map(([, kind, state, ...verdict]) => [`${kind} ${state}`, verdict.join(' ')] as const);

(program instanceof Error ? describe.skip : describe)(
  'objects of the operator, as the tools see them',
  () => {
    let stage: Stage;
    let states: States;
    let lua: Record<string, string>;
    const verdicts = new Map<string, Verdict>();

    beforeAll(async () => {
      stage = await openEveryState();
      states = await reachEveryState(stage);

      const namespace = ['--namespace', stage.namespace];
      await stage.kubectl(['create', 'configmap', 'argocd-cm', ...namespace]);
      const file = join(root, 'gitops', 'argocd', 'health-checks.yaml');
      const patched = await stage.kubectl([
        ...['patch', 'configmap', 'argocd-cm', ...namespace],
        ...['--type', 'merge', '--patch-file', file, '--output', 'json'],
      ]);
      expect(patched.stderr).toBe('');
      lua = luaOf((JSON.parse(patched.stdout) as { data: Record<string, string> }).data);

      const said = await judge(program as string, lua, [...states.values()]);
      for (const [i, state] of [...states.keys()].entries()) verdicts.set(state, said[i]!);
    });
    afterAll(() => stage.close());

    it('there is a health check for each kind', () => {
      expect(Object.keys(lua).sort()).toEqual(kinds.map(({ kind }) => kind).sort());
    });

    it('docs/gitops.md has a row for each state', () => {
      expect(table.map(([state]) => state).sort()).toEqual([...states.keys()].sort());
    });

    it.each(table)('%s: %s', (state, expected) => {
      const { argocd, kstatus, flux } = verdicts.get(state)!;
      expect([argocd.status, kstatus.status, flux?.status ?? '-'].join(' ')).toBe(expected);
      expect(argocd.message).not.toBe('');
    });

    it('an object without a status, of CRDs older than the default of status, waits in Argo CD', async () => {
      const bare = kinds.map(({ kind }) => ({
        apiVersion: 'modelarts-operator.dev/v1alpha1',
        kind,
        metadata: { name: 'bare', generation: 1 },
        ...(kind === 'ModelArtsPool' || kind === 'ModelArtsProject' ? { status: {} } : {}),
      }));
      const said = await judge(program as string, lua, bare);
      expect(said.map(({ argocd }) => argocd.status)).toEqual(kinds.map(() => 'Progressing'));
    });
  },
);
